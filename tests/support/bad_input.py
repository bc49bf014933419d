"""How every case of bad input is judged: exit code 2, three parts, and no file touched."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from python_env.__main__ import main

COMMAND = "bazel run //envs:a.update"
THREE_PARTS = re.compile(r"error: \S.*?\n  where: \S.*?\n  fix:   \S", re.DOTALL)


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(argv: list[str], *, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that must fail on bad input in `folder`, and return what it said."""
    before = _files(folder)
    capsys.readouterr()
    code = main(argv)
    said = capsys.readouterr()
    assert code == 2, said.err
    assert THREE_PARTS.search(said.err), said.err
    assert said.out == ""
    assert _files(folder) == before
    return said.err


Refused = Callable[[list[str]], str]
