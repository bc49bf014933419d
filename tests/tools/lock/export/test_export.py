"""`lock export`: all files, or an error and none."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.lock.document import render_lock
from python_env.lock.model import Lock
from support.fake_index import LINUX, WINDOWS

UPDATE = "bazel run //other:name.update"


@pytest.fixture
def place(tmp_path: Path, lock: Lock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a lock, and go there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.lock.json").write_bytes(render_lock(lock))
    return tmp_path


def export(*extra: str) -> int:
    """Run the command as Bazel does."""
    words = ["--lock", "a.lock.json", "--lock-label", "//envs:a.lock.json", "--update-command", UPDATE]
    return main(["lock", "export", *words, *extra])


def wheels(file: Path) -> list[str]:
    """Return where a pylock file says that the wheels are."""
    rows = [row["wheels"][0] for row in tomllib.loads(file.read_text())["packages"]]
    return [row.get("path") or row["url"] for row in rows]


def test_every_platform_has_its_files(place: Path) -> None:
    """Two per tag, and the constraints."""
    assert export("--output", "out/deep") == 0
    assert sorted(path.name for path in (place / "out/deep").iterdir()) == [
        "constraints.txt",
        *(f"pylock.{tag}.toml" for tag in (LINUX, WINDOWS)),
        *(f"requirements.{tag}.txt" for tag in (LINUX, WINDOWS)),
    ]


def test_a_person_writes_where_they_stand(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`bazel run` starts the tool elsewhere and names the person's folder."""
    (place / "here").mkdir()
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(place / "here"))
    assert export("--output", "out") == 0
    assert (place / "here/out/constraints.txt").exists()


@pytest.mark.parametrize(("folder", "prefix"), [("wheels", "wheels/"), ("../all/", "../all/"), (".", "")])
def test_wheels_lie_relative_to_the_file(place: Path, folder: str, prefix: str) -> None:
    """The folder is the person's choice."""
    assert export("--output", "out", "--wheels-folder", folder) == 0
    found = wheels(place / f"out/pylock.{LINUX}.toml")
    assert found == [f"{prefix}{file}" for file in ("app-1.0-py3-none-any.whl", found[1].rpartition("/")[2])]


def test_a_file_root_makes_urls(place: Path, lock: Lock) -> None:
    """The index's file root and the locked path."""
    assert export("--output", "out", "--file-root", "https://files.example/mirror/") == 0
    assert wheels(place / f"out/pylock.{LINUX}.toml") == [
        f"https://files.example/mirror/{lock.files[package.file].path}" for package in lock.sections[LINUX].packages
    ]


REFUSED = {
    "a password": (["--file-root", "https://me:secret@files.example"], "a user or password would be written"),
    "a user alone": (["--file-root", "default=https://secret@files.example"], "a user or password would be written"),
    "no URL": (["--file-root", "me:secret@files.example"], "not the URL of a folder of files"),
    "a query": (["--file-root", "https://files.example/?token=secret"], "not the URL of a folder of files"),
    "another scheme": (["--file-root", "ftp://files.example/secret"], "not the URL of a folder of files"),
    "one index twice": (["--file-root", "https://a.example/secret"] * 2, "is named twice"),
    "no root": (["--file-root", "other=https://a.example/secret"], "the file root of index default is not named"),
    "an absolute folder": (["--wheels-folder", "/wheels"], "is not a folder relative to the pylock file"),
    "a folder of Windows": (["--wheels-folder", "a\\b"], "is not a folder relative to the pylock file"),
    "no folder": (["--wheels-folder", ""], "is not a folder relative to the pylock file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_options_are_refused(place: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    """In three parts, without what may be a secret, and nothing is written."""
    words, what = REFUSED[case]
    assert export("--output", "out", *words) == 2
    error = capsys.readouterr().err
    assert what in error and "\n  where: " in error and "\n  fix:   " in error
    assert "secret" not in error
    assert not (place / "out").exists()


def test_all_bad_roots_are_listed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run shows every fault."""
    assert export("--output", "out", "--file-root", "x", "--file-root", "a=https://u@h") == 2
    assert capsys.readouterr().err.count("error: ") == 2


@pytest.mark.parametrize(("data", "what"), [("{}", "nothing is locked yet"), ("{", "not a JSON document")])
def test_no_lock_names_the_command(place: Path, capsys: pytest.CaptureFixture[str], data: str, what: str) -> None:
    """Nothing is exported from an empty or broken lock."""
    (place / "a.lock.json").write_text(data)
    assert export("--output", "out") == 2
    error = capsys.readouterr().err
    assert what in error and f"fix:   {UPDATE}" in error
    assert not (place / "out").exists()
