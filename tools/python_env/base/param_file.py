"""Bazel's param files: the arguments of an action, one a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_PROBE = "--encoding="
_LETTER = "é"
"""What the rules write behind the probe (rules/private/base/param_file.bzl)."""


def read_words(argv: Sequence[str]) -> list[str]:
    """Return the arguments, from the param file when `@FILE` is the only one: one a line, none of them a file again.

    The first line may be one known letter: Bazel 4.2.3 takes every byte of a letter for one and encodes it once more.
    """
    if len(argv) != 1 or not argv[0].startswith("@"):
        return list(argv)
    text = Path(argv[0][1:]).read_bytes().decode("utf-8", errors="surrogateescape")
    if text.startswith(_PROBE + _LETTER.encode().decode("latin-1")):
        text = text.encode("latin-1").decode("utf-8", errors="surrogateescape")
    words = text.rstrip("\n").split("\n")
    return words[1:] if words[0].startswith(_PROBE) else words
