"""Our pins beside `uv pip compile`, for each of six platform tags.

    ./bazelw build //examples/training:training.update //tools:uv
    python3 benchmarks/lock/compare.py [REQUIREMENTS]...

Our lock has one version of a distribution on all tags where it can; uv, asked for one tag, takes the newest. So each
tag is compared twice: with plain uv, and with uv that is given our pins as its preferences (an output file to start
from), which it keeps only where it accepts them. Where the second differs, the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from refresh_command import ROOT, Tools, default_python, network

from support.generated_locks import SIX_TAGS

DEFAULT = [ROOT / "examples/training/requirements.in", ROOT / "benchmarks/lock/popular.in"]
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
_SDISTS_ONLY = {"pyspark"}
"""Distributions without a wheel on the index; they are built."""

Pins = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One tag: the pins of our lock, of plain uv, and of uv with our pins as preferences."""

    tag: str
    ours: Pins
    plain: Pins
    seeded: Pins

    @property
    def moved(self) -> list[str]:
        """Return where plain uv differs."""
        return differences(self.ours, self.plain)

    @property
    def unexplained(self) -> list[str]:
        """Return where uv differs even when it prefers our versions."""
        return differences(self.ours, self.seeded)


def differences(ours: Pins, theirs: Pins) -> list[str]:
    """Return `name ours/theirs` for each distribution that differs."""
    names = sorted(ours.keys() | theirs.keys())
    return [f"{n} {ours.get(n, '-')}/{theirs.get(n, '-')}" for n in names if ours.get(n) != theirs.get(n)]


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command; its words are shown when it fails."""
    done = subprocess.run(
        command, cwd=folder, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(done.stderr[-4000:])


def asked(tools: Tools, requirements: Path, tag: str, output: str, sdists: Sequence[str]) -> list[str]:
    """Return the plain question for a tag."""
    from python_env.base.platforms import parse_platform
    from python_env.lock.resolvers.uv_command import uv_platform

    platform = parse_platform(tag)
    return tools.compile(
        requirements, output, python=platform.python_version, platform=uv_platform(platform), sdists=sdists
    )


def compare(tools: Tools, requirements: Path, environment: Mapping[str, str]) -> list[Compared]:
    """Return the comparison of all tags."""
    found, sdists = [], _SDISTS_ONLY & set(requirements.read_text().split())
    with tempfile.TemporaryDirectory(prefix="compare_") as name:
        folder = Path(name)
        run(tools.refresh("env.lock.json", requirements, SIX_TAGS, sdists=sorted(sdists)), folder, environment)
        lock = json.loads((folder / "env.lock.json").read_text())
        for tag in SIX_TAGS:
            ours = {package["name"]: package["version"] for package in lock["platforms"][tag]["packages"]}
            (folder / "seeded.txt").write_text("".join(f"{n}=={v}\n" for n, v in ours.items()))
            (folder / "plain.txt").unlink(missing_ok=True)
            for output in ("plain.txt", "seeded.txt"):
                run(asked(tools, requirements, tag, output, sorted(sdists)), folder, environment)
            plain, seeded = (dict(_PIN.findall((folder / f).read_text())) for f in ("plain.txt", "seeded.txt"))
            found.append(Compared(tag, ours, plain, seeded))
    return found


def table(compared: Sequence[Compared]) -> str:
    """Return the comparison as a Markdown table."""
    lines = ["| tag | pins | plain uv differs | uv with our preferences differs |", "|---|---|---|---|"]
    for each in compared:
        moved = f"{len(each.moved)}: {', '.join(each.moved)}" if each.moved else "0"
        unexplained = f"{len(each.unexplained)}: {', '.join(each.unexplained)}" if each.unexplained else "0"
        lines.append(f"| `{each.tag}` | {len(each.ours)} | {moved} | {unexplained} |")
    return "\n".join(lines)


def main() -> int:
    """Compare each requirement file and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=default_python())
    parser.add_argument("requirements", type=Path, nargs="*", default=DEFAULT)
    options = parser.parse_args()
    tools, failed = Tools.find(options.python), False
    with tempfile.TemporaryDirectory(prefix="compare_cache_") as cache:
        given = {"UV_CACHE_DIR": f"{cache}/uv", "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or cache}
        for requirements in options.requirements:
            compared = compare(tools, requirements.absolute(), {**network(), **given})
            print(f"## {requirements.name} of {requirements.parent.name}\n\n{table(compared)}\n", flush=True)
            failed = failed or any(each.unexplained for each in compared)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
