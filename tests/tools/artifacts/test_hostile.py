"""Wheels that lie, clash or attack: a three-part error, and nothing is written."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from artifacts.conftest import Builder

from python_env.base.documents import render_document
from python_env.wheels.check.model import check_document
from support.wheels import make_wheel, record_line, sha256, smuggler, wheel_members, write_zip

BAD = {"bad/__init__.py": b"X = 1\n"}


def rewritten(path: Path, edit: Callable[[bytearray], object]) -> Path:
    """Change a file's bytes."""
    data = bytearray(path.read_bytes())
    edit(data)
    path.write_bytes(bytes(data))
    return path


def named(folder: Path, name: str) -> Path:
    """Return a wheel with one more member of that name."""
    return make_wheel(folder, "bad", files={**BAD, name: b"evil\n"})


def central(data: bytearray, field: int, code: str, value: int) -> None:
    """Overwrite a field of the first central directory record."""
    struct.pack_into(code, data, data.index(b"PK\x01\x02") + field, value)


def duplicated(folder: Path) -> Path:
    """Return a wheel with one name twice."""
    path = make_wheel(folder, "bad", files=BAD)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("bad/__init__.py", b"Y = 2\n")
    return path


def without(folder: Path, member: str) -> Path:
    """Return a wheel that lacks a file of its dist-info."""
    members = wheel_members("bad", "1.0", BAD)
    del members[f"bad-1.0.dist-info/{member}"]
    return write_zip(folder / "bad-1.0-py3-none-any.whl", members)


def with_record(folder: Path, record: bytes, *, more: bool = False) -> Path:
    """Return a wheel with that RECORD; `more` adds empty rows for the dist-info."""
    members = wheel_members("bad", "1.0", BAD)
    rows = b"".join(f"{name},,\n".encode() for name in members if more and "dist-info" in name)
    return write_zip(folder / "bad-1.0-py3-none-any.whl", {**members, "bad-1.0.dist-info/RECORD": record + rows})


def linked(folder: Path) -> Path:
    """Return a wheel with a symbolic link."""
    return make_wheel(folder, "bad", files={**BAD, "bad/link": b"/etc/passwd"}, modes={"bad/link": 0o120777})


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "climbs": (lambda f: named(f, "../evil.py"), "leaves the archive"),
    "climbs inside": (lambda f: named(f, "bad/../../evil.py"), "leaves the archive"),
    "absolute": (lambda f: named(f, "/etc/evil"), "is absolute"),
    "drive": (lambda f: named(f, "C:/evil"), "is absolute"),
    "backslash": (lambda f: named(f, "bad\\evil.py"), "has a backslash"),
    "newline": (lambda f: named(f, "bad/e\nvil.py"), "has a control character"),
    "dot": (lambda f: named(f, "bad/./evil.py"), "is not normalised"),
    "double slash": (lambda f: named(f, "bad//evil.py"), "is not normalised"),
    "long part": (lambda f: named(f, "bad/" + "x" * 300), "has a part of more than 255 bytes"),
    "link": (linked, "neither a file nor a directory"),
    "duplicate": (duplicated, "a name stands twice"),
    "encrypted": (
        lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: central(d, 8, "<H", 1)),
        "a member is encrypted",
    ),
    "lzma": (
        lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: central(d, 10, "<H", 14)),
        "a member is compressed by method 14",
    ),
    "crc of the directory": (
        lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: central(d, 16, "<L", 0)),
        "a local header contradicts the central directory",
    ),
    "bomb": (
        lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: central(d, 24, "<L", 1 << 30)),
        "a member's sizes contradict each other",
    ),
    "offset": (
        lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: central(d, 42, "<L", 7)),
        "members overlap",
    ),
    "preamble": (
        lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: d.insert(0, 0)),
        "something precedes the archive",
    ),
    "trailer": (
        lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: d.extend(b"more")),
        "something follows the end of the archive",
    ),
    "cut": (
        lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: d.__delitem__(slice(-30, None))),
        "not a zip",
    ),
    "empty": (lambda f: rewritten(make_wheel(f, "bad", files=BAD), lambda d: d.clear()), "not a zip"),
    "no METADATA": (lambda f: without(f, "METADATA"), "there is no METADATA"),
    "no WHEEL": (lambda f: without(f, "WHEEL"), "there is no WHEEL"),
    "no RECORD": (lambda f: without(f, "RECORD"), "there is no RECORD"),
    "newer": (lambda f: make_wheel(f, "bad", files=BAD, wheel_version="2.0"), "Wheel-Version 2.0 is newer"),
    "versionless": (lambda f: make_wheel(f, "bad", files=BAD, wheel_version="x"), "Wheel-Version is 'x'"),
    "other name": (
        lambda f: make_wheel(f, "other", files=BAD).rename(f / "bad-1.0-py3-none-any.whl"),
        "expected one dist-info folder of bad, found other-1.0.dist-info",
    ),
    "two dist-infos": (lambda f: named(f, "more-1.0.dist-info/METADATA"), "expected one dist-info folder"),
    "scheme": (lambda f: named(f, "bad-1.0.data/system/x"), "unknown scheme 'system'"),
    "shell in an entry point": (
        lambda f: make_wheel(f, "bad", files=BAD, entry_points="[console_scripts]\nx = os:system('rm')\n"),
        "not an entry point",
    ),
    "path in a script name": (
        lambda f: make_wheel(f, "bad", files=BAD, entry_points="[console_scripts]\n../../x = bad:main\n"),
        "not an entry point",
    ),
    "entry points that are no ini": (
        lambda f: make_wheel(f, "bad", files=BAD, entry_points="x = y\n"),
        "not readable",
    ),
    "another spelling of *.data": (
        lambda f: named(f, "Bad-1.0.data/scripts/tool"),
        "expected bad-1.0.data as the only *.data folder, found Bad-1.0.data",
    ),
    "another wheel's *.data": (lambda f: named(f, "other-1.0.data/purelib/x.py"), "as the only *.data folder"),
    "dots in an entry point": (
        lambda f: make_wheel(f, "bad", files=BAD, entry_points="[console_scripts]\nx = bad:a..b\n"),
        "not an entry point",
    ),
    "keyword in an entry point": (
        lambda f: make_wheel(f, "bad", files=BAD, entry_points="[console_scripts]\nx = import:from.class\n"),
        "not an entry point",
    ),
    "other version": (
        lambda f: make_wheel(f, "bad", "9.9", files=BAD).rename(f / "bad-1.0-py3-none-any.whl"),
        "METADATA is of version '9.9', locked is 1.0",
    ),
    "smuggled members": (smuggler, "does not fit its size and CRC"),
    "RECORD of two columns": (lambda f: with_record(f, b"a,b\n"), "row 1 of RECORD has 2 columns"),
    "RECORD that leaves a file out": (
        lambda f: with_record(f, b"bad-1.0.dist-info/METADATA,,\nbad-1.0.dist-info/WHEEL,,\n"),
        "RECORD does not list bad/__init__.py (1 in all)",
    ),
    "RECORD that climbs": (lambda f: with_record(f, b"../../evil.py,,\n"), "'../../evil.py', which leaves the archive"),
    "RECORD of another digest": (
        lambda f: with_record(f, (record_line("bad/__init__.py", b"?") + "\n").encode(), more=True),
        "RECORD says sha256=",
    ),
    "our pyvenv.cfg": (lambda f: named(f, "bad-1.0.data/data/pyvenv.cfg"), "would overwrite our own file pyvenv.cfg"),
    "our identity": (lambda f: named(f, "bad-1.0.data/data/python_env.json"), "would overwrite our own file"),
    "our interpreter": (lambda f: named(f, "bad-1.0.data/scripts/python3"), "would overwrite our own file bin/python3"),
}


@pytest.mark.parametrize("kind", ["venv", "pex"])
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_wheel_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], case: str, kind: str
) -> None:
    """The error has three parts and names the wheel or the path; neither artifact nor report appears."""
    make, what = HOSTILE[case]
    builder.wheels.append(make(builder.folder))
    code = builder.venv() if kind == "venv" else builder.pex(fake_pex_wheel)
    error = capsys.readouterr().err
    assert code == 2, error
    assert what in error and "\n  where: " in error and "\n  fix:   " in error
    assert sorted(path.name for path in builder.folder.iterdir() if "venv" in path.name or ".pex" in path.name) == []


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
    """The lock's digest is compared before anything is read."""
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
    place.write_bytes(render_document(check_document(sha256(wheel))))
    return ["--check", str(place)]


def test_a_check_counts_for_its_own_wheel_only(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Wheels without one are read whole by the artifact's own tool; that of another wheel changes nothing."""
    bad = smuggler(builder.folder)
    builder.wheels.append(bad)
    assert builder.venv(*check_of(builder.wheels[0]), *check_of(builder.wheels[1])) == 2
    assert "does not fit its size and CRC" in capsys.readouterr().err
    assert builder.venv(*check_of(bad)) == 0, "the document is what spares the second reading"


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
