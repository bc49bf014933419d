"""Compares what two files or folders are made of."""

from __future__ import annotations

import stat
from pathlib import Path

from support.differ.model import Difference, field_difference, raw_difference, walk
from support.differ.tars import gzip_difference, is_gzip, is_tar, tar_difference
from support.differ.texts import is_json, json_difference
from support.differ.zips import is_zip, zip_difference

_KINDS = (
    (is_gzip, gzip_difference),
    (is_tar, tar_difference),
    (is_json, json_difference),
    (is_zip, zip_difference),
)
"""A zip comes last: it is known by its end, and may be the last member of a tar."""


def bytes_difference(one: bytes, other: bytes) -> Difference | None:
    """Return the first difference of two contents, or None if they are equal.

    Where two archives hold the same and only the bytes between differ, or one is damaged, their offset is named.
    """
    if one == other:
        return None
    for is_kind, difference in _KINDS:
        if is_kind(one) and is_kind(other):
            try:
                found = difference(one, other, bytes_difference)
            except Exception as error:  # whatever a parser says of a damaged archive: the bytes differ all the same
                return raw_difference(one, other, f"content, of which one is damaged ({error}),")
            return found or raw_difference(one, other, "framing of equal parts")
    return raw_difference(one, other)


def path_difference(one: Path, other: Path, *, modes: bool = True) -> Difference | None:
    """Return the first difference of two files or folders, links and, if asked for, modes included, or None."""
    found = field_difference(_fields(one, modes), _fields(other, modes))
    if not found and one.is_dir() and not one.is_symlink():
        names = [sorted(path.name for path in folder.iterdir()) for folder in (one, other)]
        pairs = [(one / name, other / its) for name, its in zip(*names, strict=False)]
        return walk(names[0], names[1], lambda index: path_difference(*pairs[index], modes=modes))
    if not found and one.is_file():
        return bytes_difference(one.read_bytes(), other.read_bytes())
    return found


def _fields(path: Path, modes: bool) -> dict[str, object]:
    mode = path.lstat().st_mode
    link = str(path.readlink()) if stat.S_ISLNK(mode) else ""
    return {"kind": stat.filemode(mode)[0], "mode": f"{stat.S_IMODE(mode):o}" if modes else "", "link": link}
