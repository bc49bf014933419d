"""Which names may stand in an archive: relative, clean, and the same file on every system."""

from __future__ import annotations

import re
import string

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WINDOWS = re.compile(
    r'[<>:"|?*]|(^|/)(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|COM[1-9¹²³]|LPT[1-9¹²³])(\.[^/]*)?(/|$)|[. ](/|$)', re.IGNORECASE
)
"""Characters, device names and endings that Win32 takes for something else ("Naming Files, Paths, and Namespaces")."""

_DRIVE = re.compile(r"^[A-Za-z]:")
_PLAIN = (string.ascii_letters + string.digits + "_+-./").encode()
"""Characters of names that are plain, as nearly all are: five quick looks at each, a fifth of the time of the rest."""

_MOST_BYTES = 255
"""Longest file name that common file systems take, in bytes of UTF-8."""

_MOST_PATH = 1024
"""Longest path that macOS takes, in bytes (PATH_MAX); Linux takes 4096. Both count the folder that it lies in."""


def path_fault(name: str) -> str | None:
    """Return what is wrong with an archive member's name, or None."""
    if _is_plain(name):
        return None
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
    if not name.isascii() and any("\ud800" <= character <= "\udfff" for character in name):
        return "is not UTF-8"
    if len(name) * 4 > _MOST_BYTES and any(len(part.encode()) > _MOST_BYTES for part in parts):
        return f"has a part of more than {_MOST_BYTES} bytes"
    if len(name) * 4 > _MOST_PATH and len(name.encode()) > _MOST_PATH:
        return f"is longer than {_MOST_PATH} bytes"
    return None


def _is_plain(name: str) -> bool:
    short = len(name) <= _MOST_BYTES and name.isascii() and not name.encode().translate(None, _PLAIN)
    return short and name[:1] not in ("", "/", ".") and "/." not in name and "//" not in name


def windows_fault(name: str) -> str | None:
    """Return what Windows would make of a name that is fine elsewhere, or None."""
    match = _WINDOWS.search(name)
    return f"has {match[0]!r}, which Windows takes for something else" if match else None
