"""What the artifact commands are given: param files, first-party files, the env document."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from artifacts.conftest import Builder

from python_env.__main__ import main

NAMES = ["@s.py", "-x.py", "--output", "a=b.py", "with space.py", "ü.py"]


def test_names_of_first_party_files_are_never_switches(builder: Builder) -> None:
    """Neither options nor files of arguments: what Bazel hands over is a value, whatever it begins with."""
    words = builder.words(builder.folder / "small.venv.tar.gz")
    for name in NAMES:
        words += builder.source(name, name.encode())
    (builder.folder / "params").write_text("\n".join(words) + "\n")
    assert main(["artifacts", "venv", f"@{builder.folder / 'params'}"]) == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        for name in NAMES:
            member = archive.extractfile(f"lib/python3.11/site-packages/{name}")
            assert member is not None and member.read() == name.encode()


@pytest.mark.parametrize("kind", ["venv", "pex"])
def test_a_name_that_is_not_utf8_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """A param file holds the bytes that the file system has."""
    words = [*builder.words(builder.folder / "out"), *builder.source("\udcff.py")]
    words += ["--pex-wheel", str(fake_pex_wheel)] if kind == "pex" else []
    (builder.folder / "params").write_bytes(b"\n".join(map(os.fsencode, words)))
    assert main(["artifacts", kind, f"@{builder.folder / 'params'}"]) == 2
    assert "is not UTF-8" in capsys.readouterr().err
    assert not (builder.folder / "out").exists()


@pytest.mark.parametrize(
    ("name", "what"), [("", "is not normalised"), (".", "is not normalised"), ("/x", "is absolute")]
)
def test_a_name_that_is_no_path_below_the_root_is_refused(
    builder: Builder, capsys: pytest.CaptureFixture[str], name: str, what: str
) -> None:
    """The error says what is wrong with it."""
    assert builder.venv(*builder.source(name)) == 2
    assert f"first-party file {name!r} {what}" in capsys.readouterr().err


def test_a_folder_is_no_first_party_file(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """The error says how its files are named."""
    (builder.folder / "package").mkdir()
    assert builder.venv("--source=package", f"--source-path={builder.folder / 'package'}") == 2
    error = capsys.readouterr().err
    assert "first-party file 'package' is not a file" in error and "by a glob" in error


@pytest.mark.parametrize(
    ("os_name", "name"),
    [("macos", "pex-info"), ("macos", ".Deps/x.py"), ("windows", "__MAIN__.py"), ("windows", "Python_Env.json")],
)
def test_a_source_is_compared_with_the_pex_as_the_target_does(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], os_name: str, name: str
) -> None:
    """Where case is folded, the PEX would unpack over itself; elsewhere it does not."""
    assert builder.pex(fake_pex_wheel, *builder.source(name)) == 0
    builder.os = os_name
    assert builder.pex(fake_pex_wheel, *builder.source(name)) == 2
    assert "would overwrite a part of the PEX" in capsys.readouterr().err


def numbered(document: dict[str, Any]) -> None:
    """Ask for a number."""
    document["requirements"] = ["app", 1]


def doubled(document: dict[str, Any]) -> None:
    """List a wheel twice."""
    document["wheels"].append(document["wheels"][0])


def with_platform(key: str, value: str) -> Callable[[dict[str, Any]], None]:
    """Return an edit of the platform."""
    return lambda document: document["platform"].update({key: value})


BAD: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "a number": (numbered, "where: small.env.json: requirements[1]"),
    "a wheel twice": (doubled, "app stands twice"),
    "no platform": (with_platform("tag", "plan9"), "unknown platform tag 'plan9'"),
    "another os": (with_platform("os", "plan9"), "is of 'linux', found 'plan9'"),
    "shell as a version": (with_platform("python", "3.11; touch /tmp/x; #"), "is of '3.11', found '3.11; touch"),
    "another Python": (with_platform("python", "3.12"), "where: small.env.json: platform.python"),
    "no version": (lambda document: document["wheels"][0].update(version="1.0\nx"), "is not a version"),
    "a number as a dependency": (lambda document: document["wheels"][0].update(requires=[2]), "wheels[0].requires[0]"),
}


@pytest.mark.parametrize("kind", ["venv", "pex"])
@pytest.mark.parametrize("case", BAD)
def test_an_env_document_that_contradicts_itself_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], case: str, kind: str
) -> None:
    """The field is named, and nothing is written."""
    edit, what = BAD[case]
    place = builder.env_json()
    document = json.loads(place.read_text())
    edit(document)
    place.write_text(json.dumps(document))
    builder.env_json = lambda: place  # type: ignore[method-assign]  # the document after the edit
    assert (builder.venv() if kind == "venv" else builder.pex(fake_pex_wheel)) == 2
    assert what in capsys.readouterr().err
    assert not list(builder.folder.glob("small.venv*")) and not list(builder.folder.glob("small.pex*"))
