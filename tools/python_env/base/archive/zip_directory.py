"""A zip's table of contents, parsed strictly: what is ambiguous or hostile is refused, not interpreted.

Layout and field names as in APPNOTE.TXT 6.3.10, sections 4.3.12 (central directory), 4.3.14 to 4.3.16 (its end).
"""

from __future__ import annotations

import stat
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from python_env.base.archive.paths import path_fault

STORED = 0
DEFLATED = 8
LOCAL = struct.Struct("<4s5H3L2H")
"""The local header, without name and extra field."""

ENCRYPTED_OR_PATCHED = 0x1 | 0x20 | 0x40 | 0x2000
"""Flags of members that are not plain data."""

UTF8 = 0x800
"""Flag of a member whose name is UTF-8, else code page 437."""

_EOCD = struct.Struct("<4s4H2LH")
_EOCD64_LOCATOR = struct.Struct("<4sLQL")
_EOCD64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_IN_ZIP64 = 0xFFFFFFFF
_NEWEST = 63
"""Version needed to extract, times ten: the newest that APPNOTE defines."""

_KIND = 0o170000
"""Bits of a mode that say what a member is (S_IFMT)."""

_MOST_DEFLATE = 1032
"""Deflate's highest ratio: a stream that is said to hold more is a lie."""

_BOMB_SIZE = 100 << 20
_BOMB_RATIO = 100
"""What holds more than both (bytes, times its own size) is a bomb: of 240 popular wheels none passes a ratio of 8."""

_UNICODE_PATH = 0x7075
"""Extra field with a second name, which some readers take for the first one (APPNOTE 4.6.9)."""

Read = Callable[[int, int], bytes]
"""Returns `size` bytes from `offset`, fewer at the end of the file."""


class ZipFault(Exception):
    """What is wrong with an archive, and with which member; `more` are further faults of this kind."""

    def __init__(self, what: str, where: str = "", *, more: Sequence[ZipFault] = ()) -> None:
        super().__init__(what)
        self.faults: tuple[tuple[str, str], ...] = ((what, where), *(pair for one in more for pair in one.faults))


class Entry(NamedTuple):
    """One file of a zip."""

    name: str
    method: int
    flags: int
    crc: int
    """CRC-32 of the content."""
    compressed: int
    """Bytes in the archive."""
    size: int
    """Bytes of the content."""
    offset: int
    """Of the local header, in bytes from the start of the file."""
    executable: bool

    @property
    def raw_name(self) -> bytes:
        """Return the name as it stands in the archive."""
        if self.name.isascii():
            return self.name.encode()  # the same in both, and quickly
        return self.name.encode("utf-8" if self.flags & UTF8 else "cp437")


@dataclass(frozen=True, kw_only=True, slots=True)
class Directory:
    """What a zip holds."""

    files: tuple[Entry, ...]
    folders: tuple[Entry, ...]
    starts: Sequence[int]
    """Offsets of all local headers, sorted, and of the directory: no member reaches beyond the next one."""


def parse_directory(read: Read, size: int) -> Directory:
    """Return the contents of a zip of `size` bytes.

    Raises ZipFault for an archive that two readers could read differently.
    """
    count, length, start = _end_record(read, size)
    members = list(_members(read(length, start), count))
    _check_names(members)
    _check_total(members, size)
    starts = _starts(members, start)
    files = tuple(entry for entry in members if not entry.name.endswith("/"))
    folders = tuple(entry for entry in members if entry.name.endswith("/"))
    return Directory(files=files, folders=folders, starts=starts)


def zip64_sizes(extra: bytes, fields: Sequence[int]) -> tuple[int, ...]:
    """Return the fields (size, compressed, offset) with those that are all ones taken from the zip64 extra field.

    Raises ZipFault when that field is missing or too short (APPNOTE 4.5.3).
    """
    for kind, body in _extra_fields(extra):
        if kind == 1:
            values = iter(struct.unpack_from(f"<{len(body) // 8}Q", body))
            found = tuple(next(values, -1) if field == _IN_ZIP64 else field for field in fields)
            if -1 not in found:
                return found
    raise ZipFault("a zip64 field is missing")


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of the fields that stand behind a member's name (APPNOTE 4.5.1).

    Raises ZipFault for one that ends behind their end.
    """
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        if position + 4 + length > len(extra):
            raise ZipFault("an extra field is longer than there is")
        yield kind, extra[position + 4 : position + 4 + length]
        position += 4 + length


def check_second_name(extra: bytes, name: bytes) -> None:
    """Raise ZipFault when an extra field gives a member another name (APPNOTE 4.6.9)."""
    for kind, body in _extra_fields(extra):
        if kind == _UNICODE_PATH and body[5:] != name:
            raise ZipFault(f"a member has a second name: {body[5:]!r}", name.decode("ascii", errors="backslashreplace"))


def _end_record(read: Read, size: int) -> tuple[int, int, int]:
    """Return number of members, length and start of the central directory."""
    tail_start = max(0, size - _EOCD.size - 0xFFFF)
    tail = read(size - tail_start, tail_start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _EOCD.size:
        raise ZipFault("not a zip archive")
    _, disk, directory_disk, here, count, length, start, comment = _EOCD.unpack_from(tail, at)
    if at + _EOCD.size + comment != len(tail):
        raise ZipFault("something follows the end of the archive")
    if disk or directory_disk or here != count:
        raise ZipFault("the archive is one of several volumes")
    end = tail_start + at
    if count == 0xFFFF or _IN_ZIP64 in (length, start):
        end -= _EOCD64.size + _EOCD64_LOCATOR.size
        count, length, start = _zip64_record(read, end)
    if start + length != end:
        raise ZipFault("the central directory is not where the archive says, or something precedes the archive")
    return count, length, start


def _zip64_record(read: Read, position: int) -> tuple[int, int, int]:
    """Return the numbers of the zip64 end record, which must lie at `position`, its locator directly behind it."""
    data = read(_EOCD64.size + _EOCD64_LOCATOR.size, max(position, 0))
    if len(data) != _EOCD64.size + _EOCD64_LOCATOR.size or data[_EOCD64.size :][:4] != b"PK\x06\x07":
        raise ZipFault("the zip64 locator is missing")
    _, record_disk, record, disks = _EOCD64_LOCATOR.unpack_from(data, _EOCD64.size)
    if data[:4] != b"PK\x06\x06" or record != position:
        raise ZipFault("the zip64 record is missing")
    _, _, _, _, disk, directory_disk, here, count, length, start = _EOCD64.unpack_from(data)
    if record_disk or disks > 1 or disk or directory_disk or here != count:
        raise ZipFault("the archive is one of several volumes")
    return count, length, start


def _members(directory: bytes, count: int) -> Iterator[Entry]:
    position = 0
    faults = []
    for _ in range(count):
        if directory[position : position + 4] != b"PK\x01\x02" or len(directory) - position < _CENTRAL.size:
            raise ZipFault("the central directory is damaged")
        entry, mode, disk, position = _parse_central(directory, position)
        try:
            _check_entry(entry, mode=mode, disk=disk)
        except ZipFault as fault:
            faults.append(fault)
        yield entry
    if position != len(directory):
        raise ZipFault("the central directory holds more than it says")
    if faults:
        raise ZipFault(*faults[0].faults[0], more=faults[1:])


def _parse_central(directory: bytes, position: int) -> tuple[Entry, int, int, int]:
    """Return a member, its mode, its volume, and where the next record starts.

    The mode counts whatever system is said to have made the archive, as installers take it.
    """
    fields = _CENTRAL.unpack_from(directory, position)
    _, _, needed, flags, method, _, _, crc, compressed, size, names, extras, comments, disk, _, bits, offset = fields
    start = position + _CENTRAL.size
    extra = start + names
    end = extra + extras + comments
    name = _decode(directory[start:extra], flags)
    if end > len(directory) or needed & 0xFF > _NEWEST:
        raise ZipFault("the central directory is damaged", name)
    if _IN_ZIP64 in (compressed, size, offset):
        size, compressed, offset = zip64_sizes(directory[extra : extra + extras], (size, compressed, offset))
    if extras:
        check_second_name(directory[extra : extra + extras], directory[start:extra])
    mode = bits >> 16
    return Entry(name, method, flags, crc, compressed, size, offset, bool(mode & 0o111)), mode, disk, end


def _decode(name: bytes, flags: int) -> str:
    if name.isascii():
        return name.decode("ascii")  # the same in both, and quickly
    if flags & UTF8:
        return name.decode("utf-8", errors="backslashreplace")  # a backslash is refused later on
    return name.decode("cp437")


def _check_entry(entry: Entry, *, mode: int, disk: int) -> None:
    fault = path_fault(entry.name)
    if fault:
        raise ZipFault(f"a member's name {fault}: {entry.name!r}")
    if entry.flags & ENCRYPTED_OR_PATCHED:
        raise ZipFault("a member is encrypted", entry.name)
    if entry.method not in (STORED, DEFLATED):
        raise ZipFault(f"a member is compressed by method {entry.method}; only deflate is supported", entry.name)
    folder = entry.name.endswith("/")
    if mode & _KIND not in (0, stat.S_IFDIR if folder else stat.S_IFREG):
        raise ZipFault("a member is neither a file nor a directory", entry.name)
    if disk or _sizes_lie(entry) or (folder and entry.size):
        raise ZipFault("a member's sizes contradict each other", entry.name)


def _sizes_lie(entry: Entry) -> bool:
    if entry.method == STORED:
        return entry.size != entry.compressed
    return entry.size > entry.compressed * _MOST_DEFLATE


def _check_names(members: Sequence[Entry]) -> None:
    seen: set[str] = set()
    for entry in members:
        name = entry.name.removesuffix("/")
        if name in seen:
            raise ZipFault("a name stands twice", entry.name)
        seen.add(name)


def is_bomb(total: int, size: int) -> bool:
    """Return whether no honest content of `total` bytes is packed into `size`."""
    return total > _BOMB_SIZE and total > size * _BOMB_RATIO


def _check_total(members: Sequence[Entry], size: int) -> None:
    total = sum(entry.size for entry in members)
    if is_bomb(total, size):
        raise ZipFault(f"the archive would unpack {size} bytes to {total}, more than {_BOMB_RATIO} times its size")


def _starts(members: Sequence[Entry], directory_start: int) -> Sequence[int]:
    ordered = sorted(members, key=lambda entry: entry.offset)
    starts = array("Q", [*(entry.offset for entry in ordered), directory_start])
    for entry, after in zip(ordered, starts[1:], strict=True):
        if entry.offset + LOCAL.size + len(entry.raw_name) + entry.compressed > after:
            raise ZipFault("members overlap", entry.name)
    if starts[0]:
        raise ZipFault("something precedes the archive's first member")
    return starts
