"""A wheel that a lock names, read back: one place, and the digest of what lies there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from python_env.base.distribution_names import canonical_name
from python_env.lock.entries.reader import LockReader, check_below, check_digest, check_size
from python_env.lock.model import LockedFile

_FILE_FIELDS: Mapping[str, Any] = {
    "build": "",
    "index": "",
    "local": "",
    "path": "",
    "sha256": "",
    "size": 0,
    "url": "",
}
"""What a file may state."""

_PLACES = (("index", "path"), ("url",), ("local",), ("build",))
"""Where a file may come from: each file states the fields of one of these."""


def parse_file(reader: LockReader, name: str, files: dict[str, Any], path: str) -> LockedFile:
    """Return a wheel; raises ToolError when its name, place, digest or size cannot be."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\.whl", name) or ".." in name:
        raise reader.error(f"{name!r} is not the name of a wheel", path)
    value = {**_FILE_FIELDS, **reader.take(files, name, dict, "files")}
    file = LockedFile(
        name=name, **{key: reader.take(value, key, type(default), path) for key, default in _FILE_FIELDS.items()}
    )
    stated = tuple(key for place in _PLACES for key in place if value[key])
    if stated not in _PLACES:
        raise reader.error("a file has an index and a path below it, or one of url, local and build", path)
    if not file.build:
        check_digest(reader, file.sha256, f"{path}.sha256")
    check_size(reader, file.size, f"{path}.size")
    for key in ("path", "local"):
        check_below(reader, value[key], f"{path}.{key}")
    return file


def distribution(file: str) -> str:
    """Return the normalised name of a wheel's distribution (PEP 427, PEP 503)."""
    return canonical_name(file.split("-")[0])
