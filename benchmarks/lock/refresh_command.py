"""The commands that the lock's benchmarks run: our refresh and test without Bazel, and uv beside them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "tests"))

TARGET = "examples/training/training.update"
"""The built target whose runfiles hold the tools' wheels and uv."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What Bazel built or fetched for the command `.update`."""

    python: str
    wheels: tuple[Path, ...]
    uv: Path

    @classmethod
    def find(cls, python: str) -> Tools:
        """Return the tools below bazel-bin; exits with the command to run when they are not built."""
        runfiles = ROOT / "bazel-bin" / f"{TARGET}.runfiles"
        wheels = tuple(sorted(runfiles.glob("*whl_*/*.whl")))
        if not wheels:
            sys.exit(f"run first: ./bazelw build //{TARGET.replace('/training.', ':training.')} //tools:uv")
        return cls(python, wheels, (ROOT / "bazel-bin/tools/uv").resolve())

    @property
    def pip_tools(self) -> tuple[Path, ...]:
        """Return the wheels that the adapter of pip-tools runs in a process of its own."""
        return tuple(wheel for wheel in self.wheels if wheel.name.startswith(("click-", "pip-", "pip_tools-")))

    def ours(self, *words: str) -> list[str]:
        """Return a command of ours, on a bare interpreter, as the rules start it."""
        imported = [wheel for wheel in self.wheels if wheel not in self.pip_tools or wheel.name.startswith("click-")]
        paths = [word for wheel in imported for word in ("--path", str(wheel))]
        return [self.python, "-I", "-S", str(ROOT / "tools/run.py"), *paths, *words]

    def refresh(
        self, lock: str, requirements: Path, tags: Sequence[str], *, resolver: str = "uv", sdists: Sequence[str] = ()
    ) -> list[str]:
        """Return `.update` for a lock and one requirement file."""
        platforms = [word for tag in tags for word in ("--locked-platform", tag)]
        words = ["--lock", lock, "--name", "env", "--update-command", "x", "--uv", str(self.uv), "--resolver", resolver]
        words += [word for wheel in self.pip_tools for word in ("--pip-tools-wheel", str(wheel))]
        words += [word for name in sdists for word in ("--sdist", name)]
        return self.ours("lock", "update", *words, "--requirements", f"requirements.in={requirements}", *platforms)

    def compile(
        self, requirements: Path, output: str, *, python: str, platform: str, sdists: Sequence[str] = ()
    ) -> list[str]:
        """Return one plain `uv pip compile` for one platform."""
        words = ["--python-version", python, "--python-platform", platform, "--python", self.python]
        words += ["--only-binary", ":all:", *(word for name in sdists for word in ("--no-binary", name))]
        words += ["--no-header", "--no-config", "--quiet"]
        return [str(self.uv), "pip", "compile", str(requirements), *words, "--output-file", output]


def network() -> dict[str, str]:
    """Return this machine's environment with the index and the certificates that pip is configured with, for uv."""
    from python_env.lock.index import default_index, network_environment

    index = default_index(os.environ)
    plain = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
    return {**plain, **network_environment(index), "UV_DEFAULT_INDEX": index.url, "PYTHONDONTWRITEBYTECODE": "1"}


def default_python() -> str:
    """Return a CPython 3.11 of the system, else the one that runs this."""
    found = subprocess.run(["sh", "-c", "PATH=/usr/bin:$PATH command -v python3.11"], capture_output=True, text=True)
    return found.stdout.strip() or sys.executable
