"""Workspaces of 5 to 40 environments x 6 tags x 300 wheels: loading, analysis, memory; and 500 wheels x 6 tags at once.

    python3 benchmarks/scale/scale.py [--environments 5 10 20 40] [--packages 300] [--runs 3] [--work FOLDER]

Of 300 wheels of an environment 290 are shared by all environments (a repository each) and 10 are its own; one of five
is native, with a file for each tag. The wheels of the machine's own tag are made, and given to Bazel by --distdir; the
others exist in the lock only. All repositories are fetched before anything is measured, and the server is stopped
before each run. Seconds are those of Bazel's own profile, from its first event to its last; of all runs the median.
FOLDER must lie outside of /tmp, where Bazel 7 does not work.

The last row builds nothing, either: `.all_platforms` of one environment of 500 packages; its wheels of all tags exist.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from generated import make_workspace
from measured import Workspace

WARM = 9
"""Analyses of a server before the first one that counts: Java compiles what runs often, and that takes a while."""


@dataclass(frozen=True, slots=True)
class Row:
    """One size: seconds and MB."""

    environments: int
    repositories: int
    query: float
    analysis: float
    again: float
    heap: float


def measure(folder: Path, environments: int, packages: int, runs: int) -> Row:
    """Return the figures of one size."""
    make_workspace(folder, environments=environments, packages=packages)
    workspace = Workspace(folder)
    everything = ["--nobuild", "//..."]
    workspace.bazel("build", *everything)
    queries = [workspace.seconds("query", "//...", "--output=label") for _ in range(runs)]
    analyses = [workspace.seconds("build", *everything) for _ in range(runs)]
    heap = workspace.heap()
    again = [workspace.seconds("build", *everything, cold=False) for _ in range(runs)]
    base = Path(workspace.bazel("info", "output_base").split()[-1])
    repositories = len([path for path in (base / "external").glob("*whl_package_*") if path.is_dir()])
    workspace.bazel("clean", "--expunge")
    median = statistics.median
    return Row(environments, repositories, median(queries), median(analyses), median(again), heap)


@dataclass(frozen=True, slots=True)
class Analysis:
    """`.all_platforms` of PEX and venv: seconds of a new server, with other options, and of the analysis alone."""

    new_server: float
    other_options: float
    loaded: float


def measure_platforms(folder: Path, packages: int, runs: int) -> Analysis:
    """Return the figures of one environment whose wheels of all tags exist."""
    make_workspace(folder, environments=1, packages=packages, every_tag=True)
    workspace = Workspace(folder)
    targets = ["//env00:training_pex.all_platforms", "//env00:training_venv.all_platforms"]
    workspace.bazel("build", "--nobuild", *targets)
    cold = [workspace.seconds("build", "--nobuild", *targets) for _ in range(runs)]
    # another value of a flag that all configurations have: Bazel 7 evaluates all repositories anew, too;
    # in the first round of the three the server's code is not compiled yet: it does not count
    modes = ["opt", "dbg", "fastbuild"]
    other = [
        workspace.seconds("build", "-c", modes[run % 3], "--nobuild", *targets, cold=False) for run in range(runs + 3)
    ]
    loaded = [_analysis(workspace, targets) for _ in range(runs + WARM)]
    workspace.bazel("clean", "--expunge")
    return Analysis(statistics.median(cold), statistics.median(other[3:]), statistics.median(loaded[WARM:]))


def _analysis(workspace: Workspace, targets: list[str]) -> float:
    """Return the seconds of a build that finds all packages loaded and nothing analysed, on a server that runs."""
    workspace.bazel("clean")
    workspace.bazel("query", f"deps({' + '.join(targets)})", "--output=label")
    return workspace.seconds("build", "--nobuild", *targets, cold=False)


HEADS = (
    "environments",
    "wheel repositories",
    "`query //...` s",
    "x",
    "`build --nobuild //...` s",
    "x",
    "again s",
    "heap MB",
)


def line(row: Row, first: Row) -> str:
    """Return a row of the Markdown table; ratios are to the smallest workspace."""
    cells = [row.environments, row.repositories, f"{row.query:.2f}", f"{row.query / first.query:.2f}"]
    cells += [f"{row.analysis:.2f}", f"{row.analysis / first.analysis:.2f}", f"{row.again:.2f}", f"{row.heap:.0f}"]
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    """Measure each size and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environments", type=int, nargs="*", default=[5, 10, 20, 40])
    parser.add_argument("--packages", type=int, default=300)
    parser.add_argument("--platform-packages", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scale_", dir=options.work) as name:
        folder = Path(name) / "generated"
        rows: list[Row] = []
        for count in options.environments:
            rows.append(measure(folder, count, options.packages, options.runs))
            head = ["| " + " | ".join(HEADS) + " |", "|---" * len(HEADS) + "|"] if len(rows) == 1 else []
            print(*head, line(rows[-1], rows[0]), sep="\n", flush=True)
        if options.platform_packages:
            found = measure_platforms(folder, options.platform_packages, options.runs)
            what = f"{options.platform_packages} packages, .all_platforms of PEX and venv"
            figures = (found.new_server, found.other_options, found.loaded)
            print("\n{}: {:.2f} s on a new server, {:.2f} s with another -c, {:.2f} s loaded".format(what, *figures))


if __name__ == "__main__":
    main()
