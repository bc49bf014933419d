"""The METADATA of a wheel, read out of the wheel's end by range requests."""

from __future__ import annotations

import hashlib
import http.client
import io
import re
import urllib.error
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from python_env.base.errors import ToolError
from python_env.lock.indexes.web import Truncated, Web, http_fault

_TAIL = 128 * 1024
"""Bytes read first: a wheel ends with its dist-info and its central directory."""

MOST_WHOLE = 1000 * 1000
"""A wheel up to this size is read whole where the server has no ranges; a larger one only if there is no other way."""


class RangeFile(io.RawIOBase):
    """A remote file that is read by HTTP range requests; a server without ranges sends it whole."""

    def __init__(self, url: str, web: Web, *, most_whole: int = 0) -> None:
        """Read the end; raises TooLarge where the server sends a larger file whole than is wanted (0: any)."""
        self._url = url
        self._web = web
        self._position = 0
        self._segments: list[tuple[int, bytes]] = []
        self.size = 0
        self._fetch(f"bytes=-{_TAIL}", limit=most_whole)

    def _fetch(self, header: str, *, limit: int = 0) -> None:
        body, response = self._web.read(self._url, {"Range": header}, limit=limit)
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


BROKEN = (
    *(OSError, http.client.HTTPException, Truncated, zipfile.BadZipFile, StopIteration, UnicodeDecodeError),
    *(NotImplementedError, RuntimeError, zlib.error, EOFError),  # encrypted, an unknown method, damaged, cut
)
"""What reading a member of a wheel can raise that is not one."""


def _open(url: str, web: Web, most_whole: int) -> IO[bytes] | RangeFile:
    if url.startswith("file:"):
        return Path(unquote(urlsplit(url).path)).open("rb")
    return RangeFile(url, web, most_whole=most_whole)


def _known_digest(remote: IO[bytes] | RangeFile) -> str:
    """Return the sha256 of a file of this machine, or of one that came whole; else an empty string."""
    if isinstance(remote, RangeFile):
        return "" if remote.whole is None else hashlib.sha256(remote.whole).hexdigest()
    remote.seek(0)
    return hashlib.file_digest(remote, "sha256").hexdigest()  # type: ignore[arg-type]  # a file opened to be read


def from_wheel(url: str, web: Web, sha256: str = "", *, most_whole: int = 0) -> tuple[bytes, int]:
    """Return METADATA and the size of a wheel, read from its end; what came whole is compared with its digest.

    Raises what is in BROKEN, and TooLarge as RangeFile does.
    """
    with _open(url, web, most_whole) as remote, zipfile.ZipFile(remote) as wheel:
        found = [name for name in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        if len(found) != 1:
            raise zipfile.BadZipFile(f"{len(found)} files *.dist-info/METADATA")
        if sha256 and _known_digest(remote) not in ("", sha256):
            raise zipfile.BadZipFile("its bytes have another sha256 than the index says")
        data = wheel.read(found[0])
        data.decode("utf-8")  # as core metadata demands
        return data, remote.seek(0, io.SEEK_END)


def told(
    what: Callable[[], tuple[bytes, int]], *, file: str, alias: str, environ: Mapping[str, str]
) -> tuple[bytes, int]:
    """Return what is read; what goes wrong becomes an error that names the alias, never the host."""
    try:
        return what()
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            raise http_fault(error, alias=alias, of=file, environ=environ) from None
        reason = f"{error.code} {error.reason}"
    except BROKEN as error:
        reason = f"{type(error).__name__}: {error}"
    raise ToolError.one(
        f"the metadata of {file} cannot be read: {reason}",
        where=f"{file} on index alias {alias}",
        fix="check that index, and run the command again",
    )
