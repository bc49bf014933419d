"""Locks made elsewhere: which files are such, and what makes a pin of what they state."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import replace

from packaging.markers import Marker
from packaging.requirements import Requirement

from python_env.base.errors import Fault
from python_env.requirements.direct import NotDirect, direct_asked
from python_env.requirements.foreign_lock_direct import Stated
from python_env.requirements.model import Asked, Choice
from python_env.requirements.toml_file import Document, TomlFile

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PYLOCK = re.compile(r"pylock(\.[^.]+)?\.toml")
_LEAVE_OUT = "or leave {name} out by `excludes`"


_OTHER_LOCKS = ("poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock")


def is_document(source: str) -> bool:
    """Return whether a file is no requirement file, by its name; `requirements.lock` is one (rye writes it)."""
    name = posixpath.basename(source)
    return name.endswith((".toml", ".py.lock")) or is_uv_lock(name) or name in _OTHER_LOCKS


def is_pylock(source: str) -> bool:
    """Return whether a file has a name of PEP 751."""
    return _PYLOCK.fullmatch(posixpath.basename(source)) is not None


def is_uv_lock(source: str) -> bool:
    """Return whether a file is uv's lock, by its name."""
    return posixpath.basename(source) == "uv.lock"


def make_pin(
    file: TomlFile,
    *,
    name: str,
    version: str,
    stated: Stated,
    marker: Marker | None,
    place: str,
    extras: str = "",
) -> Asked | None:
    """Return the pin of one package at `:line` or a key path, or None after a fault."""
    pin = f"=={version}" if version and not stated.reference else ""
    requirement = file.requirement(f"{name}{extras}{pin}", place)
    if requirement is None:
        return None
    line = int(place[1:]) if place.startswith(":") else 0
    requirement.marker = marker
    asked = Asked(requirement=requirement, source=file.source, line=line)
    if stated.reference:
        try:
            asked = direct_asked(requirement, stated.reference, source=file.source, marker=marker, line=line)
        except NotDirect as error:
            refuse(file, name=name, error=error, place=place)
            return None
    return replace(
        asked,
        key="" if line else place,
        hashes=tuple(sorted(set(stated.hashes))),
        pinned=True,
        editable=stated.editable,
        version=version if stated.reference else "",
    )


def check_hashes(file: TomlFile, *, name: str, version: str, hashes: Sequence[str], place: str) -> bool:
    """Return whether a package can be proved: it has files, and each has a sha256."""
    if not hashes:
        fix = f"lock it again from an index that has files of it, {_LEAVE_OUT.format(name=name)}"
        file.fault(f"{name} {version} has no files in the lock", place, fix)
        return False
    if bad := [each for each in hashes if not _SHA256.fullmatch(each)]:
        fix = "lock it again from an index that states sha256"
        file.fault(f"a file of {name} {version} has no sha256: {bad[0] or 'nothing'}", place, fix)
        return False
    return True


def refuse(file: TomlFile, *, name: str, error: NotDirect, place: str) -> None:
    """Note that a package cannot be taken from the lock, and why."""
    fix = f"{error.fix}, and take that lock; {_LEAVE_OUT.format(name=name)}"
    file.fault(f"{name} cannot be taken from the lock: {error.what}", place, fix)


def is_pin(requirement: Requirement) -> bool:
    """Return whether a requirement names exactly one version."""
    parts = list(requirement.specifier)
    return len(parts) == 1 and parts[0].operator in ("==", "===") and not parts[0].version.endswith(".*")


def hashed_pins(requirements: Sequence[Asked]) -> tuple[Asked, ...]:
    """Return the requirements as pins if all are pinned by `==` and hashed, else as they are.

    pip's hash-checking mode is all or nothing, too: one hash anywhere, and it demands a pin and a hash of everything
    that is installed, so that such files are complete:
    https://pip.pypa.io/en/stable/topics/secure-installs/#hash-checking-mode
    """
    if all(asked.pinned or (asked.hashes and is_pin(asked.requirement)) for asked in requirements):
        return tuple(replace(asked, pinned=True) for asked in requirements)
    return tuple(requirements)


def unknown_choices(documents: Sequence[Document], choice: Choice) -> list[Fault]:
    """Return a fault for every chosen extra and group that no file knows."""
    faults: list[Fault] = []
    rows = (
        ("extra", "extras", choice.extras, [(each.extras, each.scope.source, each.extras_key) for each in documents]),
        ("group", "groups", choice.groups, [(each.groups, each.scope.source, each.groups_key) for each in documents]),
    )
    for word, attribute, names, places in rows:
        known = sorted({name for each, _, _ in places for name in each})
        where = ", ".join(f"{source}: {key}" for _, source, key in places) or attribute
        fix = f"name one of: {', '.join(known)}" if known else f"remove it from `{attribute}`"
        if not places:
            fix = "list a pyproject.toml, pylock.toml or uv.lock in `requirements`, or remove it"
        faults += [Fault(f"there is no {word} {name}", where, fix) for name in names if name not in known]
    return faults
