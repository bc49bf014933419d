"""What a wheel says of itself, read from the index by range requests and remembered by digest."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import re
import urllib.error
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name, canonicalize_version

from python_env.base.documents import write_atomically
from python_env.base.errors import ToolError
from python_env.lock.indexes.web import Truncated, Web, http_fault

_TAIL = 128 * 1024
"""Bytes read first: a wheel ends with its dist-info and its central directory."""

_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


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


def parse_facts(document: Mapping[str, Any]) -> Facts:
    """Return the facts that `asdict` made a document of; raises TypeError or KeyError when they are none."""
    return Facts(**{**document, "requires": tuple(document["requires"]), "extras": tuple(document["extras"])})


class RangeFile(io.RawIOBase):
    """A remote file that is read by HTTP range requests; a server without ranges sends it whole."""

    def __init__(self, url: str, web: Web) -> None:
        self._url = url
        self._web = web
        self._position = 0
        self._segments: list[tuple[int, bytes]] = []
        self.size = 0
        self._fetch(f"bytes=-{_TAIL}")

    def _fetch(self, header: str) -> None:
        body, response = self._web.read(self._url, {"Range": header})
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range") or "")
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


_BROKEN = (
    *(OSError, http.client.HTTPException, Truncated, zipfile.BadZipFile, StopIteration, UnicodeDecodeError),
    *(NotImplementedError, RuntimeError, zlib.error, EOFError),  # encrypted, an unknown method, damaged, cut
)
"""What reading a member of a wheel can raise that is not one."""


def _open(url: str, web: Web) -> IO[bytes] | RangeFile:
    if url.startswith("file:"):
        return Path(unquote(urlsplit(url).path)).open("rb")
    return RangeFile(url, web)


def _known_digest(remote: IO[bytes] | RangeFile) -> str:
    """Return the sha256 of a file of this machine, or of one that came whole; else an empty string."""
    if isinstance(remote, RangeFile):
        return "" if remote.whole is None else hashlib.sha256(remote.whole).hexdigest()
    remote.seek(0)
    return hashlib.file_digest(remote, "sha256").hexdigest()  # type: ignore[arg-type]  # a file opened to be read


def _from_wheel(url: str, web: Web, sha256: str = "") -> tuple[bytes, int]:
    """Return METADATA and the size of a wheel, read from its end; what came whole is compared with its digest."""
    with _open(url, web) as remote, zipfile.ZipFile(remote) as wheel:
        found = [name for name in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        if len(found) != 1:
            raise zipfile.BadZipFile(f"{len(found)} files *.dist-info/METADATA")
        if sha256 and _known_digest(remote) not in ("", sha256):
            raise zipfile.BadZipFile("its bytes have another sha256 than the index says")
        return wheel.read(found[0]), remote.seek(0, io.SEEK_END)


def _told(
    what: Callable[[], tuple[bytes, int]], *, file: str, alias: str, environ: Mapping[str, str]
) -> tuple[bytes, int]:
    """Return what is read; what goes wrong becomes an error that names the alias, never the host."""
    try:
        return what()
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            raise http_fault(error, alias=alias, of=file, environ=environ) from None
        reason = f"{error.code} {error.reason}"
    except _BROKEN as error:
        reason = f"{type(error).__name__}: {error}"
    raise ToolError.one(
        f"the metadata of {file} cannot be read: {reason}",
        where=f"{file} on index alias {alias}",
        fix="check that index, and run the command again",
    )


def read_metadata(web: Web, url: str, file: str, beside: bool, alias: str) -> bytes:
    """Return the METADATA of a wheel: the file beside it where the index serves one (PEP 658), else out of the wheel.

    Raises ToolError when neither is to be had.
    """
    environ = web.credentials.environ
    if beside and not url.startswith("file:"):
        return _told(lambda: (web.read(f"{url}.metadata")[0], 0), file=file, alias=alias, environ=environ)[0]
    return _told(lambda: _from_wheel(url, web), file=file, alias=alias, environ=environ)[0]


class FactSource:
    """Facts of wheels, by digest: from the cache folder, else from the index.

    They come out of the wheel itself, whose digest is locked, also where the index serves its own METADATA beside it.
    """

    def __init__(self, cache: Path, environment: Mapping[str, str], web: Web | None = None) -> None:
        self._cache = cache
        self._web = web or Web(environment)

    def get(self, *, url: str, sha256: str, file: str) -> Facts:
        """Return the facts of one wheel.

        Raises ToolError when the index does not serve it, or it holds no METADATA.
        """
        known = self.remembered(sha256)
        if known is not None:
            return known
        facts = self._fetch(url, sha256, file)
        self._cache.mkdir(parents=True, exist_ok=True)
        write_atomically(self._cache / f"{sha256}.json", json.dumps(asdict(facts), sort_keys=True).encode())
        return facts

    def remembered(self, sha256: str) -> Facts | None:
        """Return the facts in the cache folder; None where they are not, or cannot be read."""
        try:
            return parse_facts(json.loads((self._cache / f"{sha256}.json").read_bytes()))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def download(self, url: str) -> bytes:
        """Return a file's bytes; raises ToolError when they cannot be had."""
        place = urlsplit(url)._replace(query="", fragment="").geturl()
        environ = self._web.credentials.environ
        return _told(lambda: (self._web.read(url)[0], 0), file=place, alias=self._web.alias_of(url), environ=environ)[0]

    def _fetch(self, url: str, sha256: str, file: str) -> Facts:
        def read() -> tuple[bytes, int]:
            data, size = _from_wheel(url, self._web, sha256)
            data.decode("utf-8")
            return data, size

        data, size = _told(read, file=file, alias=self._web.alias_of(url), environ=self._web.credentials.environ)
        return parse_metadata(data.decode("utf-8"), size=size)
