"""What no environment passes: who does wants the reader's memory or time."""

from __future__ import annotations

from typing import BinaryIO

_MOST_NAME = 4096
"""PATH_MAX of Linux, in bytes."""

_BOMB_SIZE = 1 << 30
_BOMB_RATIO = 100
"""What holds more than both (bytes, times its own size) is a bomb: environments have a ratio of 2 to 8."""


def check_name(name: str) -> str:
    """Return a member's name; raises ValueError when no system takes it."""
    if len(name) > _MOST_NAME:
        raise ValueError(f"a member's name has {len(name)} characters, Linux takes {_MOST_NAME}: {name[:40]!r}...")
    return name


def check_unpacked(unpacked: int, size: int) -> None:
    """Raise ValueError when `size` bytes of an archive hold too much."""
    if unpacked > max(_BOMB_SIZE, size * _BOMB_RATIO):
        raise ValueError(f"a bomb: {size} bytes would unpack to {unpacked} or more")


class Measured:
    """A stream that is inflated, and ends with ValueError where it is a bomb, whatever its headers say."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size, self._read = stream, size, 0

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        data = self._stream.read(size)
        self._read += len(data)
        check_unpacked(self._read, self._size)
        return data
