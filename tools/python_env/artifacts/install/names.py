"""Paths that the target's file system cannot hold side by side, or not at all."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from python_env.base.archive.paths import path_fault, windows_fault
from python_env.base.errors import Fault
from python_env.base.platforms import Os

INTERPRETER = "the interpreter inside"
"""Owner of the files that an interpreter in a venv brings, in words."""

ENVIRONMENT = "the environment itself"
"""Owner of the files that every artifact of a kind has, in words."""

_FOLDS = {Os.MACOS: "case and Unicode forms", Os.WINDOWS: "case"}
"""What file systems make one of, by os."""


def folded(path: str, os: Os) -> str:
    """Return the same text for all paths that the target's file system takes for one."""
    if os is Os.MACOS:
        path = unicodedata.normalize("NFD", path)
    if os in _FOLDS:
        path = path.casefold()
    return unicodedata.normalize("NFC", path) if os is Os.MACOS else path


def name_faults(owners: Mapping[str, str], os: Os) -> Iterator[Fault]:
    """Yield a fault for every path that the target's file system would take for another one; `owners` by path."""
    yield from _shadowed(owners, os)
    yield from _unusable(owners, os)
    if os in _FOLDS:
        yield from _same_when_folded(owners, os)


def _shadowed(owners: Mapping[str, str], os: Os) -> Iterator[Fault]:
    files = {folded(path, os): path for path in owners} if os in _FOLDS else owners
    if _folders(files).isdisjoint(files):
        return
    files = {folded(path, os): path for path in owners}
    for path, owner in owners.items():
        parent = folded(path, os).rpartition("/")[0]
        while parent:
            if parent in files:
                what = f"{files[parent]} is a file of {owners[files[parent]]} and a folder of {owner}"
                fix = "drop one of them from the requirements"
                yield Fault(what, path, _fix(fix, owners, (files[parent], path)))
            parent = parent.rpartition("/")[0]


def _folders(paths: Iterable[str]) -> set[str]:
    """Return every folder that a path lies in; each is met once, however many files it has."""
    folders: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in folders:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
    return folders


def _unusable(owners: Mapping[str, str], os: Os) -> Iterator[Fault]:
    for path, owner in owners.items():
        fault = path_fault(path) or (windows_fault(path) if os is Os.WINDOWS else None)
        if fault:
            yield Fault(f"the path {path!r} {fault}", owner, "constrain it to another version")


def _same_when_folded(owners: Mapping[str, str], os: Os) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for path, owner in owners.items():
        other = seen.setdefault(folded(path, os), path)
        if other != path:
            what = f"{other} of {owners[other]} and {path} of {owner} are one file on the target, which folds "
            what += _FOLDS[os]
            fix = "constrain one of them to a version without that file"
            yield Fault(what, path, _fix(fix, owners, (other, path)))


def _fix(of_wheels: str, owners: Mapping[str, str], paths: tuple[str, str]) -> str:
    """Return what is to be done about two paths: `of_wheels`, but where the interpreter inside brings one of them."""
    found = [path for path in paths if owners[path] == INTERPRETER][:1]
    if not found:
        return of_wheels
    left_out = f"leave it out where the interpreter is declared: leave_out = {json.dumps(found)}"
    is_ours = {owners[path] for path in paths} <= {INTERPRETER, ENVIRONMENT}
    return left_out if is_ours else f"take a version of the wheel without that file, or {left_out}"
