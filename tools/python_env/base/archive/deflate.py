"""Deflate streams whose bytes are the same on every machine.

The zlib of zlib.net gives the same bytes in every version that is in use; its rewrites (zlib-ng, Chromium's) do not.
Which one a machine has shows in the streams of a fixed text.
"""

from __future__ import annotations

import functools
import hashlib
import zlib

from python_env.base.archive.zip_read import DEFLATED, STORED
from python_env.base.errors import ToolError

_LEVEL = 6
_PROBE = "3212765d16e2c1e1b788cde46a329c1e49df4e82c179e95b19c88f8e11b96f04"
"""sha256 of the stream that zlib makes of the text of `_probe`."""


def deflated(data: bytes) -> tuple[bytes, int]:
    """Return the bytes and the method that a zip holds `data` by.

    Raises ToolError on a machine whose zlib makes other streams than zlib.net's.
    """
    check_zlib()
    raw = _stream(data)
    return (raw, DEFLATED) if len(raw) < len(data) else (data, STORED)


@functools.cache
def check_zlib() -> None:
    """Raise ToolError on a machine whose zlib makes other streams than zlib.net's."""
    if hashlib.sha256(_stream(_probe())).hexdigest() != _PROBE:
        raise ToolError.one(
            f"the zlib of the execution interpreter ({zlib.ZLIB_RUNTIME_VERSION}) is not that of zlib.net: "
            "what it compresses has other bytes than on other machines",
            where="the execution interpreter (toolchain //rules/toolchain:exec_type)",
            fix="run the tools on a CPython with zlib.net's zlib; or, of an interpreter, name a .zip or .jar (its "
            "streams are copied) or set compress = False; of compiled files, do without compile = True",
        )


def _stream(data: bytes) -> bytes:
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY)
    return compressor.compress(data) + compressor.flush()


def _probe() -> bytes:
    """Return a text with matches near and far, with noise, and of several blocks."""
    words = [hashlib.sha256(bytes([number])).hexdigest()[: number % 23 + 2].encode() for number in range(256)]
    order = b"".join(hashlib.sha256(number.to_bytes(4)).digest() for number in range(1024))
    return b" ".join(words[number] for number in order) + order
