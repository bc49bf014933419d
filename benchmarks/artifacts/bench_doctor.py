"""How long the doctor takes for the main example's artifacts: the whole command, taking turns.

    ./bazelw build //examples/training:training_{pex,venv}
    PYTHON -m pip install auditwheel packaging rich
    PYTHON benchmarks/artifacts/bench_doctor.py [--runs 11] [FILE...]

Prints a table of medians; the files come from the page cache.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from measure import ROOT, Measured, measure, variables

BUILT = ROOT / "bazel-bin/examples/training"
FILES = (BUILT / "training.pex", BUILT / "training.venv.tar.gz")
HEAD = "| what | runs | median s | min-max s | peak MB |\n|---|---|---|---|---|"


def examine(file: Path, folder: Path) -> Measured:
    """Run the command once on a file and return its figures."""
    command = [sys.executable, "-m", "python_env", "doctor", str(file)]
    return measure(command, folder, variables(folder) | {"PYTHONPATH": str(ROOT / "tools")})


def rows(results: dict[Path, list[Measured]]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield HEAD
    for file, measured in results.items():
        seconds = [each.seconds for each in measured]
        spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
        memory = max(each.memory for each in measured)
        yield f"| {file.name} | {len(seconds)} | {statistics.median(seconds):.2f} | {spread} | {memory:.0f} |"


def main(argv: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="*", default=FILES)
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args(argv)
    results: dict[Path, list[Measured]] = {file.resolve(): [] for file in options.files}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(options.runs):
            for file, measured in results.items():
                measured.append(examine(file, Path(name)))
    print("\n".join(rows(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
