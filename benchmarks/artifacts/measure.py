"""Runs a subject's commands in a fresh folder and takes its figures: wall seconds, memory of all processes, size."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).absolute().parents[2]

_PAGE = os.sysconf("SC_PAGE_SIZE")

_SAMPLES = 0.02
"""Seconds between two looks at a command's processes; one look takes some 0.1 ms for each of them."""

_KEPT = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE")
"""What a command sees of the caller's variables: no setting of pip, pex or uv."""

Command = Sequence[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: wall seconds, the peak resident memory in MB, and the machine's load when it began."""

    seconds: float
    memory: float
    load: float = 0.0


@dataclass(slots=True)
class Subject:
    """One thing to measure.

    `commands` run one after the other in the folder that they are given, and make `output` there, a file or a folder.
    What `prepare` returns runs before, untimed. Where `size` is known beforehand (a copy made by cp), it is given.
    """

    name: str
    commands: Callable[[Path], Sequence[Command]]
    output: str
    runs: int
    prepare: Callable[[Path], Sequence[Command]] = lambda _: ()
    results: list[Measured] = field(default_factory=list)
    size: int = 0

    @property
    def ours(self) -> bool:
        """Whether it is a tool of ours, which the aims for memory count for."""
        return self.name.startswith("our ")


def variables(folder: Path, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables of a command: home and all caches are new, below `folder`."""
    return {
        **{key: given[key] for key in _KEPT if key in given},
        "HOME": str(folder),
        "PEX_ROOT": str(folder / "pex_root"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "UV_CACHE_DIR": str(folder / "uv"),
        "UV_NO_CONFIG": "1",
    }


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it; what ends meanwhile is left out."""
    yield pid
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _tree(int(child))
    except OSError:
        return


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


class _Watch(threading.Thread):
    """Looks at a command's processes until it is told to stop, and keeps the largest sum of their resident memory."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._stop_asked, self.peak = pid, threading.Event(), 0

    def run(self) -> None:
        while not self._stop_asked.wait(_SAMPLES):
            self.peak = max(self.peak, sum(map(_resident, _tree(self._pid))))

    def stop(self) -> None:
        """Return when no further look is taken."""
        self._stop_asked.set()
        self.join()


def measure(command: Command, folder: Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Run one command and return its figures; its variables are those of `variables`, unless others are given.

    The memory is the larger of two: what the kernel says of the largest single process (exact, though never below the
    memory of this program, which it was forked from), and the largest sum over all processes of the tree that were seen
    at one time, every 20 ms (pages that two of them share count twice).
    Raises AssertionError with what a command said that failed.
    """
    told = environment if environment is not None else variables(folder)
    with tempfile.TemporaryFile() as said:
        load = os.getloadavg()[0]
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=told, stdout=subprocess.DEVNULL, stderr=said)
        watch = _Watch(process.pid)
        watch.start()
        # waits without reaping, so that the watch never looks at another process of this number
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.monotonic() - started
        watch.stop()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        assert process.returncode == 0, f"{' '.join(command)[:300]}\n{said.read().decode(errors='replace')[-3000:]}"
    return Measured(seconds, max(usage.ru_maxrss / 1024, watch.peak / 2**20), load)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder; links count as nothing."""
    if not path.is_dir():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


def run(subject: Subject, work: Path) -> None:
    """Run a subject once, in a folder of its own below `work`, and keep its figures.

    What earlier runs left to be written is written before, so that nobody waits for another's bytes.
    """
    with tempfile.TemporaryDirectory(prefix="bench_", dir=work) as name:
        folder = Path(name)
        for command in subject.prepare(folder):
            measure(command, folder)
        os.sync()
        parts = [measure(command, folder) for command in subject.commands(folder)]
        seconds, memory = sum(part.seconds for part in parts), max(part.memory for part in parts)
        subject.results.append(Measured(seconds, memory, parts[0].load))
        subject.size = subject.size or size_of(folder / subject.output)


def take_turns(subjects: Sequence[Subject], work: Path, *, say: Callable[[str], None] = lambda _: None) -> None:
    """Run all subjects, one run of each in turn, until each has as many as it wants."""
    for number in range(max((subject.runs for subject in subjects), default=0)):
        for subject in subjects:
            if number < subject.runs:
                run(subject, work)
                say(f"{number + 1}/{subject.runs} {subject.name}: {subject.results[-1].seconds:.2f} s")
