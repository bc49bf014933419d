"""A wheelhouse without some distributions of the closures."""

from __future__ import annotations

import json
import tomllib
import zipfile
from dataclasses import replace

import pytest
from artifacts.conftest import TAGS
from artifacts.wheelhouse.conftest import Houses

from python_env.__main__ import main


def test_an_ignored_distribution_is_in_no_file(houses: Houses) -> None:
    """Neither wheel nor page, pin or dependency; manifest and report name it, and who asks for it."""
    assert main(["artifacts", "wheelhouse", *houses.words(houses.archive), "--ignored=lib"]) == 0
    with zipfile.ZipFile(houses.archive) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        pylock = tomllib.loads(archive.read(f"pylock.{TAGS['linux']}.toml").decode())
        pins = archive.read(f"requirements.{TAGS['linux']}.txt").decode()
    assert not [name for name in names if "lib-" in name or "/lib/" in name] and "lib==" not in pins
    assert [package["name"] for package in pylock["packages"]] == ["app", "fast"]
    assert "lib" not in str(pylock)
    report = json.loads((houses.folder / "small.wheelhouse.zip.json").read_text())
    for document in (manifest, report):
        assert {tag: platform["ignored"] for tag, platform in document["platforms"].items()} == {
            tag: {"lib": "2.0+cpu"} for tag in TAGS.values()
        }
    assert report["warnings"] == ["app 1.0 requires lib, which the artifact leaves out (2.0+cpu is locked)"]


def test_a_name_of_no_platform_is_refused(houses: Houses, capsys: pytest.CaptureFixture[str]) -> None:
    """One that only some platforms have is fine."""
    wheels = tuple(wheel for wheel in houses.envs["macos"].wheels if wheel.name != "fast")
    houses.envs["macos"] = replace(houses.envs["macos"], wheels=wheels)
    words = ["artifacts", "wheelhouse", *houses.words(houses.archive)]
    assert main([*words, "--ignored=fsat"]) == 2
    error = capsys.readouterr().err
    assert "fsat is not in the closure" in error and "write fast" in error
    assert not houses.archive.exists()
    assert main([*words, "--ignored=fast"]) == 0
