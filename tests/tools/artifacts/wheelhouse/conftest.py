"""A wheelhouse of three platforms, written by the real command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from artifacts.conftest import TAGS

from python_env.__main__ import main
from python_env.base.platforms import parse_platform
from python_env.env.model import Env, Wheel, render_env
from python_env.runtime import wheelhouse
from support.wheels import make_wheel, sha256

NATIVE = {
    "linux": "cp311-cp311-manylinux_2_17_x86_64",
    "macos": "cp311-cp311-macosx_11_0_arm64",
    "windows": "cp311-cp311-win_amd64",
}


def row(wheel: Path, *requires: str) -> Wheel:
    """Return what the env document says of a wheel."""
    name, version = wheel.name.split("-")[:2]
    return Wheel(
        name=name,
        version=version,
        extras=(),
        file=wheel.name,
        sha256=sha256(wheel),
        size=wheel.stat().st_size,
        requires=requires,
    )


def env_of(os: str, wheels: Sequence[Wheel]) -> Env:
    """Return the closure of one platform."""
    platform = parse_platform(TAGS[os])
    return Env(
        name="small",
        env_id="e" * 64,
        parent="f" * 64,
        platform=platform,
        requirements=("app",),
        wheels=tuple(sorted(wheels, key=lambda wheel: wheel.name)),
    )


@dataclass
class Houses:
    """Closures and wheels, and the command that puts them together."""

    folder: Path
    envs: dict[str, Env]
    paths: list[Path] = field(default_factory=list)

    def replace(self, os: str, file: str, **changes: object) -> None:
        """Change what one platform's closure says of a wheel."""
        env = self.envs[os]
        wheels = [replace(wheel, **changes) if wheel.file == file else wheel for wheel in env.wheels]  # type: ignore[arg-type]
        self.envs[os] = replace(env, wheels=tuple(wheels))

    def words(self, output: Path) -> list[str]:
        """Return the command's options."""
        words = ["--output", str(output), "--report", f"{output}.json"]
        for os, env in self.envs.items():
            place = self.folder / f"{os}.env.json"
            place.write_bytes(render_env(env))
            words += ["--env", str(place)]
        return words + [word for path in self.paths for word in ("--wheel", str(path))]

    @property
    def archive(self) -> Path:
        """Return the place of the archive."""
        return self.folder / "small.wheelhouse.zip"

    def build(self) -> int:
        """Write the archive and its report; return the exit code."""
        return main(["artifacts", "wheelhouse", *self.words(self.archive)])


@pytest.fixture
def houses(tmp_path: Path) -> Houses:
    """Return app and lib, which are pure, and one native wheel for each platform."""
    place = tmp_path / "given"
    place.mkdir()
    app, lib = make_wheel(place, "app", requires=("lib", "fast")), make_wheel(place, "lib", version="2.0+cpu")
    native = {os: make_wheel(place, "fast", tag=tag) for os, tag in NATIVE.items()}
    envs = {os: env_of(os, [row(app, "fast", "lib"), row(lib), row(native[os])]) for os in NATIVE}
    return Houses(tmp_path, envs, [app, lib, *native.values()])


@pytest.fixture
def archive(houses: Houses) -> Path:
    """Return a whole archive."""
    assert houses.build() == 0
    return houses.archive


@pytest.fixture
def folder(archive: Path, tmp_path: Path) -> Path:
    """Return it unpacked by its own program."""
    assert wheelhouse.main(["extract", str(tmp_path / "unpacked")], archive) == 0
    return tmp_path / "unpacked"
