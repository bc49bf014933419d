"""Paths that the target's file system cannot hold side by side, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from python_env.base.archive.paths import path_fault, windows_fault
from python_env.base.errors import Fault

_FOLDS_CASE = ("macos", "windows")


def name_faults(owners: Mapping[str, str], os: str) -> Iterator[Fault]:
    """Yield a fault for every path that the target's file system would take for another one; `owners` by path."""
    yield from _shadowed(owners)
    yield from _unusable(owners, os)
    if os in _FOLDS_CASE:
        yield from _same_but_for_case(owners)


def _shadowed(owners: Mapping[str, str]) -> Iterator[Fault]:
    for path, owner in owners.items():
        parent = path.rpartition("/")[0]
        while parent:
            if parent in owners:
                what = f"{parent} is a file of {owners[parent]} and a folder of {owner}"
                yield Fault(what, path, "drop one of them from the requirements")
            parent = parent.rpartition("/")[0]


def _unusable(owners: Mapping[str, str], os: str) -> Iterator[Fault]:
    for path, owner in owners.items():
        fault = path_fault(path) or (windows_fault(path) if os == "windows" else None)
        if fault:
            yield Fault(f"the path {path!r} {fault}", owner, "constrain it to another version")


def _same_but_for_case(owners: Mapping[str, str]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for path, owner in owners.items():
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            what = f"{other} of {owners[other]} and {path} of {owner} are one file on the target, which folds case"
            yield Fault(what, path, "constrain one of them to a version without that file")
