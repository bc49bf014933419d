"""Paths that the target could not hold, and paths that are ours."""

from __future__ import annotations

import tarfile
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
    "file and folder, Windows": ("windows", ["Odd", "odd/x.py"], "Lib/site-packages/Odd is a file of bad-1.0"),
    "file and folder, macOS": ("macos", ["Odd", "odd/x.py"], "site-packages/Odd is a file of bad-1.0"),
    "Unicode forms, macOS": ("macos", ["\u00e9.py", "e\u0301.py"], "which folds case and Unicode forms"),
    "the launcher of Windows": ("windows", ["bad-1.0.data/scripts/py.exe"], "our own file Scripts/py.exe"),
    "its case": ("windows", ["bad-1.0.data/scripts/PY.cmd"], "Scripts/py.cmd of the environment itself"),
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


@pytest.mark.parametrize(
    "names",
    [
        ["bad/A.py", "bad/a.py"],
        ["Odd", "odd/x.py"],
        ["\u00e9.py", "e\u0301.py"],
        ["bad/aux.py"],
        ["bad/console.py", "bad/com10"],
    ],
)
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


def test_a_console_script_that_python_cmd_would_call_is_refused(
    builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    """python.cmd calls `py`, with the folder of the scripts first on PATH; elsewhere the name is free."""
    wheel = make_wheel(builder.folder, "bad", entry_points="[console_scripts]\npy = bad:main\n")
    builder.wheels.append(wheel)
    assert builder.venv() == 0
    builder.os = "windows"
    assert builder.venv() == 2
    assert "would overwrite our own file Scripts/py.cmd" in capsys.readouterr().err


def test_a_section_of_defaults_makes_no_scripts(builder: Builder) -> None:
    """[DEFAULT] means something to ConfigParser and nothing to entry points."""
    entry_points = "[DEFAULT]\nhidden = bad:main\n[console_scripts]\nshown = bad:main\n"
    builder.wheels.append(make_wheel(builder.folder, "bad", entry_points=entry_points))
    assert builder.venv() == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        assert "bin/shown" in archive.getnames() and "bin/hidden" not in archive.getnames()


@pytest.mark.parametrize(("locked", "stated"), [("1.0", "1"), ("2024.1.2", "2024.01.02"), ("1.0", "v1.0.0")])
def test_another_spelling_of_the_locked_version_passes(builder: Builder, locked: str, stated: str) -> None:
    """Versions are compared as PEP 440 does."""
    members = wheel_members("good", locked, {})
    metadata = f"good-{locked}.dist-info/METADATA"
    members[metadata] = f"Metadata-Version: 2.1\nName: good\nVersion: {stated}\n".encode()
    members[f"good-{locked}.dist-info/RECORD"] = "".join(f"{name},,\n" for name in members).encode()
    builder.wheels.append(write_zip(builder.folder / f"good-{locked}-py3-none-any.whl", members))
    assert builder.venv() == 0


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
