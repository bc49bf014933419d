"""An open zip: its members raw, as they lie in the file, after their local headers were compared with the directory."""

from __future__ import annotations

import bisect
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from python_env.base.archive.zip_directory import (
    DEFLATED,
    ENCRYPTED_OR_PATCHED,
    LOCAL,
    STORED,
    UTF8,
    Entry,
    ZipFault,
    check_second_name,
    parse_directory,
    zip64_sizes,
)
from python_env.base.errors import Fault, ToolError

__all__ = ["DEFLATED", "STORED", "Entry", "ZipSource"]

_DESCRIPTOR = 0x8
_MOST_DESCRIPTOR = 24

_PIECE = 1 << 20
"""Most bytes that a stream is inflated to at a time, whatever it claims to hold."""

_AHEAD = 1 << 15
"""Bytes read at once where less is asked for: members are mostly small, and mostly asked for in their order."""

_SLACK = 512
"""Bytes read with a local header, so that most members come with one read."""


def _descriptors(entry: Entry) -> list[bytes]:
    """Return every way to write a member's data descriptor (APPNOTE 4.3.9)."""
    sizes = (entry.compressed, entry.size)
    codes = ["<L2Q"] if max(sizes) > 0xFFFFFFFF else ["<3L", "<L2Q"]
    plain = [struct.pack(code, entry.crc, *sizes) for code in codes]
    return [*plain, *(b"PK\x07\x08" + one for one in plain)]


class ZipSource:
    """An open zip whose members are read raw.

    Raises ToolError when the archive is damaged or hostile.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._file = path.open("rb", buffering=0)
        self.size = os.fstat(self._file.fileno()).st_size
        try:
            directory = parse_directory(self.pread, self.size)
        except ZipFault as fault:
            self.close()
            raise ToolError(self._fault(*one) for one in fault.faults) from None
        self.entries = directory.files
        self._folders = directory.folders
        self._starts = directory.starts
        self._window = (0, b"")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def error(self, what: str, where: str = "") -> ToolError:
        """Return an error about this archive."""
        return ToolError([self._fault(what, where)])

    def _fault(self, what: str, where: str) -> Fault:
        place = f"{self.name}: {where}" if where else self.name
        return Fault(what, place, "the file is damaged or hostile: lock another version of it")

    def pread(self, size: int, offset: int) -> bytes:
        """Return `size` bytes from `offset`; fewer at the end of the file."""
        return os.pread(self._file.fileno(), size, offset)

    def _read_ahead(self, size: int, offset: int) -> bytes:
        """Return what `pread` does; what lies behind it is kept for the next call."""
        if size >= _AHEAD:
            return self.pread(size, offset)
        start, window = self._window
        if not start <= offset <= offset + size <= start + len(window):
            start, window = self._window = offset, self.pread(_AHEAD, offset)
        return window[offset - start : offset - start + size]

    def raw(self, entry: Entry, *, chunk: int = 1 << 20) -> Iterator[bytes]:
        """Yield a member's bytes as they lie in the archive, in pieces of at most about `chunk` bytes.

        Raises ToolError when the local header contradicts the central directory.
        """
        wanted = LOCAL.size + len(entry.raw_name) + _SLACK + entry.compressed
        head = self._read_ahead(min(wanted, chunk), entry.offset)
        start = self._check_local(entry, head)
        data = head[start : start + entry.compressed]
        yield data
        position, left = entry.offset + start + len(data), entry.compressed - len(data)
        while left:
            data = self.pread(min(left, chunk), position)
            if not data:
                raise self.error("the file ends within a member", entry.name)
            yield data
            position, left = position + len(data), left - len(data)

    def check_local_headers(self) -> None:
        """Compare every local header with the central directory, for a file that is copied whole.

        Raises ToolError with every one that contradicts it.
        """
        faults: list[Fault] = []
        for entry in (*self.entries, *self._folders):
            try:
                self._check_local(entry, self.pread(LOCAL.size + len(entry.raw_name) + _SLACK, entry.offset))
            except ToolError as error:
                faults += error.faults
        if faults:
            raise ToolError(faults)

    def content(self, entry: Entry) -> Iterator[bytes]:
        """Yield a member's content in pieces.

        Raises ToolError, after the last piece at the latest, when the member's bytes are not one whole stream and
        nothing else, or hold something that does not fit its size and CRC.
        """
        size = crc = 0
        for piece in self._inflated(entry) if entry.method == DEFLATED else self.raw(entry):
            size, crc = size + len(piece), zlib.crc32(piece, crc)
            if size > entry.size:
                break
            yield piece
        if (size, crc) != (entry.size, entry.crc):
            raise self.error("a member's content does not fit its size and CRC", entry.name)

    def _inflated(self, entry: Entry) -> Iterator[bytes]:
        """Yield what a deflate stream holds (RFC 1951): a reader that goes on behind its end would find more."""
        decoder = zlib.decompressobj(-15)
        try:
            for data in self.raw(entry):
                while data:
                    yield decoder.decompress(data, _PIECE)
                    data = decoder.unconsumed_tail
            yield decoder.flush()
        except zlib.error as error:
            raise self.error(f"a member cannot be inflated: {error}", entry.name) from None
        if not decoder.eof:
            raise self.error("a member's stream has no end", entry.name)
        if decoder.unused_data:
            raise self.error("something follows the end of a member's stream", entry.name)

    def head(self, entry: Entry, size: int) -> bytes:
        """Return the first bytes of a member's content, which is not read further."""
        data = b""
        for piece in self.content(entry):
            data += piece
            if len(data) >= size:
                break
        return data[:size]

    def read(self, entry: Entry) -> bytes:
        """Return a member's content; meant for small ones, checked as `content` does."""
        return b"".join(self.content(entry))

    def _check_local(self, entry: Entry, head: bytes) -> int:
        """Return where the data starts, from the local header's start (APPNOTE 4.3.7)."""
        if len(head) < LOCAL.size or head[:4] != b"PK\x03\x04":
            raise self.error("a local header is missing", entry.name)
        _, _, flags, method, _, _, crc, compressed, size, name_length, extra_length = LOCAL.unpack_from(head)
        extra = LOCAL.size + name_length
        start = int(extra + extra_length)
        if start > len(head):
            head += self.pread(start - len(head), entry.offset + len(head))
        if 0xFFFFFFFF in (compressed, size):
            size, compressed = self._local_zip64(entry, head[extra:start], (size, compressed))
        said = (crc, compressed, size)
        deferred = flags & _DESCRIPTOR and said == (0, 0, 0)
        if (
            flags & ENCRYPTED_OR_PATCHED
            or method != entry.method
            or head[LOCAL.size : extra] != entry.raw_name
            or ((flags ^ entry.flags) & UTF8 and not entry.name.isascii())
            or not (deferred or said == (entry.crc, entry.compressed, entry.size))
        ):
            raise self.error("a local header contradicts the central directory", entry.name)
        self._check_behind(entry, entry.offset + start + entry.compressed, described=bool(flags & _DESCRIPTOR))
        if extra_length:
            self._check_second_name(entry, head[extra:start])
        return start

    def _check_behind(self, entry: Entry, end: int, *, described: bool) -> None:
        """Check that nothing follows a member's data but its descriptor: who reads a stream would take it for more."""
        gap = self._starts[bisect.bisect_right(self._starts, entry.offset)] - end
        if gap < 0:
            raise self.error("a local header contradicts the central directory", entry.name)
        found = self.pread(min(gap, _MOST_DESCRIPTOR), end) if gap else b""
        if len(found) != gap or found not in (_descriptors(entry) if described else [b""]):
            what = "a data descriptor that contradicts the central directory" if described else "something"
            raise self.error(f"{what} follows a member's data", entry.name)

    def _check_second_name(self, entry: Entry, extra: bytes) -> None:
        try:
            check_second_name(extra, entry.raw_name)
        except ZipFault as fault:
            raise self.error(str(fault), entry.name) from None

    def _local_zip64(self, entry: Entry, extra: bytes, sizes: tuple[int, int]) -> tuple[int, ...]:
        try:
            return zip64_sizes(extra, sizes)
        except ZipFault as fault:
            raise self.error(str(fault), entry.name) from None
