"""The program inside a wheelhouse, run on archives and folders that were damaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from artifacts.conftest import TAGS

from python_env.runtime import wheelhouse
from python_env.runtime.wheelhouse import Refusal, main, open_place, read_manifest, verify

APP = "wheels/app-1.0-py3-none-any.whl"
LIB = "wheels/lib-2.0+cpu-py3-none-any.whl"


def damaged(archive: Path, changes: dict[str, bytes | None]) -> Path:
    """Return a copy in which members are replaced, added, or left out."""
    target = archive.parent / "damaged.zip"
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as new:
        members = {name: old.read(name) for name in old.namelist()}
        for name, data in {**members, **changes}.items():
            if data is not None:
                new.writestr(name, data)
    return target


def test_a_whole_archive_and_a_whole_folder_are_fine(archive: Path, folder: Path) -> None:
    """Also when either is compared with the other's manifest."""
    for place in (archive, folder):
        assert main(["verify"], place) == 0
    assert main(["verify", str(folder)], archive) == 0
    assert main(["verify", str(archive)], folder) == 0


def test_every_missing_extra_and_changed_file_of_a_zip_is_named(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All at once, sorted by path."""
    changes = {APP: None, LIB: b"other", "simple/app/index.html": None, "simple/b.html": b"", "z": b""}
    assert main(["verify"], damaged(archive, changes)) == 1
    said = capsys.readouterr()
    assert [" ".join(line.split(":")[0].split()) for line in said.out.splitlines()] == [
        "missing simple/app/index.html",
        "extra simple/b.html",
        f"missing {APP}",
        f"changed {LIB}",
        "extra z",
    ]
    assert "5 files differ" in said.err and "fix: " in said.err


def test_every_missing_extra_and_changed_file_of_a_folder_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that was linked in is extra, too."""
    (folder / APP).unlink()
    (folder / LIB).write_bytes((folder / LIB).read_bytes()[:-1] + b"\1")
    (folder / "wheels/extra.whl").touch()
    (folder / "linked").symlink_to(folder / "simple")
    assert main(["verify"], folder) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split(":")[0].split()) for line in lines] == [
        "extra linked",
        f"missing {APP}",
        "extra wheels/extra.whl",
        f"changed {LIB}",
    ]


def test_no_flipped_byte_of_an_archive_goes_unnoticed(archive: Path) -> None:
    """Content, manifest, headers, table of contents: a sample over the whole file, and all of its end."""
    whole = archive.read_bytes()
    copy = archive.parent / "copy.zip"
    unseen = []
    for position in {*range(0, len(whole), 29), *range(80), *range(len(whole) - 200, len(whole))}:
        copy.write_bytes(whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :])
        if not _noticed(copy):
            unseen.append(position)
    assert unseen == []


def _noticed(path: Path) -> bool:
    try:
        place = open_place(path)
        try:
            return bool(verify(place, read_manifest(place)))
        finally:
            place.close()
    except Refusal:
        return True


@pytest.mark.parametrize("more", [b"\0", b"PK"])
def test_bytes_before_and_behind_an_archive_are_noticed(archive: Path, more: bytes) -> None:
    """zipfile reads both without a word."""
    whole = archive.read_bytes()
    for data in (more + whole, whole + more):
        archive.write_bytes(data)
        assert _noticed(archive)


def test_a_member_that_stands_twice_is_named(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Readers differ in which of the two they take."""
    with zipfile.ZipFile(archive, "a") as changed, pytest.warns(UserWarning, match="Duplicate"):
        changed.writestr("python_env.json", changed.read("python_env.json"))
    assert main(["verify"], archive) == 1
    assert "python_env.json: it stands 2 times" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": 2}, "changed: it is not what its own digest says"),
        ({"content": None}, "no manifest of a wheelhouse"),
        ({"files": {}}, "changed: it is not what its own digest says"),
    ],
)
def test_an_edited_manifest_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], says: str
) -> None:
    """It is known by its own digest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    kept = {key: value for key, value in {**manifest, **change}.items() if value is not None}
    (folder / "manifest.json").write_text(json.dumps(kept))
    assert main(["verify"], folder) == 2
    assert says in capsys.readouterr().err


def test_a_manifest_in_another_form_is_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Equal values between other spaces: nothing hides there."""
    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(text + "\n")
    assert main(["verify"], folder) == 1
    assert capsys.readouterr().out.startswith("changed  manifest.json: ")


def test_a_damaged_archive_is_not_unpacked(archive: Path, tmp_path: Path) -> None:
    """Nothing is written."""
    assert main(["extract", str(tmp_path / "new")], damaged(archive, {LIB: b"other"})) == 1
    assert not (tmp_path / "new").exists()


def test_nothing_is_unpacked_over_what_is(folder: Path, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is empty or not there is wanted."""
    assert main(["extract", str(folder)], archive) == 2
    assert "there is something already" in capsys.readouterr().err


def test_list_names_the_platforms_and_the_packages_of_one(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line each."""
    assert main(["list"], archive) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["small", *sorted(TAGS.values())]
    assert main(["list", "--platform", TAGS["macos"]], archive) == 0
    assert capsys.readouterr().out.splitlines() == [
        "app==1.0  app-1.0-py3-none-any.whl",
        "fast==1.0  fast-1.0-cp311-cp311-macosx_11_0_arm64.whl",
        "lib==2.0+cpu  lib-2.0+cpu-py3-none-any.whl",
    ]
    assert main(["list", "--platform", "cp38-win32"], archive) == 2
    assert f"name one of: {', '.join(sorted(TAGS.values()))}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("taken", "tag"),
    [
        (["cp311-cp311-manylinux_2_36_x86_64", "cp311-cp311-manylinux_2_28_x86_64", "py3-none-any"], "linux"),
        (["cp311-cp311-win_amd64"], "windows"),
    ],
)
def test_the_platform_is_that_of_the_interpreter(
    archive: Path, monkeypatch: pytest.MonkeyPatch, taken: list[str], tag: str
) -> None:
    """The one whose wheel tag stands first among those that pip takes."""
    monkeypatch.setattr(wheelhouse, "_run", lambda _: json.dumps(taken))
    manifest = read_manifest(open_place(archive))
    assert wheelhouse.choose_platform(manifest, Path("python"), "pip") == TAGS[tag]


def test_an_interpreter_that_nothing_fits_is_told_what_there_is(
    archive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its best tag, the platforms, and the way out; no venv is made."""
    monkeypatch.setattr(wheelhouse, "_run", lambda _: json.dumps(["cp38-cp38-manylinux_2_36_x86_64"]))
    assert main(["install", str(tmp_path / "venv")], archive) == 2
    said = capsys.readouterr().err
    assert "cp38-cp38-manylinux_2_36_x86_64" in said and ", ".join(sorted(TAGS.values())) in said
    assert not (tmp_path / "venv").exists()


def test_it_runs_in_place(archive: Path, folder: Path) -> None:
    """`python FILE.zip verify` and `python FOLDER verify`, which leaves nothing behind in the folder."""
    for place in (archive, folder):
        done = subprocess.run([sys.executable, place, "verify"], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and done.stdout.startswith("ok: "), done.stderr
    shutil.rmtree(folder / "wheels")
    done = subprocess.run([sys.executable, folder, "verify"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout.count("missing  wheels/") == 5
