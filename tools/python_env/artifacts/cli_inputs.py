"""The edge that all artifact commands share: options, first-party files, and wheels whose bytes are the locked ones."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from python_env.artifacts.install.wheel import WheelFile, open_wheel
from python_env.artifacts.model import OUR_FILES, Env, Source, Wheel, parse_env
from python_env.base.archive.paths import path_fault
from python_env.base.errors import Fault, ToolError

_READERS = 2
"""Threads that digest wheels: hashing releases the interpreter lock, and more than two gain nothing on two cores."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every artifact command has."""
    parser.add_argument("--env", type=Path, required=True)
    parser.add_argument("--wheel", type=Path, action="append", default=[])
    parser.add_argument("--source", nargs=2, action="append", default=[], metavar=("DESTINATION", "PATH"))
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)


def read_env(path: Path) -> Env:
    """Return the env document at `path`."""
    return parse_env(path.read_bytes(), where=path.name)


def read_sources(pairs: Sequence[Sequence[str]]) -> tuple[Source, ...]:
    """Return the first-party files, sorted by destination.

    Raises ToolError for a destination that leaves the archive or stands twice.
    """
    sources = tuple(sorted((Source(name, Path(path)) for name, path in pairs), key=lambda source: source.destination))
    faults = []
    for before, source in zip((None, *sources), sources, strict=False):
        fault = path_fault(source.destination)
        if before and before.destination == source.destination:
            fault = "stands twice"
        if fault or source.destination in OUR_FILES:
            what = f"first-party file {source.destination!r} {fault or 'is a file of ours'}"
            faults.append(Fault(what, str(source.path), "rename or move the file"))
    if faults:
        raise ToolError(faults)
    return sources


def read_wheels(env: Env, paths: Sequence[Path]) -> tuple[WheelFile, ...]:
    """Return the env's wheels, opened, after their bytes were compared with the lock's digests.

    Raises ToolError with every wheel that is missing or differs.
    """
    by_name = {path.name: path for path in paths}
    missing = [wheel for wheel in env.wheels if wheel.file not in by_name]
    if missing:
        raise ToolError(_missing(env, wheel) for wheel in missing)
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        digests = list(pool.map(lambda wheel: _digest_and_size(by_name[wheel.file]), env.wheels))
    faults = [
        _changed(env, wheel, *found)
        for wheel, found in zip(env.wheels, digests, strict=True)
        if found != (wheel.sha256, wheel.size)
    ]
    if faults:
        raise ToolError(faults)
    return tuple(open_wheel(wheel, by_name[wheel.file]) for wheel in env.wheels)


def _digest_and_size(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


def _missing(env: Env, wheel: Wheel) -> Fault:
    return Fault(
        f"the wheel {wheel.file} of the closure was not given",
        f"{env.name}.env.json: wheels",
        "let lock and lock_repo of python_env (lock and wheels of python_env_closure) be of one lock",
    )


def _changed(env: Env, wheel: Wheel, digest: str, size: int) -> Fault:
    return Fault(
        f"the bytes of {wheel.file} differ from the lock: sha256 {digest}, {size} bytes\n"
        f"locked is {wheel.sha256}, {wheel.size} bytes",
        f"{env.name}.env.json: wheels, {wheel.name}",
        "fetch the file again; if the index changed it, refresh the lock and find out why",
    )
