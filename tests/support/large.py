"""Archives beyond 4 GiB that take little disk: zeros, as holes of a file or as one deflate block repeated."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from python_env.artifacts.install.plan import PlannedFile
from python_env.base.archive.output import Output
from python_env.base.archive.zip_read import DEFLATED, STORED, Entry

BLOCK = 1 << 26
GIB = 1 << 30
_POLYNOMIAL = 0xEDB88320


def crc_of_zeros(count: int) -> int:
    """Return the CRC-32 of so many zero bytes, without making them: the register's step, squared again and again."""
    step = [_POLYNOMIAL, *(1 << bit for bit in range(31))]
    state, bits = 0xFFFFFFFF, count * 8
    while bits:
        if bits & 1:
            state = _times(step, state)
        step = [_times(step, column) for column in step]
        bits >>= 1
    return state ^ 0xFFFFFFFF


def _times(matrix: list[int], vector: int) -> int:
    total = 0
    for bit, column in enumerate(matrix):
        if vector >> bit & 1:
            total ^= column
    return total


@dataclass(frozen=True)
class Zeros:
    """Stands for a wheel's archive: every member is zeros."""

    def raw(self, entry: Entry) -> Iterator[bytes]:
        """Yield a member as it would lie in a wheel."""
        if entry.method == STORED:
            zeros = bytes(BLOCK)
            yield from (zeros for _ in range(entry.size // BLOCK))
            yield bytes(entry.size % BLOCK)
            return
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
        block = compressor.compress(bytes(BLOCK)) + compressor.flush(zlib.Z_FULL_FLUSH)
        yield from (block for _ in range(entry.size // BLOCK))
        yield b"\x03\x00"


def large_file(path: str, size: int, *, method: int = STORED) -> PlannedFile:
    """Return a file of zeros; deflated ones have a whole number of BLOCKs."""
    compressed = size
    if method == DEFLATED:
        assert size % BLOCK == 0
        compressed = sum(map(len, Zeros().raw(Entry(path, method, 0, 0, 0, size, 0, False))))
    entry = Entry(path, method, 0, crc_of_zeros(size), compressed, size, 0, False)
    return PlannedFile(path=path, owner="large", source=Zeros(), entry=entry)  # type: ignore[arg-type]  # reads as one


def write_holes(output: Output, block: bytes) -> None:
    """Write a block, or leave a hole where it is zeros; nothing is digested, which would take longest."""
    if block.count(0) == len(block):
        output._file.seek(len(block), 1)
    else:
        output._file.write(block)
