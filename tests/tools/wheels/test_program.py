"""`wheels program`: a native program out of a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_env.__main__ import main
from support.wheels import make_wheel


def run(wheel: Path, program: str) -> int:
    """Run the tool as the rule does."""
    words = ["--wheel", str(wheel), "--program", program, "--output", str(wheel.parent / "out")]
    return main(["wheels", "program", *words])


def test_the_program_is_executable(tmp_path: Path) -> None:
    """Its bytes are those of the scripts scheme."""
    wheel = make_wheel(tmp_path, "uv", files={"uv-1.0.data/scripts/uv": b"\x7fELF", "uv/__init__.py": b""})
    assert run(wheel, "uv") == 0
    assert (tmp_path / "out").read_bytes() == b"\x7fELF"
    assert (tmp_path / "out").stat().st_mode & 0o111


def test_a_file_that_is_no_wheel_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In three parts, as every archive that cannot be read."""
    wheel = tmp_path / "uv-1.0-py3-none-any.whl"
    wheel.write_bytes(b"nope")
    assert run(wheel, "uv") == 2
    error = capsys.readouterr().err
    assert "not a zip archive" in error and "where: uv-1.0" in error
    assert not (tmp_path / "out").exists()


def test_a_missing_program_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A module of that name is none."""
    assert run(make_wheel(tmp_path, "uv", files={"uv/scripts/uv": b""}), "uv") == 2
    assert "the wheel carries no program uv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
