"""Which names may stand in an archive: relative, clean, and the same file on every system."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"^[A-Za-z]:")
_MOST_BYTES = 255
"""Longest file name that common file systems take, in bytes of UTF-8."""


def path_fault(name: str) -> str | None:
    """Return what is wrong with an archive member's name, or None."""
    if name.startswith("/") or _DRIVE.match(name):
        return "is absolute"
    if "\\" in name:
        return "has a backslash"
    if _CONTROL.search(name):
        return "has a control character"
    parts = name.removesuffix("/").split("/")
    if ".." in parts:
        return "leaves the archive"
    if "" in parts or "." in parts:
        return "is not normalised"
    if len(name) > _MOST_BYTES and any(len(part.encode()) > _MOST_BYTES for part in parts):
        return f"has a part of more than {_MOST_BYTES} bytes"
    return None
