"""What a change costs through Bazel: one wheel of 136, a first-party file with and without `split`, and nothing.

    python3 benchmarks/artifacts/bench_incremental.py [--runs 5] [--json FILE] [--work FOLDER]

A scratch workspace with the environment of examples/training, below FOLDER (outside of /tmp, where Bazel 7 does not
work), twice: as it is, and with `split = True`. A run changes the file, builds PEX and venv (and the code's archive),
and reads Bazel's own profile: which actions ran, and how long. The wheel that changes is another release of zipp, which
a new lock names and `--distdir` holds. Prints medians of wall seconds, of the time in actions, and the actions.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import ROOT
from table import rows

sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "tests"))

from python_env.lock.document import parse_lock, render_lock
from python_env.lock.model import Lock, LockedPackage
from support.wheels import make_wheel, sha256

TRAINING_LOCK = "examples/training/training.lock.json"

CHANGED = "zipp"
"""The distribution that changes: pure, of 11 kB, needed by another."""

WHOLE, SPLIT = ("//envs:training_pex", "//envs:training_venv"), ("//envs:split_pex", "//envs:split_venv")
CODE = "//envs:split_code"

BUILD = """\
load("@rules_python_env//rules:defs.bzl", "python_env")

[
    python_env(
        name = name,
        srcs = glob(["src/**/*.py"]),
        lock = "training.lock.json",
        lock_repo = "@training_lock",
        platforms = ["cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64", "cp311-win_amd64"],
        requirements = ["requirements.in"],
        src_root = "src",
        split = name == "split",
    )
    for name in ["training", "split"]
]
"""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of Bazel's profile."""

    mnemonic: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """One build: wall seconds of the command, and the actions that ran."""

    seconds: float
    actions: tuple[Action, ...]

    @property
    def in_actions(self) -> float:
        """Seconds of all actions, one after the other."""
        return sum(action.seconds for action in self.actions)


@dataclass(slots=True)
class Scenario:
    """One change, the targets that are built after it, and the aims: seconds of the command, and of its actions."""

    name: str
    change: Callable[[int], None]
    targets: Sequence[str]
    most_wall: float | None = None
    most_actions: float | None = None
    runs: list[Run] = field(default_factory=list)


def parse_profile(data: bytes) -> tuple[Action, ...]:
    """Return the actions of Bazel's profile (`--profile`, a gzipped trace) that ran a tool of ours.

    What Bazel does itself (links, written text, files that stand in for a group) is no tool.
    """
    events = json.loads(gzip.decompress(data))["traceEvents"]
    found = [event for event in events if event.get("cat") == "action processing"]
    actions = [Action(event.get("args", {}).get("mnemonic", ""), event["dur"] / 1e6) for event in found]
    return tuple(action for action in actions if action.mnemonic.startswith("PyEnv"))


@dataclass(frozen=True, slots=True)
class Workspace:
    """The scratch workspace."""

    path: Path

    @property
    def distdir(self) -> Path:
        """Where the wheels lie that no index has."""
        return self.path / "wheels"

    def bazel(self, *words: str) -> str:
        """Run bazelw; exits with what it said where it fails."""
        done = subprocess.run(
            [ROOT / "bazelw", *words], cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            sys.exit(done.stdout[-4000:])
        return done.stdout

    def build(self, targets: Sequence[str]) -> Run:
        """Build and return what it cost."""
        profile = self.path / "profile.gz"
        started = time.monotonic()
        self.bazel("build", f"--distdir={self.distdir}", f"--profile={profile}", "--noslim_profile", *targets)
        return Run(time.monotonic() - started, parse_profile(profile.read_bytes()))

    def change_wheel(self, number: int) -> None:
        """Write a lock that has another release of one distribution, and that release's wheel."""
        version = f"4.1.2.post{number}"
        files = {f"{CHANGED}/__init__.py": f"RUN = {number}\n".encode() * 500}
        wheel = make_wheel(self.distdir, CHANGED, version, files=files)
        lock = parse_lock((ROOT / TRAINING_LOCK).read_bytes(), where=TRAINING_LOCK, fix="refresh it")
        assert lock
        (self.path / "envs/training.lock.json").write_bytes(render_lock(with_release(lock, wheel, version)))

    def change_code(self, number: int) -> None:
        """Write another text into a first-party file."""
        (self.path / "envs/src/training_job/changed.py").write_text(f"RUN = {number}\n")


def with_release(lock: Lock, wheel: Path, version: str) -> Lock:
    """Return the lock with another release of one distribution."""
    old = next(name for name in lock.files if name.startswith(f"{CHANGED}-"))
    facts: dict[str, Any] = {"sha256": sha256(wheel), "size": wheel.stat().st_size, "path": f"packages/{wheel.name}"}
    files = {name: file for name, file in lock.files.items() if name != old}
    files[wheel.name] = dataclasses.replace(lock.files[old], name=wheel.name, **facts)

    def changed(package: LockedPackage) -> LockedPackage:
        return dataclasses.replace(package, version=version, file=wheel.name) if package.file == old else package

    sections = {
        tag: dataclasses.replace(section, packages=tuple(map(changed, section.packages)))
        for tag, section in lock.sections.items()
    }
    return dataclasses.replace(lock, files=files, sections=sections)


@contextmanager
def workspace(work: Path) -> Iterator[Workspace]:
    """Make the scratch workspace; afterwards it and all that Bazel wrote for it are deleted."""
    with tempfile.TemporaryDirectory(prefix="incremental_", dir=work) as name:
        path = Path(name) / "workspace"
        shutil.copytree(ROOT / "examples/consumer", path, ignore=shutil.ignore_patterns("bazel-*", "MODULE.bazel.lock"))
        module = path / "MODULE.bazel"
        module.write_text(module.read_text().replace('"../.."', f'"{ROOT}"'))
        training = ROOT / "examples/training"
        shutil.copytree(training / "src", path / "envs/src", ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("requirements.in", "training.lock.json"):
            shutil.copy(training / file, path / "envs")
        (path / "envs/BUILD").write_text(BUILD)
        made = Workspace(path)
        made.distdir.mkdir()
        try:
            yield made
        finally:
            made.bazel("clean", "--expunge")


def scenarios(made: Workspace) -> list[Scenario]:
    """Return what is measured; each is built once before, so that only its change is new."""
    return [
        Scenario("nothing", lambda _: None, WHOLE),
        Scenario("one wheel of 136: PEX and tar.gz", made.change_wheel, WHOLE, most_wall=3),
        Scenario("a first-party file: PEX and tar.gz", made.change_code, WHOLE),
        Scenario("a first-party file, split", made.change_code, (*SPLIT, CODE), most_actions=1),
    ]


def measure(scenario: Scenario, made: Workspace, number: int) -> None:
    """Build, change, build again, and keep the figures of the second."""
    made.build(scenario.targets)
    scenario.change(number)
    os.sync()
    scenario.runs.append(made.build(scenario.targets))


def actions_of(runs: Sequence[Run]) -> str:
    """Return the actions that ran, as `2 PyEnvPex 1.10 s`, with the median of their seconds; as a set of each run's."""
    counts = {tuple(sorted(Counter(action.mnemonic for action in run.actions).items())) for run in runs}
    texts = []
    for each in sorted(counts):
        parts = []
        for mnemonic, count in each:
            seconds = [action.seconds for run in runs for action in run.actions if action.mnemonic == mnemonic]
            parts.append(f"{count} {mnemonic} {statistics.median(seconds):.2f} s")
        texts.append(", ".join(parts) or "none")
    return "; or ".join(texts)


def _reached(scenario: Scenario, wall: float, acting: float) -> tuple[str, str]:
    if scenario.most_wall is not None:
        return f"{scenario.most_wall:g} s", "yes" if wall <= scenario.most_wall else "no"
    if scenario.most_actions is not None:
        return f"{scenario.most_actions:g} s of actions", "yes" if acting <= scenario.most_actions else "no"
    return "", ""


def table(measured: Sequence[Scenario]) -> str:
    """Return the figures as a Markdown table."""
    body = []
    for each in measured:
        wall, acting = [run.seconds for run in each.runs], [run.in_actions for run in each.runs]
        medians = statistics.median(wall), statistics.median(acting)
        figures = [f"{medians[0]:.2f}", f"{min(wall):.2f}-{max(wall):.2f}", f"{medians[1]:.2f}"]
        body.append([each.name, str(len(wall)), *figures, actions_of(each.runs), *_reached(each, *medians)])
    head = ["what changes", "runs", "median s", "min-max s", "in actions s", "actions that ran", "aim", "reached"]
    return rows(head, body)


def raw(measured: Sequence[Scenario]) -> Mapping[str, object]:
    """Return every single figure, for a JSON file."""
    return {each.name: [dataclasses.asdict(run) for run in each.runs] for each in measured}


def main() -> None:
    """Measure each change in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", type=lambda text: Path(text).resolve(strict=True), default=ROOT.parent)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with workspace(options.work) as made:
        measured = scenarios(made)
        for number in range(options.runs):
            for place, scenario in enumerate(measured):
                measure(scenario, made, 1 + number * len(measured) + place)
                print(
                    f"{number + 1}/{options.runs} {scenario.name}: {scenario.runs[-1].seconds:.2f} s", file=sys.stderr
                )
    print(table(measured))
    if options.json:
        options.json.write_text(json.dumps(raw(measured), indent=1) + "\n")


if __name__ == "__main__":
    main()
