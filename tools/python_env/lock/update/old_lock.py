"""The old lock as a refresh finds it: whole, missing, broken, or with the conflict that git left in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from python_env.base.errors import Fault, ToolError
from python_env.lock.document import parse_lock
from python_env.lock.model import Lock, Section

_Row = TypeVar("_Row")
_MARKER = b"<<<<<<< "
_BASE, _OURS, _THEIRS = 1, 2, 3
"""Stages of git's index that hold the versions of a file in conflict (gitrevisions(7), `:<n>:<path>`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OldLock:
    """What is left of the last refresh."""

    lock: Lock | None = None
    """A lock that holds together; of a conflict the side that is checked out."""
    pins: Lock | None = None
    """What the refresh keeps versions, commits and digests of: `lock`, or both sides of a conflict. Only a mine of
    preferences: the sides' packages together need not be a closure."""
    faults: tuple[Fault, ...] = ()
    """Why nothing is kept."""
    in_conflict: bool = False


def read_old(path: Path, *, where: str, fix: str) -> OldLock:
    """Return the old lock; a missing or broken one costs its versions, never the refresh."""
    try:
        data = path.read_bytes()
        lock = parse_lock(data, where=where, fix=fix)
    except FileNotFoundError:
        return OldLock()
    except ToolError as error:
        sides = _sides(path) if _MARKER in data else {}
        return _joined(sides) or OldLock(faults=tuple(error.faults))
    return OldLock(lock=lock, pins=lock)


def _sides(path: Path) -> dict[int, Lock]:
    """Return by stage the locks that git merged.

    They come from git's index: the file's own two readings mix the sides where git merged lines cleanly.
    """
    found = {stage: _parsed(_show(path, stage)) for stage in (_BASE, _OURS, _THEIRS)}
    return {stage: lock for stage, lock in found.items() if lock is not None}


def _show(path: Path, stage: int) -> bytes:
    # a hook's GIT_DIR or GIT_INDEX_FILE may be another repository's
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "cat-file", "blob", f":{stage}:./{path.name}"]
    try:
        done = subprocess.run(command, cwd=path.parent, env=environ, capture_output=True, check=False)
    except OSError:  # no git here
        return b""
    return done.stdout if done.returncode == 0 else b""


def _parsed(data: bytes) -> Lock | None:
    try:
        return parse_lock(data, where="", fix="")
    except ToolError:
        return None


def _joined(sides: Mapping[int, Lock]) -> OldLock | None:
    base, ours, theirs = (sides.get(stage) for stage in (_BASE, _OURS, _THEIRS))
    one = ours or theirs
    if one is None:
        return None
    return OldLock(lock=one, pins=join_sides(base, ours, theirs) if ours and theirs else one, in_conflict=True)


def join_sides(base: Lock | None, ours: Lock, theirs: Lock) -> Lock:
    """Return our lock with their pins where only they moved or added one; where both moved one, ours holds."""
    tags = sorted(ours.sections.keys() | theirs.sections.keys())
    empty = replace(ours, files={}, sections={}, sources={})
    before = base or empty
    return replace(
        ours,
        files=_three_way(before.files, ours.files, theirs.files),
        sections={tag: _section(before, ours, theirs, tag) for tag in tags},
        sources=_three_way(before.sources, ours.sources, theirs.sources),
    )


def _section(base: Lock, ours: Lock, theirs: Lock, tag: str) -> Section:
    rows = [
        {package.name: package for package in lock.sections[tag].packages} if tag in lock.sections else {}
        for lock in (base, ours, theirs)
    ]
    packages = _three_way(rows[0], rows[1], rows[2], same=lambda package: package.version)
    section = ours.sections.get(tag) or theirs.sections[tag]
    return replace(section, packages=tuple(packages[name] for name in sorted(packages)))


def _three_way(
    base: Mapping[str, _Row],
    ours: Mapping[str, _Row],
    theirs: Mapping[str, _Row],
    same: Callable[[_Row], object] = lambda row: row,
) -> dict[str, _Row]:
    """Return the rows of both sides, without those that one side left as they were and the other removed.

    Ours come last, so that they hold where rows of several keys say where one thing lies.
    """

    def is_left(key: str, side: Mapping[str, _Row]) -> bool:
        return key in base and key in side and same(base[key]) == same(side[key])

    mine = {key: row for key, row in ours.items() if is_left(key, theirs) or not is_left(key, ours)}
    other = {key: row for key, row in theirs.items() if key not in mine and (key in ours or not is_left(key, theirs))}
    return {**other, **mine}
