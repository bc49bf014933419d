"""What a whole file holds, found by reading it once."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from python_env.base.archive.copying import read_pieces


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What a file was found to hold."""

    sha256: str
    """Hexadecimal."""
    crc: int
    size: int
    """In bytes."""


def file_sha256(path: Path) -> str:
    """Return the sha256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_content(path: Path) -> Content:
    """Return digest, CRC-32 and size of a file, read once; the interpreter lock is free while a piece is worked on."""
    digest, crc, size = hashlib.sha256(), 0, 0
    with path.open("rb", buffering=0) as file:
        for piece in read_pieces(file):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            size += len(piece)
    return Content(sha256=digest.hexdigest(), crc=crc, size=size)
