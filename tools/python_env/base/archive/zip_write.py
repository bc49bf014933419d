"""A zip written member by member: no data descriptors, no links, fixed clock; zip64 only where it must be."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from python_env.base.archive import EXECUTABLE_MODE, FILE_MODE, ZIP_DATE
from python_env.base.archive.sink import Part, Sink
from python_env.base.archive.zip_read import STORED

_LIMIT = 0xFFFFFFFF
_REGULAR = 0o100000
_VERSION = 20
_VERSION_ZIP64 = 45
_UTF8 = 0x800


@dataclass(slots=True)
class ZipWriter:
    """Appends members to an output and ends it with the central directory."""

    output: Sink
    _directory: list[bytes] = field(default_factory=list)

    def add_bytes(self, name: str, data: bytes, *, executable: bool = False) -> None:
        """Append a member that is stored as it is: its bytes depend on no compressor."""
        sizes = (len(data), len(data))
        self.add_raw(name, [data], method=STORED, crc=zlib.crc32(data), sizes=sizes, executable=executable)

    def add_raw(
        self,
        name: str,
        pieces: Iterable[bytes],
        *,
        method: int,
        crc: int,
        sizes: tuple[int, int],
        executable: bool = False,
    ) -> None:
        """Append a member whose bytes are compressed already.

        `sizes` are the compressed and the uncompressed size, in bytes; `pieces` must have the former in all.
        """
        self._begin(name, method=method, crc=crc, sizes=sizes, executable=executable)
        for piece in pieces:
            self.output.write(piece)

    def _begin(self, name: str, *, method: int, crc: int, sizes: tuple[int, int], executable: bool) -> None:
        compressed, size = sizes
        offset = self.output.tell()
        raw_name = name.encode("utf-8")
        flags = 0 if name.isascii() else _UTF8
        large = compressed >= _LIMIT or size >= _LIMIT
        extra = struct.pack("<HHQQ", 1, 16, size, compressed) if large else b""
        shown = (_LIMIT, _LIMIT) if large else sizes
        version = _VERSION_ZIP64 if large else _VERSION
        common = struct.pack("<5H3L2H", version, flags, method, 0, ZIP_DATE, crc, *shown, len(raw_name), len(extra))
        self.output.write(b"PK\x03\x04" + common + raw_name + extra)
        mode = _REGULAR | (EXECUTABLE_MODE if executable else FILE_MODE)
        self._directory.append(_central(raw_name, flags, method, crc, sizes, mode, offset))

    def add_archive(self, name: str, write: Callable[[ZipWriter], None]) -> None:
        """Append an archive that `write` writes, stored: once to learn its size and CRC, once into this one.

        Nothing of it is held; `write` must write the same bytes both times.
        """
        counted = Part()
        _write_part(counted, write)
        sizes = (counted.tell(), counted.tell())
        self._begin(name, method=STORED, crc=counted.crc, sizes=sizes, executable=False)
        _write_part(Part(self.output), write)

    def finish(self) -> str:
        """Write the central directory and return the sha256 (hex) of the whole file."""
        start = self.output.tell()
        for central in self._directory:
            self.output.write(central)
        length, count = self.output.tell() - start, len(self._directory)
        if start >= _LIMIT or count >= 0xFFFF or length >= _LIMIT:
            at = self.output.tell()
            record = (b"PK\x06\x06", 44, 3 << 8 | _VERSION_ZIP64, _VERSION_ZIP64, 0, 0, count, count, length, start)
            self.output.write(struct.pack("<4sQ2H2L4Q", *record) + struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1))
        count, length, start = min(count, 0xFFFF), min(length, _LIMIT), min(start, _LIMIT)
        self.output.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, length, start, 0))
        return self.output.finish()


def _write_part(part: Part, write: Callable[[ZipWriter], None]) -> None:
    writer = ZipWriter(part)
    write(writer)
    writer.finish()


def _central(name: bytes, flags: int, method: int, crc: int, sizes: tuple[int, int], mode: int, offset: int) -> bytes:
    compressed, size = sizes
    values = [value for value in (size, compressed, offset) if value >= _LIMIT]
    extra = struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""
    version = _VERSION_ZIP64 if values else _VERSION
    return (
        struct.pack(
            "<4s6H3L5H2L",
            b"PK\x01\x02",
            *(3 << 8 | version, version, flags, method, 0, ZIP_DATE),
            *(crc, min(compressed, _LIMIT), min(size, _LIMIT)),
            *(len(name), len(extra), 0, 0, 0),
            *(mode << 16, min(offset, _LIMIT)),
        )
        + name
        + extra
    )
