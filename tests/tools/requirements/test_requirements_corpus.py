"""Corpus of bad requirement files and policies, each given to the commands that people run."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.bad_input import COMMAND, refused
from support.bad_requirements import CASES, TAG


@pytest.mark.parametrize("command", ["update", "test"])
@pytest.mark.parametrize("name", CASES)
def test_bad_requirements_are_refused_in_three_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, command: str
) -> None:
    """By `.update` and by `.lock_test` alike: what, where, how to mend it, and no file is touched."""
    case = CASES[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.invalid/simple")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    line = case.line if isinstance(case.line, bytes) else case.line.encode()
    (tmp_path / "r.in").write_bytes(line)
    for file, text in case.files.items():
        (tmp_path / file).write_text(text)
    (tmp_path / "a.lock.json").write_text("{}\n")
    words = ["--lock", "a.lock.json", "--update-command", COMMAND, "--requirements", "r.in=r.in"]
    words += ["--locked-platform", TAG, *case.words]
    words += ["--name", "a", "--uv", "/bin/false"] if command == "update" else []
    said = refused(["lock", command, *words], folder=tmp_path, capsys=capsys)
    assert case.what in said
    assert f"where: {case.where}" in said
