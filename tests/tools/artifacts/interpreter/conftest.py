"""The interpreter's command, run on archives of a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from python_env.__main__ import main

Make = Callable[..., int]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what makes `out.zip` and `out.json` of an archive, and returns the exit code."""

    def run(archive: Path, *words: str, prefix: str = "python") -> int:
        output = ["--output", str(tmp_path / "out.zip"), "--document", str(tmp_path / "out.json")]
        return main(
            ["artifacts", "interpreter", "--archive", str(archive), f"--strip-prefix={prefix}", *output, *words]
        )

    return run
