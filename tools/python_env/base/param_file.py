"""Bazel's param files: the arguments of an action, one a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def read_words(argv: Sequence[str]) -> list[str]:
    """Return the arguments, from the param file when `@FILE` is the only one: one a line, none of them a file again."""
    if len(argv) != 1 or not argv[0].startswith("@"):
        return list(argv)
    return Path(argv[0][1:]).read_bytes().decode("utf-8", errors="surrogateescape").rstrip("\n").split("\n")
