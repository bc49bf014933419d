"""The folder that a wheel is built in."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from python_env.wheels.build.folder import build_folder

WHEEL = "lib-1.0-py3-none-any.whl"


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the temporary folder of all builds."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def used(wheel: str = WHEEL) -> Path:
    """Build something there, and return where that was."""
    with build_folder(wheel) as folder:
        assert list(folder.iterdir()) == []
        (folder / "tree").mkdir()
        return folder


def test_it_is_the_same_for_the_same_wheel(shared: Path) -> None:
    """Another wheel has another one; afterwards there is none."""
    assert used() == used() != used("lib-1.1-py3-none-any.whl")
    assert list(shared.iterdir()) == []


def test_what_a_killed_build_left_is_gone(shared: Path) -> None:
    """Folders, files and links; what a link names stays."""
    (shared / "kept").mkdir()
    place = used()
    (place / "tree").mkdir(parents=True)
    (place / "tree/a").touch()
    (place / "b").touch()
    (place / "c").symlink_to(shared / "kept")
    assert used() == place
    assert [each.name for each in shared.iterdir()] == ["kept"]


def test_two_builds_of_a_wheel_wait_for_each_other() -> None:
    """Without a sandbox they share the temporary folder."""
    order: list[str] = []

    def second() -> None:
        with build_folder(WHEEL) as folder:
            order.append(f"second in {folder.name}")

    with build_folder(WHEEL) as folder:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append(f"first in {folder.name}")
    thread.join(10)
    assert order == [f"first in {folder.name}", f"second in {folder.name}"]


@pytest.mark.parametrize("kind", ["link", "file", "foreign"])
def test_a_place_that_is_not_our_own_is_left_alone(shared: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A link to elsewhere, a file, another user's folder: the build has a folder all the same."""
    place = used()
    (shared / "kept").mkdir()
    (shared / "kept/file").touch()
    if kind == "link":
        place.symlink_to(shared / "kept")
    elif kind == "file":
        place.touch()
    else:
        (shared / "kept").rename(place)
        monkeypatch.setattr(os, "getuid", lambda: -1)
    assert used() != place
    assert kind == "file" or (place / "file").exists()
