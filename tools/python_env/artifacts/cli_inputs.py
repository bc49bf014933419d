"""The edge that all artifact commands share: options, first-party files, and wheels whose bytes are the locked ones and
what they are said to be."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from python_env.artifacts.install.collisions import settle_collisions
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.wheel import WheelFile, open_wheel
from python_env.artifacts.model import OUR_FILES, Source
from python_env.artifacts.selection import add_selection_options, select
from python_env.artifacts.wheel_faults import missing_wheel
from python_env.base.archive.paths import path_fault
from python_env.base.distribution_names import canonical_name
from python_env.base.errors import Fault, ToolError
from python_env.base.wheel_content import check_wheel
from python_env.env.model import Env, Wheel, parse_env
from python_env.wheels.check.model import read_checks

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_READERS = 2
"""Threads that inflate wheels: zlib releases the interpreter lock, and more gain nothing on two cores."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every artifact command has.

    A first-party file is two options, in turn: `=` keeps each of them a value, whatever it begins with or holds.
    """
    parser.add_argument("--env", type=Path, required=True)
    parser.add_argument("--wheel", type=Path, action="append", default=[])
    parser.add_argument("--check", type=Path, action="append", default=[])
    parser.add_argument("--source", action="append", default=[], metavar="DESTINATION")
    parser.add_argument("--source-path", type=Path, action="append", default=[], metavar="PATH")
    parser.add_argument("--collision", action="append", default=[], metavar="PATH")
    parser.add_argument("--collision-wheel", action="append", default=[], metavar="DISTRIBUTION")
    add_selection_options(parser)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)


def selected_env(options: argparse.Namespace) -> Env:
    """Return the env of `--env` as this artifact has it, by `--additional` and `--ignored`."""
    return select(read_env(options.env), options.additional, options.ignored)


def read_env(path: Path) -> Env:
    """Return the env document at `path`."""
    return parse_env(path.read_bytes(), where=path.name)


def read_sources(destinations: Sequence[str], paths: Sequence[Path]) -> tuple[Source, ...]:
    """Return the first-party files, sorted by destination.

    Raises ToolError for a destination that leaves the archive or stands twice, and for a path that is no file.
    """
    pairs = sorted(zip(destinations, paths, strict=True), key=lambda pair: pair[0])
    faults = []
    for before, (destination, path) in zip((None, *(name for name, _ in pairs)), pairs, strict=False):
        fault = "stands twice" if before == destination else _source_fault(destination, path)
        if fault:
            what = f"first-party file {destination!r} {fault}"
            faults.append(Fault(what, str(path), "rename or move the file; name the files of a folder by a glob"))
    if faults:
        raise ToolError(faults)
    return tuple(Source(destination=destination, path=path, data=path.read_bytes()) for destination, path in pairs)


def _source_fault(destination: str, path: Path) -> str | None:
    if fault := path_fault(destination):
        return fault
    if destination.split("/")[0] in OUR_FILES:
        return "is a file of ours"
    return None if path.is_file() else "is not a file"


def wheel_paths(name: str, wheels: Sequence[Wheel], paths: Sequence[Path]) -> dict[str, Path]:
    """Return the place of every wheel of the environment `name` by file name.

    Raises ToolError with every one that was not given.
    """
    by_name = {path.name: path for path in paths}
    missing = [wheel for wheel in wheels if wheel.file not in by_name]
    if missing:
        raise ToolError(missing_wheel(name, wheel) for wheel in missing)
    return {wheel.file: by_name[wheel.file] for wheel in wheels}


def open_wheels(env: Env, paths: Mapping[str, Path], checks: Sequence[Path]) -> tuple[WheelFile, ...]:
    """Return the env's wheels, opened; that their bytes are the locked ones is for `comparing` to say.

    A wheel that no document of `checks` names is checked here, which reads all of it. `paths` are by file name.
    Raises ToolError with every wheel that is not what it is said to be.
    """
    wheels = _open_all(env.wheels, paths)
    checked = read_checks(checks)
    _check([wheel for wheel in wheels if wheel.wheel.sha256 not in checked])
    return wheels


def _open_all(wheels: Sequence[Wheel], paths: Mapping[str, Path]) -> tuple[WheelFile, ...]:
    opened: list[WheelFile] = []
    faults: list[Fault] = []
    for wheel in wheels:
        try:
            opened.append(open_wheel(wheel, paths[wheel.file]))
        except ToolError as error:
            faults += error.faults
    if faults:
        raise ToolError(faults)
    return tuple(opened)


def settled(wheels: Sequence[WheelFile], options: argparse.Namespace, env: Env) -> tuple[WheelFile, ...]:
    """Return the wheels after what `collisions` says; raises ToolError with every entry of it that changes nothing."""
    collisions = dict(zip(options.collision, map(canonical_name, options.collision_wheel), strict=True))
    layout, folder = Layout.of(env.platform), options.output.parent
    return settle_collisions(wheels, collisions, layout=layout, where=f"{env.name}, collisions", folder=folder)


def _check(wheels: Sequence[WheelFile]) -> None:
    faults = [fault for found in side_by_side(_wheel_faults, wheels) for fault in found]
    if faults:
        raise ToolError(faults)


def _wheel_faults(wheel: WheelFile) -> tuple[Fault, ...]:
    try:
        check_wheel(wheel.source)
    except ToolError as error:
        return error.faults
    return ()


def side_by_side(function: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    """Return what the function makes of each item; for work that releases the interpreter lock."""
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        return list(pool.map(function, items))
