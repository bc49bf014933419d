"""A folder in which `lock update` runs against indexes of a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.lock.document import parse_lock
from python_env.lock.indexes.places import variable
from python_env.lock.model import Lock
from support.fake_index import LINUX
from support.wheels import make_wheel


@dataclass
class Workspace:
    """A folder in which the command runs."""

    path: Path
    monkeypatch: pytest.MonkeyPatch

    def wheel(self, name: str, version: str = "1.0", *requires: str, of: str = "", tag: str = "py3-none-any") -> Path:
        """Return a new wheel; wheels of the same name for different indexes lie in different folders (`of`)."""
        folder = self.path / "made" / of
        folder.mkdir(parents=True, exist_ok=True)
        return make_wheel(folder, name, version, requires=requires, tag=tag)

    def point(self, alias: str, place: str) -> None:
        """Say by its variable where an alias lies."""
        self.monkeypatch.setenv(variable(alias), place)

    def update(self, requirements: str, *words: str, platforms: Sequence[str] = (LINUX,)) -> int:
        """Run the command on one requirement file."""
        (self.path / "r.in").write_text(requirements)
        locked = [word for tag in platforms for word in ("--locked-platform", tag)]
        rule = ["--lock", "a.lock.json", "--name", "a", "--update-command", "bazel run //:a.update", "--uv", "uv"]
        return main(["lock", "update", *rule, "--requirements", "r.in=r.in", *locked, *words])

    def lock(self) -> Lock:
        """Return the lock."""
        lock = parse_lock((self.path / "a.lock.json").read_bytes(), where="a", fix="b")
        assert lock is not None
        return lock

    def found(self) -> dict[str, tuple[str, str]]:
        """Return by name the version and the index alias that are locked."""
        lock = self.lock()
        return {
            package.name: (package.version, lock.files[package.file].index) for package in lock.sections[LINUX].packages
        }

    @property
    def written(self) -> bool:
        """Return whether there is a lock."""
        return (self.path / "a.lock.json").exists()
