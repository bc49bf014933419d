"""What no single entry of a lock shows: order, closedness, digests, and that every file, source and index is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from python_env.lock.entries.files import distribution
from python_env.lock.entries.reader import LockReader
from python_env.lock.model import Lock, LockedFile


def _check_digests(reader: LockReader, files: Mapping[str, LockedFile]) -> None:
    """Check that no digest stands at files of two distributions, or of two sizes."""
    first: dict[str, LockedFile] = {}
    for file in files.values():
        other = first.setdefault(file.sha256, file) if file.sha256 else file
        if (distribution(other.name), other.size) != (distribution(file.name), file.size):
            raise reader.error(f"the digest is that of {other.name}", f"files[{file.name!r}].sha256")


def _check_files(reader: LockReader, lock: Lock) -> None:
    aliases = {*lock.inputs.indexes, *(alias for _, alias in lock.inputs.index_bindings)}
    for name, file in lock.files.items():
        if file.index and file.index not in aliases:
            raise reader.error(f"{file.index!r} is not among inputs.indexes", f"files[{name!r}].index")
    for key, source in lock.sources.items():
        if source.index and source.index not in aliases:
            raise reader.error(f"{source.index!r} is not among inputs.indexes", f"sources[{key!r}].index")
        if strange := sorted(set(source.tools) - set(lock.sections)):
            raise reader.error(f"no such platform: {', '.join(strange)}", f"sources[{key!r}].tools")
    if strange := sorted({file.build for file in lock.files.values() if file.build} ^ set(lock.sources)):
        raise reader.error(f"no source, or no wheel that is built from it: {', '.join(strange)}", "sources")
    used = {package.file for section in lock.sections.values() for package in section.packages}
    used |= {file for source in lock.sources.values() for row in source.tools.values() for file in row}
    if unused := sorted(set(lock.files) - used):
        raise reader.error(f"no platform uses {', '.join(unused)}", "files")
    _check_digests(reader, lock.files)


def check_whole(reader: LockReader, lock: Lock, document: Mapping[str, Any]) -> None:
    """Check what no single field shows: digests, order, closedness, no file without a package or of a foreign index."""
    for tag, section in lock.sections.items():
        names = [package.name for package in section.packages]
        if names != sorted(set(names)):
            raise reader.error("packages are not sorted by name, or one stands twice", f"platforms[{tag!r}].packages")
        for i, package in enumerate(section.packages):
            missing = sorted(set(package.requires) - set(names))
            if missing:
                path = f"platforms[{tag!r}].packages[{i}].requires"
                raise reader.error(f"{package.name} requires {', '.join(missing)}, not in the closure", path)
    _check_files(reader, lock)
    if sorted(lock.sections) != sorted(lock.inputs.platforms):
        raise reader.error("the sections are not those of inputs.platforms", "platforms")
    for key, value in (("env_id", lock.env_id), ("request_id", lock.inputs.request_id)):
        if document.get(key) != value:
            raise reader.error(f"{key} does not fit the rest of the lock", key)
