"""Which names may stand in an archive: relative, clean, and the same file on every system."""

from __future__ import annotations

import enum
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


_LIST_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@~-]*")


def is_list_name(name: str) -> bool:
    """Return whether a file name can stand as it is in a URI, a list of Spark (no comma) and before an alias (no #)."""
    return _LIST_NAME.fullmatch(name) is not None


class PathFault(enum.StrEnum):
    """Why a name may not stand in an archive, as a clause about it."""

    ABSOLUTE = "is absolute"
    BACKSLASH = "has a backslash"
    CONTROL = "has a control character"
    LEAVES = "leaves the archive"
    NOT_NORMALISED = "is not normalised"
    NOT_UTF8 = "is not UTF-8"
    LONG_PART = f"has a part of more than {_MOST_BYTES} bytes"
    LONG = f"is longer than {_MOST_PATH} bytes"


def path_fault(name: str) -> PathFault | None:
    """Return what is wrong with an archive member's name, or None."""
    if _is_plain(name):
        return None
    if name.startswith("/") or _DRIVE.match(name):
        return PathFault.ABSOLUTE
    if "\\" in name:
        return PathFault.BACKSLASH
    if _CONTROL.search(name):
        return PathFault.CONTROL
    parts = name.removesuffix("/").split("/")
    if ".." in parts:
        return PathFault.LEAVES
    if "" in parts or "." in parts:
        return PathFault.NOT_NORMALISED
    if not name.isascii() and any("\ud800" <= character <= "\udfff" for character in name):
        return PathFault.NOT_UTF8
    if len(name) * 4 > _MOST_BYTES and any(len(part.encode()) > _MOST_BYTES for part in parts):
        return PathFault.LONG_PART
    if len(name) * 4 > _MOST_PATH and len(name.encode()) > _MOST_PATH:
        return PathFault.LONG
    return None


def _is_plain(name: str) -> bool:
    short = len(name) <= _MOST_BYTES and name.isascii() and not name.encode().translate(None, _PLAIN)
    return short and name[:1] not in ("", "/", ".") and "/." not in name and "//" not in name


def windows_fault(name: str) -> str | None:
    """Return what Windows would make of a name that is fine elsewhere, or None."""
    match = _WINDOWS.search(name)
    return f"has {match[0]!r}, which Windows takes for something else" if match else None
