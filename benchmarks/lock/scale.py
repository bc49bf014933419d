"""Generated locks of 250, 500 and 1000 packages for six tags: size, `.lock_test`, and a build that changes nothing.

    python3 benchmarks/lock/scale.py [--runs 5] [--packages 250 500 1000] [--work FOLDER]

Of five packages one is native, with a wheel for every tag; the others have one wheel for all. Wheels for the machine's
own tag are written and given to Bazel by `--distdir`; all others exist in the lock only. FOLDER must lie outside of
/tmp, where Bazel 7 does not work. Prints medians.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from refresh_command import ROOT

from python_env.lock.document import render_lock
from support.generated_locks import SIX_TAGS, make_lock, package_name


def make_workspace(folder: Path, count: int) -> None:
    """Write a workspace like examples/consumer, with the generated lock."""
    shutil.copytree(ROOT / "examples/consumer", folder, ignore=shutil.ignore_patterns("bazel-*", "MODULE.bazel.lock"))
    for name in ("MODULE.bazel", "WORKSPACE"):
        (folder / name).write_text((folder / name).read_text().replace('"../.."', f'"{ROOT}"'))
    build = folder / "envs/BUILD"
    head, _, rest = build.read_text().partition("    platforms = [")
    tags = "".join(f'        "{tag}",\n' for tag in SIX_TAGS)
    build.write_text(f"{head}    platforms = [\n{tags}    ]{rest.partition(']')[2]}")
    (folder / "envs/requirements.in").write_text(package_name(0) + "\n")
    (folder / "wheels").mkdir()
    lock = make_lock(range(count), folder / "wheels", tags=SIX_TAGS, made=SIX_TAGS[:1])
    (folder / "envs/training.lock.json").write_bytes(render_lock(lock))


def timed(command: Sequence[str | Path], folder: Path) -> float:
    """Run a command and return its wall seconds."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout[-4000:])
    return time.monotonic() - started


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured of one size."""

    packages: int
    files: int
    size: int
    test: float
    first: float
    build: float


def measure(count: int, work: Path, runs: int) -> Figures:
    """Return the figures of one size."""
    with tempfile.TemporaryDirectory(prefix="scale_", dir=work) as name:
        folder = Path(name) / "workspace"
        make_workspace(folder, count)
        bazel = ROOT / "bazelw"
        words = ["--nobuild", f"--distdir={folder / 'wheels'}", "//envs:training_pex", "//envs:training_venv"]
        build = [bazel, "build", *words]
        first = timed(build, folder)
        builds = [timed(build, folder) for _ in range(runs)]
        timed([bazel, "build", f"--distdir={folder / 'wheels'}", "//envs:training.lock_test"], folder)
        tests = [timed([folder / "bazel-bin/envs/training.lock_test"], folder) for _ in range(runs)]
        timed([bazel, "shutdown"], folder)
        lock = (folder / "envs/training.lock.json").read_bytes()
        median = statistics.median
        return Figures(count, lock.count(b'"sha256"'), len(lock), median(tests), first, median(builds))


def table(found: Sequence[Figures]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| packages | files | lock kB | `.lock_test` s | first `build --nobuild` s | again, nothing changed s |"]
    lines.append("|---|---|---|---|---|---|")
    for each in found:
        cells = [str(each.packages), str(each.files), f"{each.size / 1000:.0f}", f"{each.test:.2f}"]
        lines.append("| " + " | ".join([*cells, f"{each.first:.1f}", f"{each.build:.2f}"]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure each size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--packages", type=int, nargs="+", default=[250, 500, 1000])
    parser.add_argument("--work", type=Path, default=Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"))
    options = parser.parse_args()
    print(table([measure(count, options.work, options.runs) for count in options.packages]))


if __name__ == "__main__":
    main()
