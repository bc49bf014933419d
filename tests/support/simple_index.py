"""A simple index (PEP 503) over HTTP, made by the tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from python_env.lock.index import Index
from support.wheels import make_wheel, sha256


class SimpleIndex(ThreadingHTTPServer):
    """Serves wheels of a folder; with `times` (by file name) its pages are JSON (PEP 691, 700), unless `html`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.digests = True
        self.status = 200
        self.times: dict[str, str] = {}
        self.html = False
        self.yanked: set[str] = set()
        self.asked: list[str] = []

    def add(self, name: str, version: str = "1.0", tag: str = "py3-none-any", *requires: str) -> Path:
        """Make a wheel that the index has from now on."""
        return make_wheel(self.folder, name, version, tag=tag, requires=requires)

    def add_sdist(self, name: str, version: str = "1.0", ending: str = ".tar.gz") -> Path:
        """Add a file that is no wheel."""
        file = self.folder / f"{name}-{version}{ending}"
        file.write_bytes(f"an sdist {file.name}".encode())
        return file

    @property
    def index(self) -> Index:
        """Return the index as the lock stage knows it; the password must stay in this process."""
        return Index(alias="default", url=f"http://me:s3cret@127.0.0.1:{self.server_port}/simple", cert="")

    def files(self, name: str) -> list[Path]:
        """Return the files of a project, by the name of its page."""
        return [
            file for file in sorted(self.folder.iterdir()) if file.name.split("-")[0].replace("_", "-").lower() == name
        ]


class Handler(BaseHTTPRequestHandler):
    """Answers GET for project pages and files."""

    server: SimpleIndex

    def do_GET(self) -> None:
        """Send a page, a file, or an error."""
        self.server.asked.append(self.path)
        head, _, name = unquote(self.path).rstrip("/").rpartition("/")
        if self.server.status != 200:
            self.send_error(self.server.status)
        elif head == "/files":
            self._send((self.server.folder / name).read_bytes(), "application/octet-stream")
        elif files := self.server.files(name):
            self._send(*(self._json(name, files) if self.server.times and not self.server.html else self._html(files)))
        else:
            self.send_error(404)

    def _html(self, files: list[Path]) -> tuple[bytes, str]:
        lines = []
        for file in files:
            digest = f"#sha256={sha256(file)}" if self.server.digests else ""
            yanked = ' data-yanked="broken"' if file.name in self.server.yanked else ""
            time = f' data-upload-time="{self.server.times[file.name]}"' if file.name in self.server.times else ""
            lines.append(f'<a href="/files/{file.name}{digest}"{yanked}{time}>{file.name}</a>')
        return f"<!DOCTYPE html><html><body>{''.join(lines)}</body></html>".encode(), "text/html"

    def _json(self, name: str, files: list[Path]) -> tuple[bytes, str]:
        rows = [
            {
                "filename": file.name,
                "hashes": {"sha256": sha256(file)},
                "upload-time": self.server.times.get(file.name, "2020-01-01T00:00:00Z"),
                "url": f"/files/{file.name}",
            }
            for file in files
        ]
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": rows}
        return json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json"

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def running(folder: Path) -> Iterator[SimpleIndex]:
    """Give a running index of a folder."""
    folder.mkdir()
    made = SimpleIndex(folder)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
