"""Bazel's HTTP cache: GET and PUT of /ac/<key> and /cas/<sha256>, kept in a folder; it can be full."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import NamedTemporaryFile

_NAME = re.compile(r"^/(?:.*/)?(ac|cas)/([0-9a-f]{64})$")


@dataclass(slots=True)
class HttpCache:
    """A running server."""

    store: Path
    url: str = ""
    full: bool = False
    """Whether it refuses writes."""
    refused: int = 0
    """Writes that were refused."""
    latency: float = 0.0
    """Seconds that pass before each answer."""

    def place(self, path: str) -> Path | None:
        """Return where the entry of a URL's path lies, or None for any other URL."""
        found = _NAME.match(path)
        return self.store / found[1] / found[2][:2] / found[2] if found else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # head and body are two packets: the second one would wait 40 ms for the first one's receipt
    disable_nagle_algorithm = True
    cache: HttpCache

    def do_GET(self) -> None:
        """Send an entry."""
        place = self.cache.place(self.path)
        found = place is not None and place.exists()
        self._reply(200 if found else 404, place.read_bytes() if place and found else b"")

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        """Keep an entry whose digest is right."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.cache.full:
            self.cache.refused += 1
            self._reply(507)
            return
        place = self.cache.place(self.path)
        wrong = place is None or ("/cas/" in self.path and hashlib.sha256(body).hexdigest() != place.name)
        if place and not wrong:
            _keep(place, body)
        self._reply(400 if wrong else 200)

    def _reply(self, code: int, body: bytes = b"") -> None:
        time.sleep(self.cache.latency)
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _keep(place: Path, body: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, delete=False) as file:
        file.write(body)
    Path(file.name).rename(place)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # Bazel 4.2.3 sends every blob of an action at once, and does not try a refused one again


@contextmanager
def http_cache(store: Path, *, latency: float = 0.0) -> Iterator[HttpCache]:
    """Give a server that keeps everything in a folder; it may be some seconds away."""
    cache = HttpCache(store, latency=latency)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"cache": cache}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    cache.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield cache
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[str]:
    """Give host and port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:  # the kernel accepts; nobody reads
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def spoil(store: Path) -> int:
    """Change a byte of every file below the `cas` of a store, this server's or buildbox-casd's; returns how many."""
    count = 0
    for path in (store / "cas").rglob("*"):
        if path.is_file() and path.stat().st_size:
            path.chmod(0o644)
            with path.open("r+b") as file:
                first = file.read(1)[0]
                file.seek(0)
                file.write(bytes([first ^ 1]))
            count += 1
    return count
