"""The program inside a wheelhouse has words for what cannot be read, or lacks something: no traceback, no waiting."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from python_env.runtime import wheelhouse
from python_env.runtime.wheelhouse import main


def central(position: int, value: int) -> Callable[[bytearray], None]:
    """Return an edit of the last member's record in the table of contents."""
    return lambda data: data.__setitem__(data.rindex(b"PK\x01\x02") + position, value)


def not_utf8(data: bytearray) -> None:
    """Say that a name is UTF-8, and let it be none."""
    central(9, 8)(data)
    central(46, 0xFF)(data)


@pytest.mark.parametrize("edit", [central(6, 201), not_utf8], ids=["a version of zip that there is not", "a name"])
@pytest.mark.parametrize("words", [["verify"], ["list"], ["extract", "out"]], ids=lambda words: words[0])
def test_a_table_of_contents_that_cannot_be_read_is_said(
    archive: Path, capsys: pytest.CaptureFixture[str], edit: Callable[[bytearray], None], words: list[str]
) -> None:
    """zipfile has many words for it, we have one: no traceback, whatever byte it was."""
    data = bytearray(archive.read_bytes())
    edit(data)
    archive.write_bytes(data)
    assert main(words, archive) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: not a readable zip: ") and "\n  fix:   copy or build it again" in error


def test_a_pipe_in_place_of_a_file_is_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody waits for what comes out of it."""
    (folder / "python_env.json").unlink()
    os.mkfifo(folder / "python_env.json")
    assert main(["verify"], folder) == 1
    assert "changed  python_env.json: not readable: it is no file" in capsys.readouterr().out


def without_packages(manifest: dict[str, Any]) -> None:
    """Take the packages out of every platform."""
    for platform in manifest["platforms"].values():
        del platform["packages"]


def climbing(manifest: dict[str, Any]) -> None:
    """Let a package be a file outside."""
    for platform in manifest["platforms"].values():
        platform["packages"][0]["file"] = "../../evil"


INCOMPLETE: dict[str, Callable[[dict[str, Any]], object]] = {
    "no files": lambda manifest: manifest.pop("files"),
    "no platforms": lambda manifest: manifest.pop("platforms"),
    "files that are a list": lambda manifest: manifest.update(files=[]),
    "a row that is a text": lambda manifest: manifest["files"].update({"python_env.json": "x"}),
    "a row without a size": lambda manifest: manifest["files"].update({"python_env.json": {"sha256": ""}}),
    "a schema that is a text": lambda manifest: manifest.update(schema="1"),
    "a platform without packages": without_packages,
    "a package outside": climbing,
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_a_manifest_that_lacks_something_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """Also where its own digest fits: whoever edits a manifest can make that anew."""
    place = folder / "manifest.json"
    manifest = json.loads(place.read_text())
    del manifest["content"]
    INCOMPLETE[case](manifest)
    place.write_text(json.dumps({**manifest, "content": wheelhouse._digest_of(manifest)}))
    for words in (["verify"], ["list"], ["extract", str(folder.parent / "out")], ["install", str(folder.parent / "v")]):
        assert main(words, folder) == 2
        assert capsys.readouterr().err.startswith("error: the manifest ")
