"""What the checks look at: the members of an archive with what was read of them. No I/O."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from python_env.base.binary import Binary


class Format(enum.StrEnum):
    """What a file is, by its first and last bytes."""

    ZIP = "zip"
    TAR_GZ = "tar.gz"
    TAR = "tar"
    OTHER = "other"
    """A compression that no cluster unpacks: xz, bzip2, zstd."""


class Kind(enum.StrEnum):
    """What a member is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    HARD_LINK = "hard link"
    OTHER = "device"


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    """One member; `data`, `head` and `binary` only where `readers.wanted` asks for them."""

    name: str
    """As it stands in the archive, without a final slash or a leading ./"""
    kind: Kind = Kind.FILE
    size: int = 0
    mode: int | None = None
    """Permission bits; None where the archive has none."""
    target: str = ""
    """Of a link."""
    wheel: str = ""
    """The wheel inside the archive that holds it; its own name is then below site-packages."""
    head: bytes = b""
    """First bytes."""
    data: bytes | None = None
    """All bytes."""
    binary: Binary | None = None
    unread: str = ""
    """Why its content is not read: it cannot be inflated, or is larger than anything honest."""
    damaged: str = ""
    """Why its native headers cannot be read."""
    method: int = 0
    """Compression method of a zip."""
    stored_descriptor: bool = False
    """Stored, with a data descriptor behind it: where it ends is not known to who reads a stream."""
    encrypted: bool = False

    @property
    def label(self) -> str:
        """Return how messages name it."""
        return f"{self.wheel}: {self.name}" if self.wheel else self.name

    @property
    def base(self) -> str:
        """Return the last part of its name."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """A file with its members."""

    name: str
    """File name."""
    format: Format
    size: int
    members: tuple[Member, ...]
    packed: tuple[Member, ...] = ()
    """Members of the wheels that lie whole in it."""
    preamble: bytes = b""
    """What stands before the first member of a zip: its first line, cut."""
    has_preamble: bool = False
    unpacked_size: int = 0
