"""The clients' wheels, as an action unpacks them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from python_env.__main__ import main


def wheel(path: Path) -> Path:
    """Return a wheel with one module."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("client.py", "x = 1\n")
    return path


def test_wheels_are_unpacked_into_one_folder(tmp_path: Path) -> None:
    """Their modules are imported from there."""
    assert main(["deploy", "client", "--wheel", str(wheel(tmp_path / "a.whl")), "--output", str(tmp_path / "o")]) == 0
    assert (tmp_path / "o/client.py").read_text() == "x = 1\n"


def test_all_wheels_that_cannot_be_unpacked_are_named_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is missing, one that is cut, one that is a folder: bad input, and no bug of ours."""
    (tmp_path / "cut.whl").write_bytes(wheel(tmp_path / "a.whl").read_bytes()[:40])
    words = [f"--wheel={tmp_path / name}" for name in ("missing.whl", "cut.whl", "a.whl", ".")]
    assert main(["deploy", "client", *words, "--output", str(tmp_path / "o")]) == 2
    said = capsys.readouterr().err
    assert [line for line in said.splitlines() if line.startswith("  where: ")] == [
        f"  where: {tmp_path / 'missing.whl'}",
        f"  where: {tmp_path / 'cut.whl'}",
        f"  where: {tmp_path}",
    ]
