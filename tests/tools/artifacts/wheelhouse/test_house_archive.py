"""The archive and its report, as the command writes them."""

from __future__ import annotations

import json
import os
import zipfile

import pytest
from artifacts.conftest import TAGS
from artifacts.wheelhouse.conftest import Houses

from python_env.base.archive import copying
from python_env.base.archive.zip_read import ZipSource
from support.wheels import sha256


def names(houses: Houses) -> list[str]:
    """Return what the archive holds, in its own order."""
    with zipfile.ZipFile(houses.archive) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_everything_is_stored_sorted_and_once(houses: Houses) -> None:
    """Wheels byte for byte, texts for each platform, and our own strict reader finds nothing wrong."""
    assert houses.build() == 0
    found = names(houses)
    assert found == sorted(found)
    assert sorted(name for name in found if name.startswith("wheels/")) == sorted(
        f"wheels/{path.name}" for path in houses.paths
    )
    with zipfile.ZipFile(houses.archive) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        for path in houses.paths:
            assert archive.read(f"wheels/{path.name}") == path.read_bytes()
    ZipSource(houses.archive).check_local_headers()


def test_the_manifest_names_every_file(houses: Houses) -> None:
    """With digest and size; the lock, the environment and the packages of each platform are there."""
    houses.build()
    with zipfile.ZipFile(houses.archive) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        sizes = {info.filename: info.file_size for info in archive.infolist() if info.filename != "manifest.json"}
        assert json.loads(archive.read("python_env.json"))["platforms"] == sorted(TAGS.values())
    assert {path: row["size"] for path, row in manifest["files"].items()} == sizes
    assert (manifest["env_id"], manifest["lock"], manifest["name"]) == ("e" * 64, "f" * 64, "small")
    windows = manifest["platforms"][TAGS["windows"]]
    assert windows["wheel_tag"] == "cp311-cp311-win_amd64"
    assert [package["name"] for package in windows["packages"]] == ["app", "fast", "lib"]


def test_the_report(houses: Houses) -> None:
    """Digest and size are the archive's; the largest distributions come first."""
    houses.build()
    report = json.loads((houses.folder / "small.wheelhouse.zip.json").read_text())
    assert report["sha256"] == sha256(houses.archive)
    assert report["size"] == houses.archive.stat().st_size
    assert report["file_count"] == len(names(houses))
    assert sorted(report["platforms"]) == sorted(TAGS.values())
    assert report["platforms"][TAGS["linux"]]["distributions"] == {"app": "1.0", "fast": "1.0", "lib": "2.0+cpu"}
    sizes = [each["size"] for each in report["largest"]]
    assert sizes == sorted((path.stat().st_size for path in houses.paths), reverse=True)
    assert report["warnings"] == []


def test_a_system_that_does_not_copy_gives_the_same_bytes(houses: Houses, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel refuses, the bytes go through this process."""
    houses.build()
    whole = houses.archive.read_bytes()

    def refuse(*_: object) -> int:
        raise OSError(next(iter(copying.CANNOT)), "not here")

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    houses.build()
    assert houses.archive.read_bytes() == whole


def test_the_order_of_platforms_and_wheels_does_not_matter(houses: Houses) -> None:
    """Sorted by tag and by name, also where a wheel is given twice, as two platforms build one."""
    houses.build()
    whole = houses.archive.read_bytes()
    houses.envs = dict(reversed(houses.envs.items()))
    houses.paths = [*reversed(houses.paths), houses.paths[0]]
    houses.build()
    assert houses.archive.read_bytes() == whole


def test_every_changed_wheel_is_named_and_nothing_is_written(
    houses: Houses, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bytes are compared with the lock's digests while they are copied."""
    for path in houses.paths[:2]:
        path.write_bytes(path.read_bytes() + b"\0")
    assert houses.build() == 2
    said = capsys.readouterr().err
    assert said.count("error: ") == 2 and all(path.name in said for path in houses.paths[:2])
    assert not houses.archive.exists() and not list(houses.folder.glob(".small*"))


def test_every_missing_wheel_is_named(houses: Houses, capsys: pytest.CaptureFixture[str]) -> None:
    """All at once."""
    given, houses.paths = houses.paths, houses.paths[2:]
    assert houses.build() == 2
    said = capsys.readouterr().err
    assert all(f"the wheel {path.name} of the closure was not given" in said for path in given[:2])
