"""Runs commands under each variation and compares what they wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from support.determinism.matrix import Matrix
from support.determinism.variations import Variation


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What is run under every variation."""

    commands: Callable[[Path, Path, bool], Iterable[Sequence[str]]]
    """Gives the arguments of the program, from the folders of the inputs and of the outputs, and whether in reverse."""
    inputs: Path
    program: Path
    """A Python file; its folder is what another user gets a copy of."""
    folders: Sequence[str] = ()
    """Folders that are there before the commands run, as Bazel makes the parents of outputs."""


def run_matrix(matrix: Matrix, job: Job, variations: Iterable[Variation], folder: Path) -> None:
    """Fill the matrix. `folder` may be read by all users; a command that fails is a difference, too.

    Raises AssertionError when a command of the first variation fails.
    """
    plain, *others = variations
    for each in others:
        if each.why_not:
            matrix.skipped[each.name] = each.why_not
    first, *_ = _written(job, plain, folder)
    matrix.add(plain.name, first, first)

    def compared(variation: Variation) -> Matrix:
        part = Matrix(matrix.columns)
        try:
            outs = _written(job, variation, folder)
        except AssertionError as error:
            part.differences.append(str(error))
            return part
        for number, out in enumerate(outs):
            part.add(f"{variation.name}{f' ({number})' if number else ''}", out, first)
        _remove(outs[0].parent)
        return part

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for part in pool.map(compared, [each for each in others if not each.why_not]):
            assert not matrix.rows.keys() & part.rows, "two variations of one name"
            matrix.rows.update(part.rows)
            matrix.differences.extend(part.differences)
    _remove(first.parent)


def _written(job: Job, variation: Variation, folder: Path) -> list[Path]:
    place = Path(tempfile.mkdtemp(prefix="some where \u00e9 ", dir=variation.place or folder))
    _arrange(job, variation, place)
    outs = [place / f"out{number}" for number in range(variation.copies)]
    for path in (path for out in outs for path in (out, *(out / name for name in job.folders))):
        path.mkdir()
        path.chmod(0o755)
    if variation.user:
        subprocess.run(["chown", "-R", "-h", variation.user, place], check=True)
    with ThreadPoolExecutor(max_workers=variation.copies) as pool:
        list(pool.map(lambda out: _run(job, variation, out), outs))
    return outs


def _arrange(job: Job, variation: Variation, place: Path) -> None:
    if variation.inputs:
        variation.inputs(job.inputs, place / "in")
    else:
        (place / "in").symlink_to(job.inputs)
    if variation.user:
        shutil.copytree(job.program.parent, place / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    else:
        (place / "tools").symlink_to(job.program.parent)
    if variation.read_only:
        for path in [place / "in", *(place / "in").rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)


def _run(job: Job, variation: Variation, out: Path) -> None:
    place = out.parent
    for words in job.commands(place / "in", out, variation.reverse):
        arguments = words if variation.absolute else [word.replace(f"{place}/", "") for word in words]
        start = [*_starter(variation), f"tools/{job.program.name}"]
        done = subprocess.run(
            [*start, *arguments],
            cwd=place,
            env=variation.variables(),
            umask=variation.umask,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, f"{variation.name}: {arguments[:2]}: {done.stdout.decode(errors='replace')}"


def _starter(variation: Variation) -> Iterator[str]:
    yield from variation.prefix
    if variation.user:
        yield from (str(shutil.which("runuser")), "-u", variation.user, "--")
    yield variation.python or sys.executable
    yield from variation.options


def _remove(place: Path) -> None:
    """Delete a folder, of which parts may be read-only."""
    subprocess.run(["chmod", "-R", "u+w", place], check=True)
    shutil.rmtree(place)
