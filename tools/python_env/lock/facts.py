"""What a wheel says of itself, read from the index by range requests and remembered by digest."""

from __future__ import annotations

import functools
import hashlib
import http.client
import io
import json
import re
import socket
import ssl
import threading
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name, canonicalize_version

from python_env.base.documents import write_atomically
from python_env.base.errors import ToolError

_TAIL = 128 * 1024
"""Bytes read first: a wheel ends with its dist-info and its central directory."""

_UNREADABLE = (
    *(OSError, http.client.HTTPException, zipfile.BadZipFile, StopIteration, UnicodeDecodeError),
    *(RuntimeError, zlib.error, EOFError),  # encrypted, an unknown method, damaged, cut
)
"""What reading a member of a wheel can raise that is not one."""

_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")
_TIMEOUT_SECONDS = 60
_TRIES = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The METADATA fields that a closure depends on (core metadata), and the file's size."""

    name: str
    version: str
    requires: tuple[str, ...]
    requires_python: str
    size: int
    extras: tuple[str, ...] = ()
    """Normalised names of the extras that it has, sorted."""


class RangeFile(io.RawIOBase):
    """A remote file that is read by HTTP range requests; a server without ranges sends it whole."""

    def __init__(self, url: str, opener: urllib.request.OpenerDirector) -> None:
        self._url = url
        self._opener = opener
        self._position = 0
        self._segments: list[tuple[int, bytes]] = []
        self.size = 0
        self._fetch(f"bytes=-{_TAIL}")

    def _fetch(self, header: str) -> None:
        request = urllib.request.Request(self._url, headers={"Range": header, "Accept-Encoding": "identity"})
        body, content_range = _read(request, self._opener)
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", content_range)
        start, self.size = (int(match[1]), int(match[2])) if match else (0, len(body))
        self._segments.append((start, body))

    @property
    def whole(self) -> bytes | None:
        """Return the file's bytes when all of them came with the first answer."""
        start, body = self._segments[0]
        return body if start == 0 and len(body) == self.size else None

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position, in bytes from the start."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position; nothing is fetched."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes from the position, fetching what is not here yet."""
        end = self.size if size < 0 else min(self.size, self._position + size)
        data = self._held(self._position, end)
        if data is None:
            self._fetch(f"bytes={self._position}-{max(end, min(self.size, self._position + _TAIL)) - 1}")
            data = self._held(self._position, end) or b""
        self._position += len(data)
        return data

    def _held(self, start: int, end: int) -> bytes | None:
        for offset, body in self._segments:
            if offset <= start and end <= offset + len(body):
                return body[start - offset : end - offset]
        return None


_LOOK_UP = threading.Lock()


@functools.cache
def _look_up(host: str, port: int) -> str:
    return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])


def _connect(address: tuple[str, int], *rest: Any) -> socket.socket:
    """Connect to a host whose name is looked up once: of many simultaneous look-ups, name servers drop some."""
    with _LOOK_UP:
        place = _look_up(*address)
    return socket.create_connection((place, address[1]), *rest)


class _Connection(http.client.HTTPSConnection):
    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._create_connection = _connect


class _Handler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, request, context=self._context)  # type: ignore[attr-defined]  # set by its base


def _read(request: urllib.request.Request, opener: urllib.request.OpenerDirector) -> tuple[bytes, str]:
    for left in reversed(range(_TRIES)):
        try:
            with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return response.read(), response.headers.get("Content-Range") or ""
        except urllib.error.HTTPError as error:
            if error.code < 500 or not left:
                raise
        except OSError:
            if not left:
                raise
    raise AssertionError("unreachable")


def parse_metadata(text: str, *, size: int) -> Facts:
    """Return the facts in a METADATA text (core metadata)."""
    message = HeaderParser().parsestr(text)
    return Facts(
        name=canonicalize_name(message.get("Name", "")),
        version=canonicalize_version(message.get("Version", ""), strip_trailing_zero=False),
        requires=tuple(message.get_all("Requires-Dist") or ()),
        requires_python=message.get("Requires-Python") or "",
        size=size,
        extras=_extras(message.get_all("Provides-Extra") or (), message.get_all("Requires-Dist") or ()),
    )


def _extras(provided: Iterable[str], requires: Iterable[str]) -> tuple[str, ...]:
    """Return the stated extras, and those that only a marker names: old metadata leaves the statement out."""
    named = (extra for requirement in requires for extra in _EXTRA.findall(requirement))
    return tuple(sorted({str(canonicalize_name(extra)) for extra in (*provided, *named)}))


class FactSource:
    """Facts of wheels, by digest: from the cache folder, else from the index."""

    def __init__(self, cache: Path, environment: Mapping[str, str]) -> None:
        self._cache = cache
        context = ssl.create_default_context(cafile=environment.get("SSL_CERT_FILE"))
        self._opener = urllib.request.build_opener(_Handler(context=context))

    def get(self, *, url: str, sha256: str, file: str) -> Facts:
        """Return the facts of one wheel.

        Raises ToolError when the index does not serve it, or it holds no METADATA.
        """
        remembered = self._cache / f"{sha256}.json"
        try:
            stored = json.loads(remembered.read_bytes())
            return Facts(**{**stored, "requires": tuple(stored["requires"]), "extras": tuple(stored["extras"])})
        except (OSError, ValueError, TypeError, KeyError):
            facts = self._fetch(url, sha256, file)
        self._cache.mkdir(parents=True, exist_ok=True)
        write_atomically(remembered, json.dumps(asdict(facts), sort_keys=True).encode())
        return facts

    def download(self, url: str) -> bytes:
        """Return a file's bytes; raises ToolError when they cannot be had."""
        try:
            return _read(urllib.request.Request(url), self._opener)[0]
        except OSError as error:
            raise ToolError.one(
                f"it cannot be fetched: {type(error).__name__}: {error}",
                where=urlsplit(url)._replace(query="", fragment="").geturl(),
                fix="check the URL, and run the command again",
            ) from None

    def _fetch(self, url: str, sha256: str, file: str) -> Facts:
        try:
            remote = RangeFile(url, self._opener)
            with zipfile.ZipFile(remote) as wheel:
                found = [name for name in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
                if len(found) != 1:
                    raise zipfile.BadZipFile(f"{len(found)} files *.dist-info/METADATA")
                if remote.whole is not None and hashlib.sha256(remote.whole).hexdigest() != sha256:
                    raise zipfile.BadZipFile("its bytes have another sha256 than the index says")
                return parse_metadata(wheel.read(found[0]).decode("utf-8"), size=remote.size)
        except _UNREADABLE as error:
            raise ToolError.one(
                f"the metadata of {file} cannot be read: {type(error).__name__}: {error}",
                where=f"{file} on index alias default",
                fix="check the index that pip is configured with, and run the command again",
            ) from None
