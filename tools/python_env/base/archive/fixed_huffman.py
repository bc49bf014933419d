"""Deflate by the fixed Huffman codes of RFC 1951 (3.2.6), for small bytes that are mostly ASCII and zeros.

A compressor library is free to write other bytes tomorrow, or on another machine; these follow from the input alone.
Codes stand in the stream from their highest bit on, everything else from the lowest one on (3.1.1): a stream is one
large integer that grows at its upper end, and a code enters it with its bits reversed.
"""

from __future__ import annotations

import functools
import re

_RUN = re.compile(rb"(\0{5,})")
"""Zeros that a copy says shorter than literals would."""

_EIGHT_BITS = 144
"""Bytes below it have codes of 8 bits, from 00110000 on; the others of 9, from 110010000 on."""

_LONGEST = 258
_SHORTEST = 3
_SEVEN_BITS = 280
"""Lengths' symbols below it have codes of 7 bits, from 0000000 (256, the end) on; the others of 8, from 11000000 on."""

_DISTANCE_BITS = 5
"""Distance 1, the byte before, is symbol 0 and has no further bits."""

_NO_STORED_BYTES = b"\x00\x00\xff\xff"


def _reversed(code: int, width: int) -> int:
    return int(f"{code:0{width}b}"[::-1], 2)


_EIGHT = bytes(_reversed(0b00110000 + byte, 8) if byte < _EIGHT_BITS else 0 for byte in range(256))
_NINE = tuple(_reversed(0b110010000 + byte - _EIGHT_BITS, 9) for byte in range(_EIGHT_BITS, 256))


def fixed_block(data: bytes, *, last: bool) -> bytes:
    """Return a deflate block that holds `data`, in whole bytes.

    A block that is not the last is followed by an empty stored one, which fills its byte up (3.2.4): the next one
    starts at a byte.
    """
    stream, width = 0b010 | last, 3
    literals = _ascii_literals if data.isascii() else _literals
    for number, part in enumerate(_RUN.split(data)):
        if not part:
            continue  # before a run that the data begins with, or behind one that it ends with
        bits, count = _zeros(len(part)) if number % 2 else literals(part)
        stream |= bits << width
        width += count
    width += 7  # the block's end: seven zero bits
    if last:
        return stream.to_bytes((width + 7) // 8, "little")
    return stream.to_bytes((width + 3 + 7) // 8, "little") + _NO_STORED_BYTES


def _ascii_literals(data: bytes) -> tuple[int, int]:
    """Return the codes of ASCII, one after the other, and their width in bits."""
    return int.from_bytes(data.translate(_EIGHT), "little"), 8 * len(data)


def _literals(data: bytes) -> tuple[int, int]:
    """Return the codes of any bytes, one after the other, and their width in bits."""
    bits = width = 0
    for byte in data:
        wide = byte >= _EIGHT_BITS
        bits |= (_NINE[byte - _EIGHT_BITS] if wide else _EIGHT[byte]) << width
        width += 9 if wide else 8
    return bits, width


@functools.lru_cache(maxsize=4096)
def _zeros(count: int) -> tuple[int, int]:
    """Return the codes of `count` zeros, at least four: one literal, then copies of the byte before."""
    bits, width = _ascii_literals(b"\0")
    left = count - 1
    while left:
        # the last copy must not be too short
        length = left if left <= _LONGEST else min(_LONGEST, left - _SHORTEST)
        code, more = _copy(length)
        bits |= code << width
        width += more
        left -= length
    return bits, width


def _copy(length: int) -> tuple[int, int]:
    """Return the code of a copy of 3 to 258 bytes from distance 1, and its width (the table in 3.2.5)."""
    symbol, extra, extra_width = 285, 0, 0
    if length < _LONGEST:
        # four symbols for each number of extra bits, but for the first eight, which have none
        rest = length - _SHORTEST
        extra_width = max(rest.bit_length() - 3, 0)
        symbol = 257 + 4 * extra_width + (rest >> extra_width)
        extra = rest & ((1 << extra_width) - 1)
    if symbol < _SEVEN_BITS:
        code, width = _reversed(symbol - 256, 7), 7
    else:
        code, width = _reversed(0b11000000 + symbol - _SEVEN_BITS, 8), 8
    return code | extra << width, width + extra_width + _DISTANCE_BITS
