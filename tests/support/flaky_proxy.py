"""An HTTP proxy in front of one server that answers 503, cuts the connection, or refuses, for chosen requests."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

Judge = Callable[[int], str]
"""Number of the request, from 1, to `pass`, `503`, `reset` (before it), `lost` (after it was done) or `expired`."""

_EXPIRED = b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"


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
        if verdict == "503":
            self._answer(503, {}, b"<Error><Code>SlowDown</Code></Error>")
        elif verdict == "expired":
            self._answer(400, {}, _EXPIRED)
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
