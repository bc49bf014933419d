"""Starting beside the peers, in one run, taking turns: the first start on a node, and every later one.

    ./bazelw build //examples/training:training_{pex,venv}
    python3 benchmarks/artifacts/bench_start.py --peers PEERS [--runs 5] [--only WORD]... [--json FILE] [--env large]

Each subject starts four times in a new folder with an empty PEX_ROOT, the page cache being warm: `-c pass` for the
first time (a venv's archive is unpacked within that time), `import numpy, pandas` for the first time, both again.
Compiled files may be written, as on a node. The plain venv is what uv pip install makes, untimed and once; all run on
one CPython. Prints medians of wall seconds, the peak memory, and what the aims say.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import ENVS, about, parser
from measure import Command, Measured, measure, size_of, variables
from peers import Peers, find_peers, versions
from subjects import Built, Tool, with_pex_options
from table import PACKED, PACKED_INSTALLED, PEX, PEX_DEFAULT, PEX_FASTEST, PEX_PACKED, PRE_INSTALLED, rows

PROGRAMS = ("pass", "import numpy, pandas")
COLUMNS = ("first start", "first import", "warm start", "warm import")
PLAIN = "plain venv (uv pip install)"
OUR_VENV = "our venv.tar.gz, unpacked by tar"
MORE = 0.2
"""Seconds that a warm start may take above the plain venv's."""

Wanted = Callable[[str], bool]
"""Whether a subject of this name is made."""

PEX_OPTIONS: dict[str, dict[str, object]] = {
    PEX: {},
    "our PEX, sh_boot": {"sh_boot": True},
    "our PEX, venv = False": {"venv": False},
    PRE_INSTALLED: {"pre_installed": True},
    PACKED: {"layout": "packed"},
    PACKED_INSTALLED: {"layout": "packed", "pre_installed": True},
}


@dataclass(slots=True)
class Starter:
    """One thing to start: `begin` makes it usable within the first start's time, `python` is then an interpreter."""

    name: str
    python: Callable[[Path], Command]
    begin: Callable[[Path], Sequence[Command]] = lambda _: ()
    kept: Path | None = None
    size: int = 0
    results: dict[str, list[Measured]] = field(default_factory=lambda: {column: [] for column in COLUMNS})

    def median(self, column: str) -> float:
        """Return the median of a column's wall seconds."""
        return statistics.median(result.seconds for result in self.results[column])


def node(folder: Path, python: str) -> dict[str, str]:
    """Return the variables of a node: the one CPython comes first on PATH, and compiled files may be written."""
    told = variables(folder) | {"PATH": f"{Path(python).parent}:/usr/bin:/bin"}
    return {key: value for key, value in told.items() if key != "PYTHONDONTWRITEBYTECODE"}


def start(starter: Starter, work: Path, python: str) -> None:
    """Start a subject four times, in a folder of its own unless it keeps one."""
    with tempfile.TemporaryDirectory(prefix="start_", dir=work) as name:
        folder = starter.kept or Path(name)
        told = node(folder, python)
        os.sync()
        begun = [] if starter.kept else [measure(command, folder, told) for command in starter.begin(folder)]
        for column, program in zip(COLUMNS, (*PROGRAMS, *PROGRAMS), strict=True):
            found = [*begun, measure([*starter.python(folder), "-c", program], folder, told)]
            seconds, memory = sum(part.seconds for part in found), max(part.memory for part in found)
            starter.results[column].append(Measured(seconds, memory, found[0].load))
            begun = []


def _unpacked(archive: Path, folder: Path) -> Path:
    """Unpack a packed PEX as a cluster does, with its modes, and return its program."""
    with zipfile.ZipFile(archive) as source:
        source.extractall(folder)
    return folder / "__main__.py"


def our_pexes(tool: Tool, built: Built, folder: Path, wanted: Wanted) -> list[Starter]:
    """Make our PEX in each wanted form once, below `folder`."""
    found = []
    forms = {name: options for name, options in PEX_OPTIONS.items() if built.fits_zipapp or name != PRE_INSTALLED}
    for number, (name, options) in enumerate(forms.items()):
        if not wanted(name):
            continue
        place = folder / f"ours{number}"
        place.mkdir()
        measure(tool.artifact("pex", with_pex_options(built.words(".pex"), options)), place)
        size = size_of(place / "out")
        program = place / "out"
        if options.get("layout") == "packed":
            program = _unpacked(place / "out", place / "unpacked")
            (place / "out").unlink()
        # sh_boot is a /bin/sh script that finds Python itself
        words = [str(program)] if "sh_boot" in options else [tool.python, str(program)]
        found.append(Starter(name, lambda _, words=words: words, size=size))  # type: ignore[misc]
    return found


def our_venv(built: Built) -> Starter:
    """Return the venv's archive, as Bazel built it."""
    archive = built.file(".venv.tar.gz")
    unpack = ["tar", "-xzf", str(archive), "-C", "env"]
    return Starter(
        OUR_VENV,
        lambda folder: [str(folder / "env/bin/python")],
        begin=lambda _: [["mkdir", "env"], unpack],
        size=archive.stat().st_size,
    )


def pexes(peers: Peers, built: Built, folder: Path, wanted: Wanted) -> list[Starter]:
    """Make pex's own once, below `folder`; its default where Python can start that, else its packed layout."""
    usual, layout = (PEX_DEFAULT, ()) if built.fits_zipapp else (PEX_PACKED, ("--layout", "packed"))
    venv = ("--venv", "prepend")
    commands = {
        usual: peers.pex(*layout),
        f"{usual}, --venv": peers.pex(*layout, *venv),
        PEX_FASTEST: peers.fastest(),
        f"{PEX_FASTEST}, --venv": [*peers.fastest(), *venv],
    }
    found = []
    for number, (name, command) in enumerate(commands.items()):
        if not wanted(name):
            continue
        place = folder / f"pex{number}"
        place.mkdir()
        print(f"making {name}", file=sys.stderr)
        measure(command, place)
        words = [peers.python, str(place / "out")]
        found.append(Starter(name, lambda _, words=words: words, size=size_of(place / "out")))  # type: ignore[misc]
        for cache in ("pex_root", "uv"):
            shutil.rmtree(place / cache, ignore_errors=True)
    return found


def plain_venv(peers: Peers, folder: Path) -> Starter:
    """Make the plain venv once, below `folder`; its first start compiles, and is told as that."""
    place = folder / "plain"
    place.mkdir()
    for command in peers.install():
        measure(command, place)
    return Starter(PLAIN, lambda _: [str(place / "env/bin/python")], kept=place, size=size_of(place / "env"))


def table(measured: Sequence[Starter]) -> str:
    """Return the medians; the first starts of what stays in its folder are left out."""
    body = []
    for each in measured:
        shown = ["" if each.kept and column.startswith("first") else f"{each.median(column):.2f}" for column in COLUMNS]
        peak = max(result.memory for results in each.results.values() for result in results)
        body.append([each.name, *shown, f"{peak:.0f}", f"{each.size / 1e6:.0f}"])
    return rows(["what", *(f"{column} s" for column in COLUMNS), "peak MB", "size MB"], body)


def aims(measured: Sequence[Starter]) -> str:
    """Return each warm start of ours beside the plain venv's, and each first start beside pex's own."""
    plain = [each for each in measured if each.name == PLAIN]
    theirs = [each for each in measured if each.name.startswith("pex")]
    body = []
    for ours in (each for each in measured if each.name.startswith("our ")):
        for column in COLUMNS[2:]:
            for each in plain:
                more = ours.median(column) - each.median(column)
                words = [f"{more:+.2f} s", f"+ {MORE:g} s", "yes" if more <= MORE else "no"]
                body.append([f"{ours.name}: {column}", each.name, *words])
        for each in theirs:
            ratio = ours.median(COLUMNS[0]) / each.median(COLUMNS[0])
            body.append([f"{ours.name}: {COLUMNS[0]}", each.name, f"{ratio:.2f} x", "beside", ""])
    return rows(["what", "against", "by medians", "aim", "reached"], body)


def raw(measured: Sequence[Starter], facts: Mapping[str, object]) -> dict[str, object]:
    """Return every single figure, for a JSON file."""
    subjects = [
        {
            "name": each.name,
            "size": each.size,
            "seconds": {column: [round(run.seconds, 4) for run in runs] for column, runs in each.results.items()},
        }
        for each in measured
    ]
    return {"about": dict(facts), "subjects": subjects}


def starters(options: argparse.Namespace, built: Built, folder: Path) -> tuple[list[Starter], dict[str, str]]:
    """Return everything wanted that is started, made below `folder`, and the peers' versions."""

    def wanted(name: str) -> bool:
        return not options.only or any(word in name for word in options.only)

    found = our_pexes(Tool(options.python), built, folder, wanted)
    found += [our_venv(built)] if wanted(OUR_VENV) else []
    if not options.peers:
        return found, {}
    peers = find_peers(options.peers, options.python, built, folder)
    found += pexes(peers, built, folder, wanted)
    found += [plain_venv(peers, folder)] if wanted(PLAIN) else []
    return found, versions(peers)


def main() -> None:
    """Start all subjects in turn and print the tables."""
    words = parser(__doc__)
    words.set_defaults(runs=5)
    options = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="start_", dir=options.work) as name:
        measured, programs = starters(options, ENVS[options.env], Path(name))
        for number in range(options.runs):
            for each in measured:
                start(each, options.work, options.python)
                last = ", ".join(f"{column} {each.results[column][-1].seconds:.2f}" for column in COLUMNS)
                print(f"{number + 1}/{options.runs} {each.name}: {last}", file=sys.stderr)
    facts = about(options) | programs
    print("\n" + ", ".join(f"{key} {value}" for key, value in facts.items()), end="\n\n")
    print(table(measured), end="\n\n")
    print(aims(measured))
    if options.json:
        options.json.write_text(json.dumps(raw(measured, facts), indent=1) + "\n")


if __name__ == "__main__":
    main()
