"""Our encoder of fixed Huffman codes against zlib's decoder."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_env.base.archive.fixed_huffman import fixed_block

RUNS = st.tuples(st.binary(max_size=30), st.integers(0, 1200)).map(lambda pair: pair[0] + bytes(pair[1]))
CONTENTS = st.binary(max_size=3000) | st.lists(RUNS, max_size=12).map(b"".join)


def inflated(stream: bytes) -> bytes:
    """Return what a whole stream holds; fails for one without an end, or with something behind it."""
    decoder = zlib.decompressobj(-15)
    data = decoder.decompress(stream)
    assert decoder.eof and not decoder.unused_data
    return data


@given(data=CONTENTS)
def test_zlib_reads_back_what_was_encoded(data: bytes) -> None:
    """Any bytes: ASCII, those of nine bits, runs of zeros."""
    assert inflated(fixed_block(data, last=True)) == data


@given(first=CONTENTS, second=CONTENTS)
def test_any_block_may_follow_one_that_is_not_the_last(first: bytes, second: bytes) -> None:
    """It ends with a whole byte: another fixed block or one of zlib's stands behind it."""
    head = fixed_block(first, last=False)
    assert inflated(head + fixed_block(second, last=True)) == first + second
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    assert inflated(head + compressor.compress(second) + compressor.flush()) == first + second


@pytest.mark.parametrize("byte", [b"", b"a", b"\x8f", b"\x90", b"\xff"])
def test_every_length_of_a_run_is_read_back(byte: bytes) -> None:
    """All length codes of RFC 1951, beside bytes of eight and of nine bits, and alone."""
    for count in range(1100):
        data = byte + bytes(count) + byte
        assert inflated(fixed_block(data, last=True)) == data, count


def test_the_bytes_are_those_of_the_standard() -> None:
    """Worked out by hand from RFC 1951, 3.2.6: bits of the block's head, of `a`, of a zero, its nine copies, the end.

    1 10 | 10010001 | 00110000 | 0000111 00000 | 0000000, filled up with zeros; each byte from its lowest bit on.
    """
    bits = "110" + "10010001" + "00110000" + "0000111" + "00000" + "0000000"
    expected = int(bits[::-1], 2).to_bytes(5, "little")
    assert fixed_block(b"a" + bytes(10), last=True) == expected


def test_a_header_of_a_tarball_takes_less_than_a_third() -> None:
    """What it is for: 512 bytes, most of them zeros."""
    assert len(fixed_block(b"lib/python3.11/site-packages/a/__init__.py" + bytes(470), last=True)) < 512 / 3
