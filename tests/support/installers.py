"""pip and uv as a person has them: fresh venvs, nothing configured, no network, wheels from one folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Pins = dict[str, str]
"""Version by normalised name."""

_WITH_MARKERS = """\
import json, sys
from pip._vendor.packaging import markers
environment = json.loads(sys.argv.pop(1))
markers.default_environment = lambda: dict(environment)
from pip._internal.cli.main import main
sys.exit(main())
"""
"""pip with another answer to "where am I": its platform options choose wheels, but markers ask the running Python."""

_LIST = """\
import importlib.metadata, json
print(json.dumps({d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}))
"""


def run(words: Sequence[str | Path], folder: Path) -> str:
    """Return the standard output of a command that knows no index and no settings of this machine."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_", "PYTHON"))}
    environment = {**kept, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1"}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def normalised(name: str) -> str:
    """Return a distribution name as PEP 503 has it."""
    return "-".join(part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part)


@dataclass(frozen=True, slots=True)
class Venv:
    """A venv without pip and setuptools."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> Venv:
        """Make an empty one for the Python that runs the tests."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", path], check=True)
        return cls(path)

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        return self.path / "bin/python"

    def installed(self) -> Pins:
        """Return the distributions that an interpreter of the venv sees."""
        found = json.loads(run([self.python, "-I", "-c", _LIST], self.path))
        return {normalised(name): version for name, version in found.items()}


@dataclass(frozen=True, slots=True)
class Pip:
    """One version of pip, in a venv of its own."""

    python: Path

    @classmethod
    def install(cls, requirement: str, folder: Path) -> Pip:
        """Get it from the index that pip is configured with."""
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = folder / "bin/python"
        words = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--upgrade", requirement]
        subprocess.run(words, check=True)
        return cls(python)

    def dry_run(self, *words: str | Path, folder: Path, markers: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the digest by file name of what pip would install; `markers`: what it takes for its surroundings."""
        start: list[str | Path] = [self.python, "-m", "pip"]
        if markers is not None:
            start = [self.python, "-c", _WITH_MARKERS, json.dumps(markers)]
        options = ["install", "-q", "--dry-run", "--ignore-installed", "--no-index", "--report", "-"]
        report = json.loads(run([*start, *options, *words], folder))
        return {
            row["download_info"]["url"].rpartition("/")[2].replace("%2B", "+"): row["download_info"]["archive_info"][
                "hashes"
            ]["sha256"]
            for row in report["install"]
        }

    def fill(self, venv: Venv, *words: str | Path, folder: Path) -> None:
        """Install into a venv."""
        run([self.python, "-m", "pip", "--python", venv.python, "install", "-q", "--no-index", *words], folder)
