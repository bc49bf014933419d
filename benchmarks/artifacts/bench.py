"""Assembly beside its peers, in one run, taking turns: our PEX, venv, wheelhouse; pex; uv with venv-pack or tar.

    ./bazelw build //examples/training:training_{pex,venv,wheelhouse}
    python3.11 -m venv PEERS && PEERS/bin/pip install pex==2.105.2 uv==0.13.8 venv-pack==0.2.0
    python3 benchmarks/artifacts/bench.py --peers PEERS [--runs 7] [--peer-runs 5] [--only WORD]... [--json FILE]

The large environment is a workspace of its own, fetched when it is first built (690 MB; 15 GB of disk in all):

    (cd benchmarks/artifacts/large && ../../../bazelw build //envs:large_{pex,venv,wheelhouse})
    python3 benchmarks/artifacts/bench.py --env large --peers PEERS

PEERS is a virtual environment with the peers. Every command works on the same fetched wheels, without a network, with a
new HOME and empty caches; the wheels are in the page cache. Our commands are those of Bazel's actions, without Bazel.
Prints medians of wall seconds, the peak memory of all processes, sizes, and each ratio with its aim.
`--profile` shows instead where our tools spend their time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import ROOT, Subject, take_turns
from peers import find_peers, peer_subjects, versions
from profiled import profile
from subjects import Built, Tool, our_subjects
from table import outcomes, ratio_table, raw, table

ENVS = {
    "large": Built(ROOT / "benchmarks/artifacts/large", "envs/large"),
    "training": Built(ROOT, "examples/training/training"),
}


def default_python() -> str:
    """Return a CPython 3.11 of the system, else the one that runs this."""
    return shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or sys.executable


def _folder(text: str) -> Path:
    return Path(text).resolve(strict=True)


def parser(about: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that all programs of this folder share."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--env", choices=sorted(ENVS), default="training")
    made.add_argument("--peers", type=Path, help="virtual environment with pex, uv and venv-pack; none: only ours")
    made.add_argument("--python", default=default_python(), help="the CPython 3.11 that runs every program")
    made.add_argument("--runs", type=int, default=7, help="runs of each tool of ours and of each copy")
    made.add_argument("--peer-runs", type=int, default=5, help="runs of each peer")
    made.add_argument("--only", action="append", default=[], metavar="WORD", help="subjects whose name holds WORD")
    made.add_argument("--json", type=Path, metavar="FILE", help="where all single figures go")
    made.add_argument("--work", type=_folder, default=ROOT.parent, help="existing folder for what is written")
    return made


def chosen(subjects: Sequence[Subject], words: Sequence[str]) -> list[Subject]:
    """Return the subjects whose name holds one of the words, or all without words."""
    return [subject for subject in subjects if not words or any(word in subject.name for word in words)]


def about(options: argparse.Namespace) -> dict[str, object]:
    """Return what the figures were taken on."""
    report = json.loads(ENVS[options.env].file(".venv.tar.gz.json").read_text())
    facts = {key: report[key] for key in ("env_id", "file_count", "platform", "unpacked_size") if key in report}
    return {"cpus": os.cpu_count(), "env": options.env, "kernel": platform.release(), **facts}


def finish(measured: Sequence[Subject], facts: dict[str, object], place: Path | None) -> None:
    """Print both tables, and write every single figure where that is wanted."""
    print("\n" + ", ".join(f"{key} {value}" for key, value in facts.items()), end="\n\n")
    print(table(measured), end="\n\n")
    print(ratio_table(outcomes(measured)))
    if place:
        place.write_text(json.dumps(raw(measured, facts), indent=1) + "\n")


def main() -> None:
    """Measure all subjects in turn and print the tables."""
    words = parser(__doc__)
    words.add_argument("--profile", type=Path, metavar="PY_SPY", help="the program py-spy; nothing else is measured")
    options = words.parse_args()
    built, tool = ENVS[options.env], Tool(options.python)
    with tempfile.TemporaryDirectory(prefix="bench_", dir=options.work) as name:
        folder = Path(name)
        subjects = our_subjects(tool, built, folder, options.runs)
        facts = about(options)
        if options.profile:
            profile(chosen(subjects, options.only or ["our PEX", "our venv.tar.gz"]), options.profile, options.work)
            return
        if options.peers:
            peers = find_peers(options.peers, options.python, built, folder)
            subjects += peer_subjects(peers, options.peer_runs)
            facts |= versions(peers)
        wanted = chosen(subjects, options.only)
        take_turns(wanted, options.work, say=lambda text: print(text, file=sys.stderr))
    finish(wanted, facts, options.json)


if __name__ == "__main__":
    main()
