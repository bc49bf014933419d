"""What several configurations built, compared file by file: a failure says what differs."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from support.differ import path_difference


class SameBytes:
    """Keeps copies of what the first one built, until the process ends; all others are compared with them."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="same_bytes_")
        self._names: list[str] = []
        self._differences: list[str] = []

    def add(self, name: str, files: Mapping[str, Path]) -> None:
        """Add the files that `name` built, by what they are called."""
        for number, (called, path) in enumerate(sorted(files.items())):
            kept = Path(self._folder.name, str(number))
            if not self._names:
                shutil.copyfile(path, kept)
            # modes are Bazel's
            elif found := path_difference(kept, path, modes=False):
                self._differences.append(f"{called}: {self._names[0]} | {name}: {found}")
        self._names.append(name)

    def check(self, names: Iterable[str]) -> None:
        """Raise AssertionError unless exactly `names` were added and all built the same."""
        assert sorted(self._names) == sorted(names), "the configurations' own tests must run first"
        assert self._differences == [], "\n".join(self._differences)
