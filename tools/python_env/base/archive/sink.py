"""Where an archive writer writes to: a file, or a member of another archive."""

from __future__ import annotations

import zlib
from typing import Protocol


class Sink(Protocol):
    """What takes an archive's bytes in turn."""

    def tell(self) -> int:
        """Return how many bytes were written."""

    def write(self, *pieces: bytes) -> None:
        """Append bytes."""

    def finish(self) -> str:
        """Write what is left and return the sha256 (hex) of the whole; empty where nobody asks for it."""


class Part:
    """An archive inside another one: offsets count from its own first byte. Without `into` it is only measured."""

    def __init__(self, into: Sink | None = None) -> None:
        self._into = into
        self._written = 0
        self.crc = 0

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._written

    def write(self, *pieces: bytes) -> None:
        """Append bytes."""
        for piece in pieces:
            self._written += len(piece)
            if self._into is None:
                self.crc = zlib.crc32(piece, self.crc)
        if self._into is not None:
            self._into.write(*pieces)

    def finish(self) -> str:
        """Return nothing: the archive around it has the digest."""
        return ""
