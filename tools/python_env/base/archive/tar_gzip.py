"""A .tar.gz as a sequence of gzip members (RFC 1952, 2.2), some of which are deflate streams of a wheel, unread.

A wheel states the CRC-32 and the size of every member, which is all that a gzip trailer needs. Headers and padding go
into members of their own, by deflate's fixed codes, generated files as stored blocks behind them (RFC 1951, 3.2.6 and
3.2.4): no byte depends on a compressor.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from python_env.base.archive import EXECUTABLE_MODE, FILE_MODE, TAR_MTIME
from python_env.base.archive.fixed_huffman import fixed_block
from python_env.base.archive.output import Output

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_BLOCK = 512
_RECORD = 20 * _BLOCK
_MOST_STORED = 0xFFFF
_MOST_OCTAL = 0o77777777777
_TRAILER = struct.Struct("<2L")


def _stored(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a deflate stream of stored blocks; the last one is empty and final."""
    for piece in pieces:
        for start in range(0, len(piece), _MOST_STORED):
            part = piece[start : start + _MOST_STORED]
            yield struct.pack("<BHH", 0, len(part), len(part) ^ 0xFFFF) + part
    yield b"\x01\x00\x00\xff\xff"


def _number(value: int) -> bytes:
    """Return a tar number field of 12 bytes: octal, or base-256 beyond 8 GiB (GNU)."""
    return b"%011o\x00" % value if value <= _MOST_OCTAL else b"\x80" + value.to_bytes(11, "big")


def _sum(head: bytes | bytearray) -> int:
    """Return the sum of a header's bytes: the low half of Adler-32 less one (RFC 1950, 8.2); no header has 65521."""
    return (zlib.adler32(head) & 0xFFFF) - 1


def tar_header(name: bytes, *, size: int, mode: int, kind: bytes, link: bytes = b"") -> bytes:
    """Return one GNU tar header block; owner and group are 0 and nameless, the clock stands still.

    `size` is the content's length in bytes, `mode` the permission bits, `kind` the type flag, `link` a link's target.
    """
    head = bytearray(_BLOCK)
    head[0 : len(name)] = name
    head[100:136] = b"%07o\x000000000\x000000000\x00%b" % (mode, _number(size))
    head[136:148] = b"%011o\x00" % TAR_MTIME
    head[148:156] = b" " * 8  # what the sum takes its own field for
    head[156:157] = kind
    head[157 : 157 + len(link)] = link
    head[257:265] = b"ustar  \x00"
    head[148:156] = b"%06o\x00 " % _sum(head)
    return bytes(head)


def _long(value: bytes, kind: bytes) -> bytes:
    """Return the GNU record that carries a name or link of more than 100 bytes, or nothing."""
    if len(value) <= 100:
        return b""
    body = value + b"\x00"
    head = tar_header(b"././@LongLink", size=len(body), mode=FILE_MODE, kind=kind)
    return head + body + b"\x00" * (-len(body) % _BLOCK)


@dataclass(slots=True)
class TarGzipWriter:
    """Appends files and links to an output; padding of one file travels with the header of the next."""

    output: Output
    _padding: int = 0
    _length: int = 0

    def _head_member(self, head: bytes, data: bytes = b"") -> None:
        """Write a header with what precedes it, and small content as it is behind it."""
        size = len(head) + len(data)
        blocks = [fixed_block(head, last=not data), *(_stored([data]) if data else ())]
        self.output.write(_GZIP_HEAD, *blocks, _TRAILER.pack(zlib.crc32(data, zlib.crc32(head)), size & 0xFFFFFFFF))
        self._length += size

    def _head(self, name: str, *, size: int, mode: int, kind: bytes = b"0", link: str = "") -> bytes:
        raw, raw_link = name.encode("utf-8"), link.encode("utf-8")
        block = tar_header(raw[:100], size=size, mode=mode, kind=kind, link=raw_link[:100])
        head = b"\x00" * self._padding + _long(raw_link, b"K") + _long(raw, b"L") + block
        self._padding = -size % _BLOCK
        return head

    def add_bytes(self, name: str, data: bytes, *, executable: bool = False) -> None:
        """Append a small file."""
        mode = EXECUTABLE_MODE if executable else FILE_MODE
        self._head_member(self._head(name, size=len(data), mode=mode), data)

    def add_link(self, name: str, target: str) -> None:
        """Append a symbolic link; `target` is relative and stays inside the archive."""
        self._head_member(self._head(name, size=0, mode=0o777, kind=b"2", link=target))

    def add_deflated(
        self, name: str, pieces: Iterable[bytes], *, crc: int, size: int, executable: bool = False
    ) -> None:
        """Append a file whose raw deflate stream is `pieces`; its content has the CRC-32 `crc` and `size` bytes."""
        mode = EXECUTABLE_MODE if executable else FILE_MODE
        self._head_member(self._head(name, size=size, mode=mode))
        write = self.output.write
        write(_GZIP_HEAD)
        for piece in pieces:
            write(piece)
        write(_TRAILER.pack(crc, size & 0xFFFFFFFF))
        self._length += size

    def add_stored(self, name: str, pieces: Iterable[bytes], *, crc: int, size: int, executable: bool = False) -> None:
        """Append a file whose content is `pieces`, `size` bytes with the CRC-32 `crc`."""
        self.add_deflated(name, _stored(pieces), crc=crc, size=size, executable=executable)

    def finish(self) -> str:
        """Write the end of the tar and return the sha256 (hex) of the whole file."""
        end = self._padding + 2 * _BLOCK
        end += -(self._length + end) % _RECORD
        self._padding = 0
        self._head_member(b"\x00" * end)
        return self.output.finish()
