"""A small index on this machine that a resolver asks instead of all the others, for as long as it runs.

So every resolver finds one index, and what is bound to an alias is looked up nowhere else, also when only another
distribution asks for it. It listens on 127.0.0.1 and is reached as a proxy, under a name that does not change: what the
resolver caches by URL stays good for the next run.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from python_env.base.documents import canonical_json, sha256_hex
from python_env.base.errors import ToolError
from python_env.lock.facts import read_metadata
from python_env.lock.index import Index
from python_env.lock.indexes.catalog import Catalog
from python_env.lock.indexes.page import Link

_NEVER = "1970-01-01T00:00:00Z"
"""Nothing is uploaded to a folder of the workspace: a cut-off date leaves out none of its files."""

_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    kind: str
    body: bytes


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, catalog: Catalog, prefix: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.catalog = catalog
        self.prefix = prefix
        self.bug: BaseException | None = None

    def handle_error(self, *_: object) -> None:
        """Keep what went wrong for the one who opened the gateway; a resolver that hangs up is no fault."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            self.bug = error


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answer a page, a METADATA or a file."""
        path = unquote(urlsplit(self.path).path)
        words = path.removeprefix(self.server.prefix).strip("/").split("/")
        try:
            if not path.startswith(self.server.prefix):
                self._send(_Reply(404, "text/plain", b""))
            elif words[0] == "simple" and len(words) == 2:
                self._send(_page(self.server.catalog, words[1]))
            elif words[0] == "files" and len(words) == 3:
                self._file(words[1], words[2])
            else:
                self._send(_Reply(404, "text/plain", b""))
        except ToolError as error:
            self.server.catalog.remember(error)
            # a status that no client tries again
            self._send(_Reply(400, "text/plain", b"the index failed"))

    def _file(self, name: str, file: str) -> None:
        catalog = self.server.catalog
        link = next((each for each in catalog.project(name) if each.file == file.removesuffix(".metadata")), None)
        if link is None:
            self._send(_Reply(404, "text/plain", b""))
        elif file.endswith(".metadata"):
            self._send(
                _Reply(200, "text/plain", read_metadata(catalog.web, link.url, link.file, link.metadata, link.index))
            )
        else:
            self._send(_Reply(200, "application/octet-stream", b"".join(catalog.blocks(link))))

    def _send(self, reply: _Reply) -> None:
        tag = f'"{sha256_hex(reply.body)}"'
        fresh = reply.status == 200 and self.headers.get("If-None-Match") == tag
        self.send_response(304 if fresh else reply.status)
        self.send_header("ETag", tag)
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", "0" if fresh else str(len(reply.body)))
        self.end_headers()
        if not fresh:
            self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the resolver's requests are no news."""


def _page(catalog: Catalog, name: str) -> _Reply:
    links = catalog.project(name)
    if not links:
        return _Reply(404, "text/plain", b"")
    files = [_entry(link, name, catalog) for link in links]
    versions = sorted({str(link.release[1]) for link in links if link.release})
    document = {"files": files, "meta": {"api-version": "1.1"}, "name": name, "versions": versions}
    return _Reply(200, _JSON, json.dumps(document, sort_keys=True).encode())


def _entry(link: Link, name: str, catalog: Catalog) -> dict[str, Any]:
    local = link.url.startswith("file:")
    digest = catalog.digest(link) if local else link.sha256
    stated = {
        "requires-python": link.requires_python,
        "size": link.size,
        "upload-time": _NEVER if local and _is_checked_in(link, catalog) else link.upload_time,
        "core-metadata": link.file.endswith(".whl"),
    }
    return {
        "filename": link.file,
        "hashes": {"sha256": digest} if digest else {},
        "url": f"../../files/{name}/{link.file}",
        "yanked": link.yanked or (link.yanked is not None),
        **{key: value for key, value in stated.items() if value},
    }


def _is_checked_in(link: Link, catalog: Catalog) -> bool:
    """Return whether a file's index is a folder of the workspace; a mirror in a folder has lost the upload times."""
    place = dict(catalog.indexes.urls).get(link.index, "")
    return bool(place) and "://" not in place


def _prefix(catalog: Catalog) -> str:
    """Return a path that is another one for other indexes, so that no cache mixes them up."""
    indexes = catalog.indexes
    places = {alias: place.url for alias, place in catalog.places.items()}
    digest = hashlib.sha256(canonical_json([indexes.order, indexes.bindings, places])).hexdigest()
    return f"/python-env/{digest[:16]}"


@contextmanager
def gateway(catalog: Catalog) -> Iterator[Index]:
    """Give the index that stands for all the catalog's, while it runs."""
    prefix = _prefix(catalog)
    server = _Server(catalog, prefix)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        proxy = f"http://127.0.0.1:{server.server_port}"
        yield Index(alias="", url=f"http://localhost{prefix}/simple", cert="", proxy=proxy)
    finally:
        server.shutdown()
        server.server_close()
        if server.bug is not None:
            raise server.bug
