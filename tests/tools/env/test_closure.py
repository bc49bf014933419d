"""`env closure`: one platform of a lock, as a document."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.base.documents import sha256_hex
from python_env.lock.document import render_lock
from python_env.lock.update.refresh import refresh
from python_env.requirements.policy import parse_policy
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Return a lock of two platforms."""
    index = FakeIndex()
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "2.0")
    place = tmp_path / "a.lock.json"
    place.write_bytes(render_lock(refresh(make_task(index, "App", [LINUX, WINDOWS]))))
    return place


def test_the_document_names_what_the_lock_leaves_out_and_overrides(tmp_path: Path) -> None:
    """By their distributions, without markers: the wheels say what it came to on this platform."""
    index = FakeIndex()
    index.add("app", "1.0", requires=("Lib_B>=3", "gone", "other; sys_platform == 'linux'"))
    index.add("lib-b", "2.0")
    index.add("other", "1.0")
    overrides = ["Lib.B<3", 'other; sys_platform == "win32"']
    policy = parse_policy(overrides=overrides, excludes=["Gone"], exclude_newer="", prereleases="")
    made = make_task(index, "app", [LINUX])
    place = tmp_path / "a.lock.json"
    place.write_bytes(render_lock(refresh(replace(made, request=replace(made.request, policy=policy)))))
    assert closure(place, LINUX) == 0
    document = json.loads((tmp_path / "a.env.json").read_text())
    assert (document["excludes"], document["overrides"]) == (["gone"], ["lib-b", "other"])
    assert [wheel["name"] for wheel in document["wheels"]] == ["app", "lib-b"]


def closure(lock: Path, platform: str) -> int:
    """Run the tool as the rule does."""
    words = ["--lock", str(lock), "--lock-label", "//envs:a.lock.json", "--platform", platform, "--name", "a"]
    words += ["--update-command", "bazel run //other:name.update"]
    return main(["env", "closure", *words, "--output", str(lock.parent / "a.env.json")])


def test_the_document_holds_the_platforms_closure(lock: Path) -> None:
    """Wheels are sorted, name their digests, and the parent is the lock's digest."""
    assert closure(lock, WINDOWS) == 0
    document = json.loads((lock.parent / "a.env.json").read_text())
    assert document["platform"]["tag"] == WINDOWS
    assert document["parent"] == sha256_hex(lock.read_bytes())
    assert document["requirements"] == ["app"]
    assert [(wheel["name"], wheel["requires"]) for wheel in document["wheels"]] == [("app", ["lib"]), ("lib", [])]


def test_a_platform_that_is_not_locked_lists_those_that_are(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written, and the command is named."""
    assert closure(lock, "cp312-win_amd64") == 2
    error = capsys.readouterr().err
    assert f"the lock does not hold cp312-win_amd64; it holds {LINUX}, {WINDOWS}" in error
    assert "fix:   bazel run //other:name.update" in error
    assert not (lock.parent / "a.env.json").exists()


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "nothing is locked yet"), (b"{} x", "not a JSON"), (b'{"kind":"lock","schema":7}', "schema 7")],
)
def test_a_bad_lock_writes_nothing(lock: Path, capsys: pytest.CaptureFixture[str], data: bytes, what: str) -> None:
    """The error names the lock by its label."""
    lock.write_bytes(data)
    assert closure(lock, LINUX) == 2
    error = capsys.readouterr().err
    assert what in error and "where: //envs:a.lock.json" in error
    assert not (lock.parent / "a.env.json").exists()
