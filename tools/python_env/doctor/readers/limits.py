"""How much of a foreign file is read: it is described, whatever it holds, in bounded memory."""

from __future__ import annotations

from python_env.base.archive.zip_directory import is_bomb
from python_env.doctor.archive import Kind, Member
from python_env.doctor.readers.wanted import Want, wanted

_MOST_TARGET = 4096
"""Bytes of a path, PATH_MAX of limits.h: a link that is longer leads nowhere."""

_MOST_TEXTS = 1 << 27
"""Bytes of all texts that are kept; those of 400 distributions have a third of it."""


class Limits:
    """What may still be read of one archive of that many bytes."""

    def __init__(self, size: int) -> None:
        self._size, self._texts, self._wheels = size, _MOST_TEXTS, 0

    def admits(self, member: Member, *, compressed: int) -> bool:
        """Return whether to read a member that has so many bytes in the archive; else it says why not."""
        if member.kind is Kind.LINK:
            member.unread = "a link that is longer than any path" if member.size > _MOST_TARGET else ""
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
