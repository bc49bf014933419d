"""Assembly beside its peers, in one run: our PEX and venv tools, pex, and uv pip install + venv-pack.

    ./bazelw build //examples/training:training_pex //examples/training:training_venv
    python3 benchmarks/artifacts/bench.py --peers VENV [--runs 5] [--peer-runs 3] [--env examples/training/training]

VENV is a virtual environment with pex, uv and venv-pack. Every command works on the same fetched wheels, without a
network. Prints medians of wall seconds, the largest resident memory of any process, and sizes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: wall seconds, and the peak resident memory in MB."""

    seconds: float
    memory: float


@dataclass(slots=True)
class Subject:
    """One thing to measure: commands that run one after the other, and the file they make."""

    name: str
    commands: Callable[[Path], Sequence[Sequence[str]]]
    output: str
    runs: int
    results: list[Measured] = field(default_factory=list)
    size: int = 0


def measure(command: Sequence[str], folder: Path) -> Measured:
    """Run one command and return its figures; the kernel tells the memory."""
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "UV_CACHE_DIR": str(folder / "uv"),
        "HOME": str(folder),
    }
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, said.decode()[-3000:]
    return Measured(time.monotonic() - started, usage.ru_maxrss / 1024)


def run(subject: Subject) -> None:
    """Run a subject once, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="bench_", dir=ROOT.parent) as name:
        folder = Path(name)
        parts = [measure(command, folder) for command in subject.commands(folder)]
        subject.results.append(Measured(sum(part.seconds for part in parts), max(part.memory for part in parts)))
        subject.size = (folder / subject.output).stat().st_size


def wheels_of(env: Path) -> tuple[list[Path], Path]:
    """Return the env's wheels where Bazel fetched them, and the pex wheel."""
    base = subprocess.run(
        [ROOT / "bazelw", "info", "output_base"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    external = Path(base.stdout.strip()) / "external"
    fetched = {path.name: path for path in external.glob("*whl_*/*.whl")}
    names = [wheel["file"] for wheel in json.loads(env.read_text())["wheels"]]
    pex = next(path for name, path in fetched.items() if name.startswith("pex-"))
    return [fetched[name] for name in names], pex


def checks_of(wheels: Sequence[Path]) -> list[Path]:
    """Return what Bazel's check of each wheel wrote."""
    made = {path.name: path for path in (ROOT / "bazel-bin/external").glob("*whl_*/*.check.json")}
    return [made[f"{wheel.name}.check.json"] for wheel in wheels]


def bundled(zipped: Path | None, command: Sequence[str], runs: int) -> list[Subject]:
    """Return the venv with an interpreter inside, where one is named."""
    if zipped is None:
        return []
    inside = ["--interpreter", str(zipped), "--interpreter-document", str(zipped.with_suffix(".json"))]
    return [Subject("our venv.tar.gz, interpreter inside", lambda _: [[*command, *inside]], "out", runs)]


def subjects(options: argparse.Namespace, folder: Path) -> list[Subject]:
    """Return everything that is measured."""
    env = ROOT / "bazel-bin" / f"{options.env}.env.json"
    wheels, pex_wheel = wheels_of(env)
    links = folder / "wheels"
    links.mkdir()
    for wheel in wheels:
        shutil.copy(wheel, links / wheel.name)
    pins = [f"{wheel['name']}=={wheel['version']}" for wheel in json.loads(env.read_text())["wheels"]]
    (folder / "pins.txt").write_text("\n".join(pins) + "\n")
    ours = [options.python, "-I", "-S", str(ROOT / "tools/run.py"), "artifacts"]
    unchecked = ["--env", str(env), *(word for wheel in wheels for word in ("--wheel", str(wheel)))]
    given = [*unchecked, *(word for check in checks_of(wheels) for word in ("--check", str(check)))]
    output = ["--output", "out", "--report", "out.json"]
    check = [options.python, "-I", "-S", str(ROOT / "tools/run.py"), "wheels", "check", "--output", "out"]
    tools = options.peers / "bin"
    pex = [str(tools / "pex"), "--no-index", "-f", str(links), "-r", str(folder / "pins.txt"), "-o", "out"]
    venv = [str(tools / "uv"), "venv", "-q", "--python", options.python, "env"]
    install = [str(tools / "uv"), "pip", "install", "-q", "--python", "env/bin/python", "--no-index", "--no-deps"]
    install += ["--find-links", str(links), "-r", str(folder / "pins.txt")]
    fast = ["--no-pre-install-wheels", "--no-compress", "--pre-resolved-dists", str(links)]
    fastest = [str(tools / "pex"), *fast, "-r", str(folder / "pins.txt"), "-o", "out"]
    pack = [str(tools / "venv-pack"), "-q", "-p", "env", "-o", "out.tar.gz"]
    our_pex = [*ours, "pex", *given, *output, "--pex-wheel", str(pex_wheel)]
    few, many = options.peer_runs, options.runs
    return [
        *bundled(options.interpreter, [*ours, "venv", *given, *output], many),
        Subject("our PEX", lambda _: [our_pex], "out", many),
        Subject("our PEX, packed", lambda _: [[*our_pex, "--options", '{"layout": "packed"}']], "out", many),
        Subject("our PEX, pre_installed", lambda _: [[*our_pex, "--options", '{"pre_installed": true}']], "out", many),
        Subject("our venv.tar.gz", lambda _: [[*ours, "venv", *given, *output]], "out", many),
        Subject(
            "our venv.tar.gz, no wheel checked before", lambda _: [[*ours, "venv", *unchecked, *output]], "out", few
        ),
        Subject("our checks of all wheels", lambda _: [[*check, "--wheel", str(path)] for path in wheels], "out", few),
        Subject("cp of the wheels", lambda _: [["sh", "-c", f"cat {links}/*.whl > out"]], "out", many),
        Subject("pex, default", lambda _: [pex], "out", few),
        Subject("pex, fastest flags", lambda _: [fastest], "out", few),
        Subject("uv pip install + venv-pack", lambda _: [venv, install, pack], "out.tar.gz", few),
    ]


def table(measured: Sequence[Subject]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| what | runs | median s | min-max s | peak MB | size MB |", "|---|---|---|---|---|---|"]
    for subject in measured:
        seconds = [result.seconds for result in subject.results]
        spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
        memory = max(result.memory for result in subject.results)
        median = statistics.median(seconds)
        cells = [subject.name, str(len(seconds)), f"{median:.2f}", spread, f"{memory:.0f}", f"{subject.size / 1e6:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure all subjects in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--env", default="examples/training/training")
    parser.add_argument(
        "--python", default=shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or sys.executable
    )
    parser.add_argument("--interpreter", type=lambda text: Path(text).absolute(), metavar="<name>.interpreter.zip")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-runs", type=int, default=3)
    options = parser.parse_args()
    options.peers = options.peers.absolute()
    with tempfile.TemporaryDirectory(prefix="bench_", dir=ROOT.parent) as name:
        measured = subjects(options, Path(name))
        for number in range(max(options.runs, options.peer_runs)):
            for subject in measured:
                if number < subject.runs:
                    run(subject)
    print(table(measured))


if __name__ == "__main__":
    main()
