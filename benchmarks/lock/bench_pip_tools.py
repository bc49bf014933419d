"""A refresh of one platform tag by `resolver = "pip-tools"` beside `pip-compile`, in one run.

    ./bazelw build //examples/training:training.update //tools:uv
    python3 benchmarks/lock/bench_pip_tools.py [--runs 3]

Both sides have the versions of pip and pip-tools that the rules lock, and caches of their own, warm. Prints medians.
`pip-compile` keeps what the index lets it keep: without cache headers it fetches the wheels of its candidates again,
where our refresh remembers their metadata by digest.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import REQUIREMENTS, Subject, run, table
from refresh_command import Tools, default_python, network

from support.generated_locks import SIX_TAGS


def pip_compile(tools: Tools, folder: Path) -> list[str]:
    """Make an environment with the locked pip-tools, and return one plain `pip-compile`."""
    venv = folder / "venv"
    python = str(venv / "bin/python")
    subprocess.run([tools.uv, "venv", "--quiet", "--python", tools.python, venv], check=True)
    wheels: Sequence[str] = [str(wheel) for wheel in tools.pip_tools]
    subprocess.run([tools.uv, "pip", "install", "--quiet", "--python", python, *wheels], check=True, env=network())
    words = ["--quiet", "--no-header", "--strip-extras", "--cache-dir", str(folder / "pip"), "--output-file", "one.txt"]
    return [python, "-m", "piptools", "compile", *words, "--pip-args", "--only-binary :all:", str(REQUIREMENTS)]


def main() -> None:
    """Measure both in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=default_python())
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    tools = Tools.find(options.python)
    with tempfile.TemporaryDirectory(prefix="bench_") as name:
        folder = Path(name)
        environment = {**network(), "UV_CACHE_DIR": str(folder / "uv"), "XDG_CACHE_HOME": str(folder / "cache")}
        ours = tools.refresh("new.json", REQUIREMENTS, SIX_TAGS[:1], resolver="pip-tools")
        measured = [
            Subject("one `pip-compile`, one tag", pip_compile(tools, folder), fresh=["one.txt"]),
            Subject("refresh by pip-tools from nothing, one tag", ours, fresh=["new.json"]),
        ]
        for subject in measured:
            run(subject, folder, environment, 0)
        for _ in range(options.runs):
            for subject in measured:
                subject.results.append(run(subject, folder, environment, 0))
    print(table(measured))


if __name__ == "__main__":
    main()
