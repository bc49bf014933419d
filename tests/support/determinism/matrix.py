"""What was written under each variation, compared with the first one, as a Markdown table of digests."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.differ import path_difference

_SHOWN = 12
"""Hex digits of a digest in the table."""


def digest(path: Path) -> str:
    """Return the sha256 of a file's mode and content; of a folder, of its whole tree, links and all modes included."""
    whole = hashlib.sha256()
    for place in [path, *sorted(path.rglob("*"))] if path.is_dir() else [path]:
        mode = place.lstat().st_mode
        whole.update(f"{place.relative_to(path)} {mode:o} ".encode())
        if stat.S_ISLNK(mode):
            whole.update(os.fsencode(place.readlink()))
        elif stat.S_ISREG(mode):
            with place.open("rb") as file:
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def digests_of(paths: Sequence[Path]) -> str:
    """Return the sha256 of the only file; of several, or of a folder, one of all."""
    if len(paths) == 1 and paths[0].is_file():
        with paths[0].open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(" ".join(map(digest, paths)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of digests; the first row is what all others are compared with."""

    columns: Mapping[str, Sequence[str]]
    """Heading to the paths, below the folder of a variation, that stand in the column."""
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    """A line for each cell that is not the first row's: what differs first."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Variation that could not be tried here, and why."""

    def add(self, name: str, folder: Path, first: Path) -> None:
        """Add the row of what lies in `folder`; `first` is the folder of the first row."""
        self.rows[name] = {
            column: digests_of([folder / path for path in self.columns[column]]) for column in self.columns
        }
        for path in (path for paths in self.columns.values() for path in paths):
            if found := path_difference(first / path, folder / path):
                self.differences.append(f"{name}: {path}: {found}")

    def markdown(self) -> str:
        """Return the table."""
        lines = ["| variation | " + " | ".join(self.columns) + " |", "|---" * (len(self.columns) + 1) + "|"]
        for name, row in self.rows.items():
            lines.append(f"| {name} | " + " | ".join(f"`{value[:_SHOWN]}`" for value in row.values()) + " |")
        lines += [f"| {name} | not run: {why} |" + " |" * (len(self.columns) - 1) for name, why in self.skipped.items()]
        return "\n".join(lines) + "\n"
