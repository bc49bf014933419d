"""Two branches that lock different packages, merged by git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.lock.document import render_lock
from python_env.lock.update.refresh import refresh
from support.fake_index import LINUX, FakeIndex, make_task

COMMAND = "bazel run //envs:a.update"


def git(place: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git with an identity of its own."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *words], cwd=place, check=check, capture_output=True, text=True)


def commit(place: Path, requirements: str) -> None:
    """Write a requirement file with a fresh lock of it, and commit both."""
    index = FakeIndex()
    for name in ("base", "one", "two"):
        index.add(name, "1.0")
    (place / "r.in").write_text(requirements)
    (place / "a.lock.json").write_bytes(render_lock(refresh(make_task(index, requirements))))
    git(place, "add", "-A")
    git(place, "commit", "-m", requirements)


def test_a_merge_is_clean_or_fails_with_one_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each branch adds a package in another place of the file; the merged lock is never taken for a good one."""
    git(tmp_path, "init")
    commit(tmp_path, "base\n\n\n\n# end\n")
    git(tmp_path, "checkout", "-b", "other")
    commit(tmp_path, "one\nbase\n\n\n\n# end\n")
    git(tmp_path, "checkout", "main")
    commit(tmp_path, "base\n\n\n\n# end\ntwo\n")
    git(tmp_path, "merge", "other", check=False)
    assert (tmp_path / "r.in").read_text() == "one\nbase\n\n\n\n# end\ntwo\n"
    monkeypatch.chdir(tmp_path)
    words = ["--lock", "a.lock.json", "--update-command", COMMAND, "--requirements", "r.in=r.in"]
    assert main(["lock", "test", *words, "--locked-platform", LINUX]) == 2
    error = capsys.readouterr().err
    assert f"fix:   {COMMAND}" in error and "where: a.lock.json" in error
