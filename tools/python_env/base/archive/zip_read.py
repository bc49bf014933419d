"""A zip's table of contents, read strictly: what is ambiguous or hostile is refused, not interpreted.

Layout and field names as in APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16.
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from python_env.base.archive.paths import path_fault
from python_env.base.errors import Fault, ToolError

STORED = 0
DEFLATED = 8

_EOCD = struct.Struct("<4s4H2LH")
_EOCD64_LOCATOR = struct.Struct("<4sLQL")
_EOCD64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")

_ENCRYPTED_OR_PATCHED = 0x1 | 0x20 | 0x40 | 0x2000
_DESCRIPTOR = 0x8
_UTF8 = 0x800
_UNIX = 3
_MOST_NEEDED = 63
"""Newest version of the format that a member may ask for (APPNOTE 4.4.3); what zipfile accepts, too."""

_MOST_DEFLATE = 1032
"""Deflate's highest ratio: a stream that is said to hold more is a lie."""

_LOCAL_SLACK = 512
"""Bytes read with a local header, so that most members come with one read."""


class Entry(NamedTuple):
    """One file of a zip."""

    name: str
    method: int
    flags: int
    crc: int
    compressed: int
    size: int
    offset: int
    """Of the local header, in bytes from the start of the file."""
    executable: bool


class ZipSource:
    """An open zip whose members are read raw."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._file = path.open("rb", buffering=0)
        self.size = os.fstat(self._file.fileno()).st_size
        self.entries = tuple(self._read_entries())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def error(self, what: str, where: str = "") -> ToolError:
        """Return an error about this archive."""
        place = f"{self.name}: {where}" if where else self.name
        return ToolError([Fault(what, place, "the file is damaged or hostile: lock another version of it")])

    def pread(self, size: int, offset: int) -> bytes:
        """Return `size` bytes from `offset`; fewer at the end of the file."""
        return os.pread(self._file.fileno(), size, offset)

    def raw(self, entry: Entry, *, chunk: int = 1 << 20) -> Iterator[bytes]:
        """Yield a member's bytes as they lie in the archive, in pieces of at most about `chunk` bytes.

        Raises ToolError when the local header contradicts the central directory.
        """
        wanted = _LOCAL.size + len(entry.name) + _LOCAL_SLACK + entry.compressed
        head = self.pread(min(wanted, chunk), entry.offset)
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

        Raises ToolError when one contradicts it.
        """
        for entry in self.entries:
            self._check_local(entry, self.pread(_LOCAL.size + len(_encode(entry)), entry.offset))

    def read(self, entry: Entry) -> bytes:
        """Return a member's content; meant for small ones, checked by size and CRC."""
        data = b"".join(self.raw(entry))
        if entry.method == DEFLATED:
            try:
                decoder = zlib.decompressobj(-15)
                data = decoder.decompress(data, entry.size + 1)
            except zlib.error as error:
                raise self.error(f"a member cannot be inflated: {error}", entry.name) from None
        if len(data) != entry.size or zlib.crc32(data) != entry.crc:
            raise self.error("a member's content does not fit its size and CRC", entry.name)
        return data

    def _check_local(self, entry: Entry, head: bytes) -> int:
        """Return where the data starts, from the local header's start."""
        if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
            raise self.error("a local header is missing", entry.name)
        _, _, flags, method, _, _, crc, compressed, size, name_length, extra_length = _LOCAL.unpack_from(head)
        name = head[_LOCAL.size : _LOCAL.size + name_length]
        said = (crc, compressed, size)
        deferred = flags & _DESCRIPTOR and said == (0, 0, 0)
        zip64 = compressed == 0xFFFFFFFF or size == 0xFFFFFFFF
        if (
            method != entry.method
            or name != _encode(entry)
            or not (deferred or zip64 or said == (entry.crc, entry.compressed, entry.size))
        ):
            raise self.error("a local header contradicts the central directory", entry.name)
        return int(_LOCAL.size + name_length + extra_length)

    def _read_entries(self) -> list[Entry]:
        count, length, start = self._end_record()
        directory = self.pread(length, start)
        entries: list[Entry] = []
        seen: set[str] = set()
        position = 0
        for _ in range(count):
            if directory[position : position + 4] != b"PK\x01\x02":
                raise self.error("the central directory is damaged")
            entry, position = self._parse_central(directory, position)
            if entry.name in seen:
                raise self.error("a name stands twice", entry.name)
            seen.add(entry.name)
            if not entry.name.endswith("/"):
                entries.append(entry)
        if position != length:
            raise self.error("the central directory holds more than it says")
        self._check_overlap(entries, start)
        return entries

    def _end_record(self) -> tuple[int, int, int]:
        """Return number of members, length and start of the central directory."""
        tail_start = max(0, self.size - _EOCD.size - 0xFFFF)
        tail = self.pread(self.size - tail_start, tail_start)
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < _EOCD.size:
            raise self.error("not a zip archive")
        _, disk, cd_disk, _, count, length, start, comment = _EOCD.unpack_from(tail, at)
        if at + _EOCD.size + comment != len(tail):
            raise self.error("something follows the end of the archive")
        if disk or cd_disk:
            raise self.error("the archive is one of several volumes")
        end = tail_start + at
        if 0xFFFF in (count,) or 0xFFFFFFFF in (length, start):
            count, length, start, end = self._zip64_record(end)
        if start + length != end:
            raise self.error("the central directory is not where the archive says, or something precedes the archive")
        return count, length, start

    def _zip64_record(self, end: int) -> tuple[int, int, int, int]:
        locator = self.pread(_EOCD64_LOCATOR.size, end - _EOCD64_LOCATOR.size)
        if len(locator) != _EOCD64_LOCATOR.size or locator[:4] != b"PK\x06\x07":
            raise self.error("the zip64 locator is missing")
        position = _EOCD64_LOCATOR.unpack(locator)[2]
        record = self.pread(_EOCD64.size, position)
        if len(record) != _EOCD64.size or record[:4] != b"PK\x06\x06":
            raise self.error("the zip64 record is missing")
        fields = _EOCD64.unpack(record)
        return fields[7], fields[8], fields[9], position

    def _parse_central(self, directory: bytes, position: int) -> tuple[Entry, int]:
        fields = _CENTRAL.unpack_from(directory, position)
        made_by, needed, flags, method = fields[1:5]
        crc, compressed, size, names, extras, comments, disk = fields[7:14]
        attributes, offset = fields[15:]
        start = position + _CENTRAL.size
        raw_name = directory[start : start + names]
        name = _decode(raw_name, flags)
        end = start + names + extras + comments
        if end > len(directory):
            raise self.error("the central directory is damaged", name)
        if needed > _MOST_NEEDED:
            raise self.error(f"a member needs version {needed / 10} of the format", name)
        if 0xFFFFFFFF in (compressed, size, offset):
            extra = directory[start + names : start + names + extras]
            compressed, size, offset = self._zip64_sizes(extra, compressed, size, offset, name)
        mode = attributes >> 16 if made_by >> 8 == _UNIX else 0
        entry = Entry(name, method, flags, crc, compressed, size, offset, bool(mode & 0o111))
        self._check_entry(entry, mode=mode, disk=disk)
        return entry, end

    def _zip64_sizes(self, extra: bytes, compressed: int, size: int, offset: int, name: str) -> tuple[int, int, int]:
        position = 0
        while position + 4 <= len(extra):
            kind, length = struct.unpack_from("<HH", extra, position)
            if kind == 1:
                body = extra[position + 4 : position + 4 + length]
                values = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
                try:
                    size = next(values) if size == 0xFFFFFFFF else size
                    compressed = next(values) if compressed == 0xFFFFFFFF else compressed
                    offset = next(values) if offset == 0xFFFFFFFF else offset
                except StopIteration:
                    break
                return compressed, size, offset
            position += 4 + length
        raise self.error("a zip64 field is missing", name)

    def _check_entry(self, entry: Entry, *, mode: int, disk: int) -> None:
        fault = path_fault(entry.name)
        if fault:
            raise self.error(f"a member's name {fault}: {entry.name!r}")
        if entry.flags & _ENCRYPTED_OR_PATCHED:
            raise self.error("a member is encrypted", entry.name)
        if entry.method not in (STORED, DEFLATED):
            raise self.error(f"a member is compressed by method {entry.method}; only deflate is supported", entry.name)
        kind = stat.S_IFMT(mode)
        folder = entry.name.endswith("/")
        if kind not in (0, stat.S_IFDIR if folder else stat.S_IFREG):
            raise self.error("a member is neither a file nor a directory", entry.name)
        lying = entry.size > entry.compressed * _MOST_DEFLATE + _MOST_DEFLATE
        if disk or lying or (entry.method == STORED and entry.size != entry.compressed):
            raise self.error("a member's sizes contradict each other", entry.name)

    def _check_overlap(self, entries: list[Entry], directory_start: int) -> None:
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.offset):
            if entry.offset < end:
                raise self.error("members overlap", entry.name)
            end = entry.offset + _LOCAL.size + len(_encode(entry)) + entry.compressed
        if end > directory_start:
            raise self.error("members overlap the central directory")


def _decode(name: bytes, flags: int) -> str:
    if flags & _UTF8:
        return name.decode("utf-8", errors="backslashreplace")
    return name.decode("cp437")


def _encode(entry: Entry) -> bytes:
    return entry.name.encode("utf-8") if entry.flags & _UTF8 else entry.name.encode("cp437", errors="replace")
