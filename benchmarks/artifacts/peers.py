"""The peers as subjects: pex, and uv pip install with venv-pack or tar; the same fetched wheels, no network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import table
from measure import Subject
from subjects import Built, wheels_of

PROGRAMS = ("pex", "uv", "venv-pack")
"""What --peers must have in bin/."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers' programs, the folder of wheels that they look in, and the pins that they are told."""

    tools: Path
    python: str
    links: Path
    pins: Path

    def pex(self, *words: str) -> list[str]:
        """Return a pex that resolves the pins from the folder."""
        found = ["--no-index", "-f", str(self.links), "-r", str(self.pins)]
        return [str(self.tools / "pex"), *found, *words, "-o", "out"]

    def fastest(self) -> list[str]:
        """Return the pex that does least: nothing resolved, no wheel installed, nothing compressed."""
        fast = ["--no-pre-install-wheels", "--no-compress", "--pre-resolved-dists", str(self.links)]
        return [str(self.tools / "pex"), *fast, "-r", str(self.pins), "-o", "out"]

    def install(self, *, to: str = "env") -> list[list[str]]:
        """Return the commands that make a venv of the wheels."""
        uv = str(self.tools / "uv")
        words = ["--no-index", "--no-deps", "--find-links", str(self.links), "-r", str(self.pins)]
        venv = [uv, "venv", "-q", "--python", self.python, to]
        return [venv, [uv, "pip", "install", "-q", "--python", f"{to}/bin/python", *words]]


def find_peers(place: Path, python: str, built: Built, folder: Path) -> Peers:
    """Return the peers below the virtual environment `place`; wheels are linked or copied into `folder`.

    Exits with the command that installs what is missing.
    """
    if missing := [name for name in PROGRAMS if not (place / "bin" / name).exists()]:
        sys.exit(
            f"{place} lacks {', '.join(missing)}; run first: "
            f"python3.11 -m venv {place} && {place}/bin/pip install {' '.join(PROGRAMS)}"
        )
    links = folder / "wheels"
    links.mkdir()
    for wheel in wheels_of(built):
        shutil.copy(wheel, links)
    wheels = json.loads(built.file(".env.json").read_text())["wheels"]
    pins = folder / "pins.txt"
    pins.write_text("".join(f"{wheel['name']}=={wheel['version']}\n" for wheel in wheels))
    return Peers(place.absolute() / "bin", python, links, pins)


def peer_subjects(peers: Peers, runs: int) -> list[Subject]:
    """Return all peers; tar with zstd only where the system has that program."""
    pack = [str(peers.tools / "venv-pack"), "-q", "-p", "env", "-o", "out.tar.gz"]
    found = [
        Subject(table.PEX_DEFAULT, lambda _: [peers.pex()], "out", runs),
        Subject(table.PEX_FASTEST, lambda _: [peers.fastest()], "out", runs),
        Subject(table.PEX_PACKED, lambda _: [peers.pex("--layout", "packed")], "out", runs),
        Subject(table.VENV_PACK, lambda _: [*peers.install(), pack], "out.tar.gz", runs),
    ]
    if shutil.which("zstd"):
        tar = ["tar", "--zstd", "-cf", "out.tar.zst", "env"]
        parallel = ["tar", "-I", "zstd -T0", "-cf", "out.tar.zst", "env"]
        found += [
            Subject(table.TAR_ZSTD, lambda _: [*peers.install(), tar], "out.tar.zst", runs),
            Subject(table.TAR_ZSTD_ALL, lambda _: [*peers.install(), parallel], "out.tar.zst", runs),
        ]
    else:
        print("no zstd here (apt-get install zstd): uv pip install + tar --zstd is left out", file=sys.stderr)
    return found


def versions(peers: Peers) -> dict[str, str]:
    """Return what each program says of its version."""
    commands: dict[str, Sequence[str]] = {name: [str(peers.tools / name), "--version"] for name in PROGRAMS}
    commands |= {"python": [peers.python, "--version"], "zstd": ["zstd", "--version"], "tar": ["tar", "--version"]}
    return {name: _first_line(command) for name, command in sorted(commands.items())}


def _first_line(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0].strip("* ")
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "none"
