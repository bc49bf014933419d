"""An HTTP proxy in front of one server that answers 503, cuts the connection, or refuses, for chosen requests."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

Judge = Callable[[int], str]
"""Number of the request, from 1, to `pass`, `reset` (before it), `lost` (after it was done), `hang`, or of ANSWERS."""

_ERROR = "<Error><Code>{}</Code><Message>{}</Message></Error>"
ANSWERS = {
    "503": (503, _ERROR.format("SlowDown", "Reduce your request rate.")),
    "denied": (403, _ERROR.format("AccessDenied", "Access Denied")),
    "expired": (400, _ERROR.format("ExpiredToken", "The provided token has expired.")),
    "full": (507, _ERROR.format("QuotaExceeded", "The quota of this bucket is used up.")),
    "skewed": (403, _ERROR.format("RequestTimeTooSkewed", "The difference between the times is too large.")),
}
"""What S3 and its like say."""
_SILENCE = 60
"""Seconds; whoever asked has gone by then."""


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target: str
    judge: Judge
    numbers: Iterator[int]

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def handle_any(self) -> None:
        """Forward, or fault."""
        verdict = type(self).judge(next(self.numbers))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if verdict in ANSWERS:
            status, text = ANSWERS[verdict]
            self._answer(status, {}, text.encode())
        elif verdict == "hang":
            time.sleep(_SILENCE)
            self._cut()
        elif verdict == "reset":
            self._cut()
        else:
            self._forward(body, lost=verdict == "lost")

    def _forward(self, body: bytes, *, lost: bool) -> None:
        connection = http.client.HTTPConnection(self.target)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if lost:
            self._cut()
        else:
            self._answer(answer.status, dict(answer.getheaders()), data)

    def _answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
        head = self.command == "HEAD"
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "connection") and (head or name.lower() != "content-length"):
                self.send_header(name, value)
        if not head:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if not head:
            self.wfile.write(data)

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):  # whoever asked has gone
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any


@contextlib.contextmanager
def flaky_proxy(target: str, judge: Judge) -> Iterator[str]:
    """Give the URL of a proxy to `host:port`."""
    handler = type("Proxy", (_Proxy,), {"target": target, "judge": staticmethod(judge), "numbers": count(1)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
