"""The wheelhouse's tool beside `cp` of the same bytes, in one run, taking turns.

    ./bazelw build //examples/training:training_wheelhouse
    python3 benchmarks/artifacts/bench_wheelhouse.py [--runs 7] [--wheelhouse examples/training/training]

Two peers: `cp` of all wheels into a folder, and `cat` of all into one file. All read the wheels where Bazel fetched
them, from the page cache. The options are those of the action, so that Bazel must have run it on this machine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
from pathlib import Path

from bench import ROOT, Subject, run, table


def command_of(name: str) -> tuple[list[str], list[str]]:
    """Return the action's own options with absolute paths, and the wheels among them."""
    root = (ROOT / "bazel-out").resolve().parent
    words = (ROOT / "bazel-bin" / f"{name}.wheelhouse.zip-0.params").read_text().splitlines()
    options = dict.fromkeys(("--output", "--report"), "")
    pairs = [(key, str(root / value)) for key, value in zip(words[::2], words[1::2], strict=True) if key not in options]
    return [word for pair in pairs for word in pair], [value for key, value in pairs if key == "--wheel"]


def main() -> None:
    """Measure all subjects in turn; print the table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheelhouse", default="examples/training/training")
    parser.add_argument(
        "--python", default=shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or sys.executable
    )
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    given, wheels = command_of(options.wheelhouse)
    ours = [options.python, "-I", "-S", str(ROOT / "tools/run.py"), "artifacts", "wheelhouse", *given]
    copy = ["sh", "-c", 'mkdir folder; cp -L "$@" folder; touch out', "sh", *wheels]
    measured = [
        Subject("our wheelhouse", lambda _: [[*ours, "--output", "out", "--report", "out.json"]], "out", options.runs),
        Subject("cp of the wheels", lambda _: [copy], "out", options.runs),
        Subject("cat of the wheels", lambda _: [["sh", "-c", 'cat "$@" > out', "sh", *wheels]], "out", options.runs),
    ]
    for _ in range(options.runs):
        for subject in measured:
            run(subject)
    measured[1].size = sum(Path(wheel).stat().st_size for wheel in wheels)
    print(table(measured))
    seconds = [[result.seconds for result in subject.results] for subject in measured]
    for subject, times in zip(measured[1:], seconds[1:], strict=True):
        medians = statistics.median(seconds[0]) / statistics.median(times)
        print(f"ours / {subject.name}: {medians:.2f} x by medians, {min(seconds[0]) / min(times):.2f} x by the best")
    report = json.loads((ROOT / "bazel-bin" / f"{options.wheelhouse}.wheelhouse.zip.json").read_text())
    print(f"{report['wheel_count']} wheels, {report['file_count']} files, {len(report['platforms'])} platforms")


if __name__ == "__main__":
    main()
