"""Wheels that lie, clash or attack: a three-part error, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from artifacts.conftest import Builder

from python_env.__main__ import main
from python_env.base.documents import render_document
from python_env.wheels.check.model import Check, check_document
from support.bad_input import THREE_PARTS
from support.bad_wheels import BAD, HOSTILE, rewritten
from support.wheels import make_wheel, sha256, smuggler


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, hidden ones, too."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", ["venv", "pex"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_wheel_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    """The error has three parts and names the wheel or the path; nothing appears, no artifact, no report."""
    case = HOSTILE[name]
    builder.wheels.append(case.make(builder.folder))
    builder.os = case.os
    builder.env_json()
    before = contents(builder.folder)
    code = builder.venv() if kind == "venv" else builder.pex(fake_pex_wheel)
    said = capsys.readouterr()
    assert code == 2, said.err
    assert case.says in said.err and THREE_PARTS.search(said.err), said.err
    assert "bad-1.0" in said.err and "Traceback" not in said.err and said.out == ""
    assert all(line.isprintable() for line in said.err.splitlines()), "nothing that a terminal would obey"
    assert contents(builder.folder) == before


def test_the_table_is_as_large_as_it_is_said_to_be() -> None:
    """Cases are counted, and no two say that they are the same wheel."""
    assert len(HOSTILE) >= 150


ARCHIVES = [
    name
    for name, case in HOSTILE.items()
    if name.startswith(("name", "kind", "size", "stream")) and case.os == "linux" and name != "name: file as a folder"
]
"""Of the archive itself; the others are questions of the tree."""


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_gets_no_check(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """`wheels check`, the action that reads every byte, refuses it by itself."""
    case = HOSTILE[name]
    wheel = case.make(tmp_path)
    assert main(["wheels", "check", "--wheel", str(wheel), "--output", str(tmp_path / "check.json")]) == 2
    assert case.says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [wheel.name]


def test_all_members_with_a_bad_name_are_named(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """And all wheels that have such: one run tells all of one kind."""
    for name in ("one", "two"):
        files = {f"{name}.py": b"", f"../{name}": b"", f"/{name}": b""}
        builder.wheels.append(make_wheel(builder.folder, name, files=files))
    assert builder.venv() == 2
    assert capsys.readouterr().err.count("error: a member's name ") == 4


def test_all_bad_entry_points_are_named(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Console and gui scripts."""
    points = "[console_scripts]\na = x\nb = bad:ok\n[gui_scripts]\nc = y()\n"
    builder.wheels.append(make_wheel(builder.folder, "bad", files=BAD, entry_points=points))
    assert builder.venv() == 2
    assert capsys.readouterr().err.count("error: not an entry point: ") == 2


def test_two_owners_of_a_file_are_both_named(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Every clash is listed at once."""
    clash = {"lib/__init__.py": b"OTHER = 1\n", "app/__init__.py": b"OTHER = 2\n", "clash/__init__.py": b""}
    builder.wheels.append(make_wheel(builder.folder, "clash", files=clash))
    assert builder.venv() == 2
    error = capsys.readouterr().err
    assert error.count("two owners of ") == 2
    assert "lib-1.0-py3-none-any.whl" in error and "clash-1.0-py3-none-any.whl" in error


def test_two_owners_of_equal_bytes_pass(builder: Builder) -> None:
    """A shared licence or namespace file is no clash."""
    builder.wheels.append(make_wheel(builder.folder, "same", files={"lib/__init__.py": b"NAME = 'lib'\n"}))
    assert builder.venv() == 0


def test_a_file_that_is_another_ones_folder_is_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """No tree can hold both."""
    builder.wheels.append(make_wheel(builder.folder, "odd", files={"lib": b"", "odd.py": b""}))
    assert builder.venv() == 2
    assert "is a file of odd-1.0-py3-none-any.whl and a folder of lib-1.0" in capsys.readouterr().err


def test_changed_bytes_are_named_with_both_digests(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """The lock's digest is compared before anything is written."""
    env = builder.env_json()
    rewritten(builder.wheels[1], lambda data: data.append(0))
    builder.env_json = lambda: env  # type: ignore[method-assign]  # the document from before the change
    assert builder.venv() == 2
    error = capsys.readouterr().err
    assert "the bytes of lib-1.0-py3-none-any.whl differ from the lock: sha256 " in error


def test_a_wheel_that_was_not_given_is_named(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """All that are missing."""
    env = builder.env_json()
    builder.env_json = lambda: env  # type: ignore[method-assign]  # the document that names both
    builder.wheels.clear()
    assert builder.venv() == 2
    assert capsys.readouterr().err.count("was not given") == 2


def check_of(wheel: Path) -> list[str]:
    """Return the option that says of a wheel that it was checked, whether or not it was."""
    place = wheel.with_suffix(".check.json")
    place.write_bytes(render_document(check_document(Check(sha256=sha256(wheel), requires_python=""))))
    return ["--check", str(place)]


def test_a_check_counts_for_its_own_wheel_only(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Wheels without one are read whole by the artifact's own tool; that of another wheel changes nothing."""
    bad = smuggler(builder.folder)
    builder.wheels.append(bad)
    assert builder.venv(*check_of(builder.wheels[0]), *check_of(builder.wheels[1])) == 2
    assert "does not fit its size and CRC" in capsys.readouterr().err
    assert builder.venv(*check_of(bad)) == 0, "the document is what spares the second reading"


@pytest.mark.parametrize("there", [False, True], ids=["new", "made by Bazel"])
def test_a_folder_that_fails_is_empty(builder: Builder, there: bool) -> None:
    """A member that is not what its check said is noticed when it is inflated: what was written by then goes."""
    bad, output = smuggler(builder.folder), builder.folder / "small.venv"
    builder.wheels.append(bad)
    if there:
        output.mkdir()
    assert builder.venv("--format=dir", *check_of(bad), output=output) == 2
    assert not output.exists() or not list(output.iterdir())
    assert not Path(f"{output}.json").exists()


def test_a_document_of_another_kind_is_no_check(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named."""
    assert builder.venv("--check", str(builder.env_json())) == 2
    assert "expected a document of kind 'wheel-check', found 'env'" in capsys.readouterr().err


def test_a_corrupt_stream_is_caught_by_the_digest(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes that changed since they were locked."""
    env = builder.env_json()
    rewritten(builder.wheels[0], lambda data: data.__setitem__(60, data[60] ^ 0xFF))
    builder.env_json = lambda: env  # type: ignore[method-assign]  # the document from before the change
    assert builder.venv() == 2
    assert "differ from the lock" in capsys.readouterr().err
