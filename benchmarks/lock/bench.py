"""A refresh of six platform tags beside one `uv pip compile`, in one run: seconds and memory.

    ./bazelw build //examples/training:training.update //tools:uv
    python3 benchmarks/lock/bench.py [--runs 7] [--settle 31]

All caches are warm: each subject runs once before it is measured. uv and our refresh have caches of their own. Our
refresh trusts an index page for 30 seconds; `--settle` waits longer before each of its runs, so that every measured run
asks the index for every page again, as uv does. Prints medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from refresh_command import ROOT, Tools, default_python, network

from support.generated_locks import SIX_TAGS

REQUIREMENTS = ROOT / "examples/training/requirements.in"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: wall seconds, the command's own peak memory, and that of its largest child, in MB."""

    seconds: float
    own: float
    child: float


@dataclass(slots=True)
class Subject:
    """One thing to measure."""

    name: str
    command: Sequence[str]
    fresh: Sequence[str] = ()
    """Files that are removed before each run."""
    settle: bool = False
    results: list[Measured] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Return the median of the seconds."""
        return statistics.median(result.seconds for result in self.results)


def _peak(pid: int) -> float:
    """Return the peak resident memory of a running process, in MB; the kernel keeps it (proc_pid_status)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def _watch(pid: int, done: threading.Event, peaks: list[float]) -> None:
    while not done.wait(0.01):
        peaks.append(_peak(pid))


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run one command and return its figures."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    done, peaks = threading.Event(), [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, done, peaks))
    watcher.start()
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    done.set()
    watcher.join()
    assert os.waitstatus_to_exitcode(status) == 0, said.decode()[-3000:]
    return Measured(seconds, max(peaks), usage.ru_maxrss / 1024)


def subjects(tools: Tools) -> list[Subject]:
    """Return everything that is measured."""
    one = tools.compile(REQUIREMENTS, "one.txt", python="3.11", platform="x86_64-manylinux_2_28")
    new = tools.refresh("new.json", REQUIREMENTS, SIX_TAGS)
    old = tools.refresh("old.json", REQUIREMENTS, SIX_TAGS)
    return [
        Subject("one `uv pip compile`, one tag", one, fresh=["one.txt"]),
        Subject("refresh from nothing, six tags", new, fresh=["new.json"], settle=True),
        Subject("refresh that changes nothing, six tags", old, settle=True),
    ]


def run(subject: Subject, folder: Path, environment: Mapping[str, str], settle: float) -> Measured:
    """Run a subject once."""
    for name in subject.fresh:
        (folder / name).unlink(missing_ok=True)
    time.sleep(settle if subject.settle else 0)
    return measure(subject.command, folder, environment)


def table(measured: Sequence[Subject]) -> str:
    """Return the figures as a Markdown table; the first subject is what the others are compared with."""
    heads = ["what", "runs", "median s", "min-max s", "x", "own MB", "largest process MB"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for subject in measured:
        seconds = [result.seconds for result in subject.results]
        own = max(result.own for result in subject.results)
        child = max(result.child for result in subject.results)
        ratio = subject.median / measured[0].median
        spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
        cells = [subject.name, str(len(seconds)), f"{subject.median:.2f}", spread, f"{ratio:.2f}"]
        lines.append("| " + " | ".join([*cells, f"{own:.0f}", f"{child:.0f}"]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure all subjects in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=default_python())
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--settle", type=float, default=31)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench_") as name:
        folder = Path(name)
        environment = {**network(), "UV_CACHE_DIR": str(folder / "uv"), "XDG_CACHE_HOME": str(folder / "cache")}
        measured = subjects(Tools.find(options.python))
        for subject in measured:
            run(subject, folder, environment, 0)
        for _ in range(options.runs):
            for subject in measured:
                subject.results.append(run(subject, folder, environment, options.settle))
    print(table(measured))


if __name__ == "__main__":
    main()
