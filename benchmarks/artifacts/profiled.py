"""Where our tools spend their time: py-spy's samples of all threads, by step of the tool and by the line that runs.

py-spy looks at the process from outside, 200 times a second, so the tool is the one that Bazel runs. A thread that
waits is not counted: a step's share is of the time on a CPU, and two threads count twice.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Subject, variables
from table import rows

RATE = 200
"""Samples a second; of each run one second or more is wanted."""

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


def counted(stacks: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """Return the samples of each step, and of each pair of the innermost function of ours and what it waits for.

    `stacks` are py-spy's raw lines: frames from the outermost on, `;` between them, and a number.
    """
    steps: Counter[str] = Counter()
    leaves: Counter[str] = Counter()
    for line in stacks:
        text, _, number = line.rpartition(" ")
        stack = [Frame.parse(part) for part in text.split(";")]
        steps[step_of(stack)] += int(number)
        last, inner = stack[-1], next((frame for frame in reversed(stack) if frame.ours), None)
        leaves[last.text if inner in (None, last) else f"{inner.text} > {last.text}"] += int(number)
    return steps, leaves


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
        steps, leaves = counted(sample(subject, program, work))
        total = sum(steps.values())
        print(f"\n### {subject.name}: {total / RATE:.2f} s of CPU time sampled\n")
        for head, counter in (("step", steps), ("innermost function of ours > below it", leaves)):
            body = [[name, f"{n / RATE:.2f}", f"{100 * n / total:.0f} %"] for name, n in counter.most_common(LINES)]
            print(rows([head, "s", "share"], body), end="\n\n")
