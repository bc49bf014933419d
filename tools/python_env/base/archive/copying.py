"""Whole files as they are: read in pieces that are never held together, and copied by the system where it can."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from io import FileIO
from typing import IO

_PIECE = 1 << 20
_MOST_WRITTEN = 1 << 17
"""As in output.py: larger writes may cost more."""

_MOST_COPIED = 1 << 30
"""Bytes that one call may copy: Linux copies at most 2 GiB at once."""

CANNOT = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF, errno.ETXTBSY})
"""Errors by which a kernel or file system says that it does not copy: copy_file_range(2)."""


def read_pieces(file: FileIO) -> Iterator[memoryview]:
    """Yield the content from the file's position on; a piece is valid until the next one is asked for."""
    buffer = memoryview(bytearray(_PIECE))
    while count := file.readinto(buffer):
        yield buffer[:count]


def copy_bytes(source: IO[bytes], target: FileIO) -> int:
    """Append the whole of `source` to `target` and return how many bytes that were."""
    copied = _copy_in_kernel(source.fileno(), target.fileno())
    if copied:
        return copied
    with FileIO(source.fileno(), closefd=False) as plain:
        for piece in read_pieces(plain):
            _write(target, piece)
            copied += len(piece)
    return copied


def _copy_in_kernel(source: int, target: int) -> int:
    """Return how many bytes the kernel copied: all, or none where it does not copy between these files."""
    if not hasattr(os, "copy_file_range"):
        return 0
    copied = 0
    while True:
        try:
            count = os.copy_file_range(source, target, _MOST_COPIED)
        except OSError as error:
            if copied or error.errno not in CANNOT:
                raise
            return 0
        if not count:
            return copied
        copied += count


def _write(target: FileIO, piece: memoryview) -> None:
    while piece:
        piece = piece[target.write(piece[:_MOST_WRITTEN]) :]
