"""The compiled files of a venv: of wheels and interpreter as they were made before, of first-party code made here."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from python_env.artifacts.compiled.codes import check_magic, compile_source
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.plan import FIRST_PARTY, PlannedFile, with_compiled
from python_env.artifacts.install.wheel import WheelFile
from python_env.artifacts.venv.bundle import Bundle
from python_env.base.archive.zip_read import ZipSource
from python_env.env.model import Env

_MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """What `artifacts compile` made; `wanted` is false where nothing is to be compiled."""

    wanted: bool
    wheels: Mapping[str, Path]
    """By the wheel's file name."""
    interpreter: Path | None


def add_compiled_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say that there are compiled files, and where those of wheels and interpreter lie."""
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--compiled", type=Path, action="append", default=[], metavar="<WHEEL>.zip")
    parser.add_argument("--compiled-interpreter", type=Path, metavar="ZIP")


def read_compiled(options: argparse.Namespace, env: Env) -> Compiled:
    """Return what the options name; raises ToolError when this interpreter is not of the environment's version."""
    if options.compile:
        check_magic(env.platform, where=f"{env.name}_venv, compile = True")
    wheels = {path.name.removesuffix(".zip"): path for path in options.compiled}
    return Compiled(wanted=options.compile, wheels=wheels, interpreter=options.compiled_interpreter)


def compiled_wheels(wheels: Iterable[WheelFile], compiled: Compiled) -> Iterator[WheelFile]:
    """Yield the wheels with their compiled files."""
    for wheel in wheels:
        path = compiled.wheels.get(wheel.wheel.file)
        yield replace(wheel, compiled=ZipSource(path)) if path else wheel


def compiled_bundle(bundle: Bundle | None, compiled: Compiled, layout: Layout) -> Bundle | None:
    """Return the interpreter with the compiled files of its standard library."""
    if bundle is None or compiled.interpreter is None:
        return bundle
    return replace(bundle, files=tuple(with_compiled(bundle.files, ZipSource(compiled.interpreter), layout)))


def compiled_sources(files: Sequence[PlannedFile], compiled: Compiled, layout: Layout) -> tuple[PlannedFile, ...]:
    """Return the files with the compiled form of the first-party ones."""
    if not compiled.wanted:
        return tuple(files)
    sources = (file for file in files if file.owner == FIRST_PARTY and file.path.endswith(".py"))
    codes = {file: compile_source(file.data, file.path) for file in sources}
    made = {
        layout.compiled_path(file.path): file._replace(path=layout.compiled_path(file.path), data=code)
        for file, code in codes.items()
        if code is not None
    }
    return (*(file for file in files if file.path not in made), *made.values())


def not_compiled(files: Sequence[PlannedFile], compiled: Compiled, layout: Layout) -> tuple[str, ...]:
    """Return a warning that counts the modules without a compiled form: templates, code of another version."""
    paths = {file.path for file in files}
    places = [path for path in sorted(paths) if path.endswith(".py") and not path.startswith(layout.bin + "/")]
    missing = [path for path in places if layout.compiled_path(path) not in paths]
    if not (compiled.wanted and missing):
        return ()
    named = ", ".join(missing[:_MOST_NAMED]) + (", ..." if len(missing) > _MOST_NAMED else "")
    return (
        f"{len(missing)} of {len(places)} modules are not compiled, since they are no code of this version: {named}",
    )
