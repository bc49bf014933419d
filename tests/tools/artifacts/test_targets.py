"""Paths that the target could not hold, and paths that are ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from artifacts.conftest import Builder

from support.wheels import make_wheel, wheel_members, write_zip

DATA = "bad-1.0.data/data/"

REFUSED = {
    "our folder as a file": ("linux", [f"{DATA}bin"], "bin is a file of bad-1.0"),
    "our file as a folder": ("linux", [f"{DATA}pyvenv.cfg/x"], "pyvenv.cfg is a file of the environment itself"),
    "a standard library": ("linux", [f"{DATA}lib/python3.11/os.py"], "would overwrite our own file lib/python3.11/os"),
    "its extensions": ("linux", [f"{DATA}lib/python3.11/lib-dynload/x.so"], "lib-dynload is a file of the environment"),
    "a build folder": ("linux", ["bad-1.0.data/scripts/pybuilddir.txt"], "would overwrite our own file"),
    "case, Windows": ("windows", ["bad/A.py", "bad/a.py"], "are one file on the target, which folds case"),
    "case, macOS": ("macos", ["bad/A.py", "bad/a.py"], "are one file on the target, which folds case"),
    "case of our file": ("windows", [f"{DATA}PYVENV.CFG"], "pyvenv.cfg of the environment itself and PYVENV.CFG"),
    "device": ("windows", ["bad/aux.py"], "which Windows takes for something else"),
    "device as a folder": ("windows", ["bad/NUL/x.py"], "which Windows takes for something else"),
    "stream": ("windows", ["bad/a:b.py"], "which Windows takes for something else"),
    "trailing dot": ("windows", ["bad/a./x.py"], "which Windows takes for something else"),
    "trailing space": ("windows", ["bad/a "], "which Windows takes for something else"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_path_that_the_target_cannot_hold_is_refused(
    builder: Builder, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """By three parts, on this machine, before the target sees it."""
    builder.os, names, what = REFUSED[case]
    builder.wheels.append(make_wheel(builder.folder, "bad", files={name: name.encode() for name in names}))
    assert builder.venv() == 2
    error = capsys.readouterr().err
    assert what in error and "\n  fix:   " in error


@pytest.mark.parametrize("names", [["bad/A.py", "bad/a.py"], ["bad/aux.py"], ["bad/console.py", "bad/com10"]])
def test_what_only_another_system_cannot_hold_passes(builder: Builder, names: list[str]) -> None:
    """The target decides, never this machine."""
    builder.wheels.append(make_wheel(builder.folder, "bad", files={name: name.encode() for name in names}))
    assert builder.venv() == 0


@pytest.mark.parametrize("script", [".", "..", "...", "a/b", "-c", "x\ty"])
def test_a_script_name_that_is_a_path_is_refused(
    builder: Builder, capsys: pytest.CaptureFixture[str], script: str
) -> None:
    """bin/.. is not a file; a name that starts with a dash is an option to a shell."""
    entry_points = f"[console_scripts]\n{script} = bad:main\n"
    builder.wheels.append(make_wheel(builder.folder, "bad", entry_points=entry_points))
    assert builder.venv() == 2
    assert "not an entry point" in capsys.readouterr().err


def test_metadata_of_another_distribution_is_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """File name and dist-info agree, METADATA does not."""
    members = {**wheel_members("bad", "1.0", {}), "bad-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: good\n"}
    builder.wheels.append(write_zip(builder.folder / "bad-1.0-py3-none-any.whl", members))
    assert builder.venv() == 2
    assert "METADATA is of 'good', expected bad" in capsys.readouterr().err


def test_a_size_that_differs_from_the_lock_is_named(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Digest and size both stand in the env document, and both are compared."""
    env = builder.env_json()
    text = env.read_text().replace(f'"size": {builder.wheels[1].stat().st_size}', '"size": 1')
    changed = Path(f"{env}.changed")
    changed.write_text(text)
    builder.env_json = lambda: changed  # type: ignore[method-assign]  # the document with another size
    assert builder.venv() == 2
    assert "locked is" in capsys.readouterr().err
