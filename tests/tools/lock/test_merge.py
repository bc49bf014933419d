"""Two branches that lock different packages, merged by git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.update import open_task
from python_env.lock.update.refresh import refresh
from support.fake_index import LINUX, FakeIndex, make_task

COMMAND = "bazel run //envs:a.update"


def git(place: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git with an identity of its own."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *words], cwd=place, check=check, capture_output=True, text=True)


def make_index(*newest: str) -> FakeIndex:
    """Return an index with two versions of everything; the second is the newest where that is said."""
    index = FakeIndex()
    for name in ("base", "one", "two", "still"):
        for version in ("2.0", "1.0") if name in newest else ("1.0", "2.0"):
            index.add(name, version)
    return index


def commit(place: Path, requirements: str, *newest: str) -> None:
    """Write a requirement file with a fresh lock of it, and commit both."""
    index = make_index(*newest)
    (place / "r.in").write_text(requirements)
    (place / "a.lock.json").write_bytes(render_lock(refresh(make_task(index, requirements))))
    git(place, "add", "-A")
    git(place, "commit", "-m", requirements)


@pytest.fixture
def merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout after `git merge`: one side added `one` and moved `base`, the other one added `two`."""
    git(tmp_path, "init")
    commit(tmp_path, "base\nstill\n\n\n\n# end\n")
    git(tmp_path, "checkout", "-b", "other")
    commit(tmp_path, "one\nbase\nstill\n\n\n\n# end\n", "base", "one")
    git(tmp_path, "checkout", "main")
    commit(tmp_path, "base\nstill\n\n\n\n# end\ntwo\n", "two")
    assert git(tmp_path, "merge", "other", check=False).returncode == 1
    assert (tmp_path / "r.in").read_text() == "one\nbase\nstill\n\n\n\n# end\ntwo\n"
    assert "<<<<<<< " in (tmp_path / "a.lock.json").read_text()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.invalid/simple")
    return tmp_path


WORDS = [
    "--lock",
    "a.lock.json",
    "--update-command",
    COMMAND,
    "--requirements",
    "r.in=r.in",
    "--locked-platform",
    LINUX,
]


def update(monkeypatch: pytest.MonkeyPatch, index: FakeIndex) -> int:
    """Run the printed command."""
    monkeypatch.setattr(open_task, "UvResolver", lambda *_: index)
    monkeypatch.setattr(open_task, "FactSource", lambda *_: index)
    return main(["lock", "update", "--name", "a", "--uv", "uv", *WORDS])


def versions(place: Path) -> dict[str, str]:
    """Return what is locked, the index's own order aside."""
    lock = parse_lock((place / "a.lock.json").read_bytes(), where="a", fix="b")
    assert lock is not None
    return {package.name: package.version for package in lock.sections[LINUX].packages}


def test_a_merged_lock_is_never_taken_for_a_good_one(merged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It fails with one command."""
    assert main(["lock", "test", *WORDS]) == 2
    error = capsys.readouterr().err
    assert f"fix:   {COMMAND}" in error and "where: a.lock.json" in error


def test_the_command_keeps_the_pins_of_both_sides(
    merged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one side moved or added stays as it is there, and the lock is fresh."""
    assert update(monkeypatch, make_index("still")) == 0
    assert versions(merged) == {"base": "2.0", "one": "2.0", "still": "1.0", "two": "2.0"}
    assert "note: a.lock.json holds a merge conflict: both sides' versions are kept" in capsys.readouterr().err
    assert main(["lock", "test", *WORDS]) == 0


def test_markers_that_git_knows_nothing_of_cost_the_versions(
    merged: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A conflict that was committed: the sides are gone, and the refresh says that none of them is kept."""
    git(merged, "add", "-A")
    assert update(monkeypatch, make_index("still")) == 0
    assert versions(merged)["still"] == "2.0"
    assert "none of it is kept" in capsys.readouterr().err
