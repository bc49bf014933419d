"""What every store can do, and the faults that callers tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Progress = Callable[[int], None]
"""Is told how many bytes more were moved; a negative number takes back those of an attempt that failed."""

PIECE = 4 << 20
"""Bytes that are read at once."""


class StoreFault(Exception):
    """What a store refused; its text holds no secret."""


class Transient(StoreFault):
    """May pass: connection reset, time-out, 503, a node that stopped. What was asked for may have happened."""


class Unreachable(Transient):
    """Nothing answers there, or nothing for too long."""


class AlreadyThere(StoreFault):
    """Nothing was written: a file has that name."""


class Changed(StoreFault):
    """Nothing was written: another client replaced the file since it was read."""


class Missing(StoreFault):
    """No file has that name."""


class Denied(StoreFault):
    """No permission, or credentials that are missing or expired."""


class Full(StoreFault):
    """No space, or a quota is used up."""


class NoFile(StoreFault):
    """What has that name is no file: a link that leads to itself, a pipe, a folder."""


class Unsupported(StoreFault):
    """The service, or the client for it, does not know the request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stat:
    """A file of a store."""

    path: str
    """Relative to the place."""
    size: int
    modified: float
    """Seconds since the epoch by the *store's* clock."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A small file and which version of it was read."""

    data: bytes
    version: str


class Store(Protocol):
    """A folder of a service. Every path is relative to it.

    All methods raise Transient, Denied or Full beside what they name; a file appears whole or not at all.
    """

    def stat(self, path: str) -> Stat | None:
        """Return what is known of a file, or None."""

    def sha256(self, path: str, progress: Progress) -> str:
        """Read a file back and return its digest; raises Missing."""

    def put(self, source: Path, path: str, progress: Progress) -> None:
        """Write a file under a temporary name, which may be seen half-written where the service cannot hide it."""

    def publish(self, temporary: str, path: str, source: Path) -> None:
        """Give what was put its name, in one step and never over another file; `source` has the same bytes.

        Raises AlreadyThere, or Missing when the temporary file is gone.
        """

    def create(self, path: str, data: bytes) -> None:
        """Write a small file; raises AlreadyThere."""

    def read(self, path: str) -> Document | None:
        """Return a small file, or None."""

    def replace(self, path: str, data: bytes, version: str) -> None:
        """Write a small file over the version that was read; raises Changed when it is not that any more."""

    def list(self, folder: str) -> Sequence[Stat]:
        """Return the files of the place itself for ``, else all files below a folder of it; sorted by path."""

    def delete(self, path: str) -> None:
        """Remove a file; one that is gone already is no fault."""

    def sharing_warnings(self, path: str) -> Sequence[str]:
        """Return what keeps others, such as YARN's PUBLIC cache, from reading a file."""
