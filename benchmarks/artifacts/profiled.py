"""Where our tools spend their time: py-spy's samples of all threads, by step of the tool and by the line that runs.

py-spy looks at the process from outside, 200 times a second, so the tool is the one that Bazel runs. A thread that
waits is not counted: a step's share is of the time on a CPU or waiting for one, and two threads count twice.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Subject, variables
from table import rows

RATE = 200
"""Samples a second; of each run one second or more is wanted."""

HASHING = re.compile(r"digest|hash|_crc|^_WorkItem\.run$|^run$")
"""Innermost functions that digest; a thread that is handed a hash's own `update` shows its `run` only."""

KINDS = {
    "starting Python": ("starting Python", "importing"),
    "planning": (".plan", ".settle"),
    "writing": (".write", "_report"),
    "reading": (".read", ".check", ".open"),
}
"""Kind to words of the steps that are of this kind; the first that fits counts."""

LINES = 12
"""Lines of the second table."""

_FRAME = re.compile(r"(?P<function>.+?) \((?P<file>.+?)(?::\d+)?\)$")


@dataclass(frozen=True, slots=True)
class Frame:
    """A function in a stack."""

    function: str
    file: str

    @classmethod
    def parse(cls, text: str) -> Frame:
        """Parse py-spy's `function (file.py:12)`."""
        found = _FRAME.match(text)
        return cls(found["function"], found["file"]) if found else cls(text, "")

    @property
    def ours(self) -> bool:
        """Whether it is a function of our tools."""
        return "python_env/" in self.file

    @property
    def text(self) -> str:
        """Its name with its module's, e.g. `archive/zip_writer.copy`."""
        inside = self.file.rpartition("python_env/")[2] if self.ours else Path(self.file).name
        return f"{inside.removesuffix('.py')}.{self.function}"


def step_of(stack: Sequence[Frame]) -> str:
    """Return which step of a tool a stack belongs to: what its `main` calls, or what a thread was given to do."""
    ours = [frame for frame in stack if frame.ours and not frame.file.endswith("__main__.py")]
    if not ours:
        return "starting Python"
    if ours[0].function == "main":
        return ours[1].text if len(ours) > 1 else "main itself"
    return f"{ours[0].text} (threads)" if "threading.py" in {Path(frame.file).name for frame in stack} else "importing"


def kind_of(stack: Sequence[Frame]) -> str:
    """Return what a stack is about: hashing by its innermost function, all else by its step."""
    if HASHING.search(stack[-1].function):
        return "hashing"
    step = step_of(stack)
    for kind, words in KINDS.items():
        if any(word in step for word in words):
            return kind
    return "other"


def leaf_of(stack: Sequence[Frame]) -> str:
    """Return the innermost function of ours, and the one that runs below it."""
    last, inner = stack[-1], next((frame for frame in reversed(stack) if frame.ours), None)
    return last.text if inner is None or inner is last else f"{inner.text} > {last.text}"


def counted(stacks: Sequence[str], key: Callable[[Sequence[Frame]], str]) -> Counter[str]:
    """Return how many samples there are of each `key`.

    `stacks` are py-spy's raw lines: frames from the outermost on, `;` between them, and a number.
    """
    found: Counter[str] = Counter()
    for line in stacks:
        text, _, number = line.rpartition(" ")
        found[key([Frame.parse(part) for part in text.split(";")])] += int(number)
    return found


KEYS = {"what": kind_of, "step of the tool": step_of, "innermost function of ours > below it": leaf_of}
"""Head of each table to what it counts."""


def sample(subject: Subject, program: Path, work: Path) -> list[str]:
    """Run a subject under py-spy and return its raw lines."""
    with tempfile.TemporaryDirectory(prefix="bench_", dir=work) as name:
        folder = Path(name)
        for command in subject.commands(folder):
            spy = [
                str(program.absolute()),
                "record",
                "--rate",
                str(RATE),
                "--format",
                "raw",
                "--output",
                "spy",
                "--threads",
            ]
            done = subprocess.run(
                [*spy, "--nonblocking", "--", *command],
                cwd=folder,
                env=variables(folder),
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr[-2000:]
        return [line for line in (folder / "spy").read_text().splitlines() if line]


def profile(subjects: Sequence[Subject], program: Path, work: Path) -> None:
    """Print where each subject spends its time."""
    for subject in subjects:
        stacks = sample(subject, program, work)
        total = sum(int(line.rpartition(" ")[2]) for line in stacks)
        print(f"\n### {subject.name}: {total / RATE:.2f} s of running threads sampled\n")
        for head, key in KEYS.items():
            found = counted(stacks, key).most_common(LINES)
            body = [[name, f"{n / RATE:.2f}", f"{100 * n / total:.0f} %"] for name, n in found]
            print(rows([head, "s", "share"], body), end="\n\n")
