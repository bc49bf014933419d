"""A package index over HTTP that serves what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from support.wheels import sha256

USER, PASSWORD = "jane", "s3cr3t-p4ss"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    """Bytes of the body that are promised and not sent."""


class IndexServer(ThreadingHTTPServer):
    """Replies by path; everything else is 404."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, Reply] = {}
        self.private = False
        self.asked: list[str] = []

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        """Return the URL of the simple index."""
        return f"{self.origin}/simple"

    def url_with_password(self) -> str:
        """Return the URL as a person may configure it."""
        return self.url.replace("://", f"://{USER}:{quote(PASSWORD)}@")

    def has(self, name: str, *wheels: Path, attributes: str = "") -> None:
        """Serve a project's page and its wheels."""
        links = []
        for wheel in wheels:
            self.replies[f"/packages/{wheel.name}"] = Reply(wheel.read_bytes(), kind="application/zip")
            target = f"../../packages/{quote(wheel.name)}#sha256={sha256(wheel)}"
            links.append(f'<a href="{target}" {attributes}>{wheel.name}</a>')
        page = "<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>"
        self.replies[f"/simple/{name}/"] = Reply(page.encode())
        projects = [path.split("/")[2] for path in self.replies if path.startswith("/simple/") and path != "/simple/"]
        self.replies["/simple/"] = Reply("\n".join(f'<a href="{each}/">{each}</a>' for each in projects).encode())

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: IndexServer

    def do_GET(self) -> None:
        """Send the reply of the path."""
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(path if self.command == "GET" else f"{self.command} {path}")
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.server.private and self.headers.get("Authorization") != f"Basic {token}":
            self._send(Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="index"'}))
            return
        self._send(self.server.replies.get(path, Reply(status=404)))

    do_HEAD = do_GET

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body) + reply.cut))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def index_server() -> Iterator[IndexServer]:
    """Give a running server."""
    server = IndexServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
