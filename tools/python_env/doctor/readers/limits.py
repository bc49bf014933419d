"""How much of a foreign file is read: what no environment passes is told or refused, in bounded memory.

A whole archive that is a bomb is refused; of a sound one with such a member the member is told.
"""

from __future__ import annotations

from typing import BinaryIO

from python_env.base.archive.zip_directory import is_bomb
from python_env.doctor.archive import Kind, Member
from python_env.doctor.readers.wanted import Want, wanted

_MOST_PATH = 4096
"""PATH_MAX of Linux, in bytes: of names, and of what links lead to."""

_MOST_TEXTS = 1 << 27
"""Bytes of all texts that are kept; those of 400 distributions have a third of it."""

_BOMB_SIZE = 1 << 30
_BOMB_RATIO = 100
"""What holds more than both (bytes, times its own size) is a bomb: environments have a ratio of 2 to 8."""


class Limits:
    """What may still be read of one archive of that many bytes."""

    def __init__(self, size: int) -> None:
        self._size, self._texts, self._wheels = size, _MOST_TEXTS, 0

    def admits(self, member: Member, *, compressed: int) -> bool:
        """Return whether to read a member that has so many bytes in the archive; else it says why not."""
        if member.kind is Kind.LINK:
            member.unread = "a link that is longer than any path" if member.size > _MOST_PATH else ""
        elif is_bomb(member.size, compressed):
            member.unread = f"it holds {member.size} bytes in {compressed}: nothing that is packed honestly does"
        elif wanted(member.name) is Want.WHOLE:
            self._texts -= member.size
            member.unread = f"texts of more than {_MOST_TEXTS} bytes stand before it" if self._texts < 0 else ""
        return not member.unread

    def admits_wheel(self, member: Member) -> bool:
        """Return whether to copy a wheel out of the archive, beside those before it; else it says why not."""
        if is_bomb(self._wheels + member.size, self._size):
            member.unread = f"its {member.size} bytes, and the wheels before it, come out of {self._size}"
            return False
        self._wheels += member.size
        return True


def check_name(name: str) -> str:
    """Return a member's name; raises ValueError when no system takes it."""
    if len(name) > _MOST_PATH:
        raise ValueError(f"a member's name has {len(name)} characters, Linux takes {_MOST_PATH}: {name[:40]!r}...")
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
