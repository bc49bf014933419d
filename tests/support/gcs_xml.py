"""A server of ours that answers what obstore asks of Google Cloud Storage: its XML API, as Google's pages describe it.

It is no Google, and proves what we send and how we take the answers, not what Google does. Its source is
https://cloud.google.com/storage/docs/xml-api/reference-methods: put and copy with x-goog-if-generation-match (412
where another generation is there, 0 for none), multipart uploads, get, head, delete, list in pages.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

_PAGE = 3
"""Keys of a page, so that every list has several."""


@dataclass(frozen=True)
class Blob:
    """An object."""

    data: bytes
    generation: int
    modified: float

    @property
    def headers(self) -> dict[str, str]:
        """Return what every answer about it has."""
        tag = md5(self.data, usedforsecurity=False).hexdigest()
        modified = formatdate(self.modified, usegmt=True)
        return {"ETag": f'"{tag}"', "x-goog-generation": str(self.generation), "Last-Modified": modified}

    def row(self, name: str) -> str:
        """Return what a list says of it."""
        when = datetime.fromtimestamp(self.modified, UTC).isoformat()
        told = f"<LastModified>{when}</LastModified><ETag>{self.generation}</ETag><Size>{len(self.data)}</Size>"
        return f"<Contents><Key>{escape(name)}</Key>{told}</Contents>"


@dataclass
class Bucket:
    """The objects of all buckets by `bucket/name`, and the requests that came."""

    objects: dict[str, Blob] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def put(self, key: str, data: bytes, condition: str | None) -> Blob | None:
        """Write an object on that condition; None where it does not hold."""
        there = self.objects.get(key)
        if condition is not None and int(condition) != (there.generation if there else 0):
            return None
        self.objects[key] = Blob(data, next(self.numbers), time.time())
        return self.objects[key]

    def page(self, bucket: str, query: Mapping[str, str]) -> str:
        """Return a page of a list: keys, and prefixes up to the delimiter, in one order."""
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        names = sorted(key.partition("/")[2] for key in self.objects if key.startswith(f"{bucket}/{prefix}"))
        rows: dict[str, str] = {}
        for name in names:
            end = name.find(delimiter, len(prefix)) if delimiter else -1
            if end < 0:
                rows[name] = self.objects[f"{bucket}/{name}"].row(name)
            else:
                rows[name[: end + 1]] = f"<CommonPrefixes><Prefix>{escape(name[: end + 1])}</Prefix></CommonPrefixes>"
        left = [name for name in sorted(rows) if name > query.get("continuation-token", "")]
        shown = left[:_PAGE]
        more = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if left[_PAGE:] else ""
        return f"<ListBucketResult>{''.join(rows[name] for name in shown)}{more}</ListBucketResult>"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def _answer(self, status: int, text: str | bytes = b"", headers: Mapping[str, str] = MappingProxyType({})) -> None:
        body = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        key, query = unquote(parts.path).lstrip("/"), dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(size := int(self.headers.get("Content-Length") or 0))
        if len(body) < size:  # the client was killed: what it sent is nothing
            return
        with self.bucket.lock:
            self.bucket.requests.append(f"{self.command} {self.path}")
            if "/" not in key:
                self._answer(200, self.bucket.page(key, query))
            elif self.command in ("PUT", "POST"):
                self._write(key, query, body)
            else:
                self._read(key, query)

    def _write(self, key: str, query: Mapping[str, str], body: bytes) -> None:
        uploads = self.bucket.uploads
        if "uploads" in query:
            name = f"upload-{next(self.bucket.numbers)}"
            uploads[name] = {}
            told = f"<UploadId>{name}</UploadId>"
            return self._answer(200, f"<InitiateMultipartUploadResult>{told}</InitiateMultipartUploadResult>")
        if "partNumber" in query:
            uploads[query["uploadId"]][int(query["partNumber"])] = body
            return self._answer(200, headers=Blob(body, 0, 0).headers)
        if "uploadId" in query:
            numbers = [int(each) for each in re.findall(rb"<PartNumber>(\d+)</PartNumber>", body)]
            parts = uploads.pop(query["uploadId"])
            body = b"".join(parts[number] for number in numbers)
        if source := self.headers.get("x-goog-copy-source"):
            if (found := self.bucket.objects.get(unquote(source).lstrip("/"))) is None:
                return self._answer(404)
            body = found.data
        blob = self.bucket.put(key, body, self.headers.get("x-goog-if-generation-match"))
        if blob is None:
            return self._answer(412)
        told = f"<CompleteMultipartUploadResult><ETag>{blob.generation}</ETag></CompleteMultipartUploadResult>"
        return self._answer(200, told if "uploadId" in query else "", blob.headers)

    def _read(self, key: str, query: Mapping[str, str]) -> None:
        if "uploadId" in query:  # it is given up
            return self._answer(204 if self.bucket.uploads.pop(query["uploadId"], None) else 404)
        blob = self.bucket.objects.get(key)
        if blob is None:
            return self._answer(404)
        if self.command == "DELETE":
            del self.bucket.objects[key]
            return self._answer(204)
        return self._answer(200, blob.data, blob.headers)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _handle  # http.server calls them so

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def gcs_server() -> Iterator[tuple[str, Bucket]]:
    """Give the URL of a running server, and what it holds."""
    bucket = Bucket()
    handler = type("Handler", (_Handler,), {"bucket": bucket})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", bucket
        server.shutdown()
