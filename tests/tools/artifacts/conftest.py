"""Environments of small wheels, written as artifacts by the real commands."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from python_env.__main__ import main
from python_env.base.platforms import parse_platform
from python_env.env.model import Env, Wheel, render_env
from support.wheels import make_wheel, sha256, write_zip

TAGS = {
    "linux": "cp311-manylinux_2_28_x86_64",
    "macos": "cp311-macosx_14_0_arm64",
    "windows": "cp311-win_amd64",
}
APP = {
    "app/__init__.py": b"import lib\nVALUE = lib.NAME\n",
    "app/cli.py": b"import sys\ndef main():\n    print('app', sys.prefix, *sys.argv[1:])\n    return 3\n",
    "app-1.0.data/scripts/hello": b"#!python\nimport app, sys\nprint('hello', app.VALUE)\n",
    "app-1.0.data/data/share/app/data.txt": b"data\n",
    "app-1.0.data/headers/app.h": b"//\n",
}


def _row(wheel: Path, requires: Mapping[str, tuple[str, ...]], extras: Mapping[str, tuple[str, ...]]) -> Wheel:
    name, version = wheel.name.split("-")[:2]
    return Wheel(
        name=name.replace("_", "-").lower(),
        version=version,
        extras=extras.get(name, ()),
        file=wheel.name,
        sha256=sha256(wheel),
        size=wheel.stat().st_size,
        requires=requires.get(name, ()),
    )


@dataclass
class Builder:
    """Collects wheels and writes artifacts of them."""

    folder: Path
    wheels: list[Path] = field(default_factory=list)
    os: str = "linux"
    """One of TAGS, or a platform tag itself."""
    requirements: tuple[str, ...] = ("app",)
    excludes: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a wheel to its extras that are asked for."""
    requires: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a wheel to what the env document says that it needs."""

    @property
    def pex_root(self) -> Path:
        """Return a PEX_ROOT that all tests share: what several PEX have in common is unpacked once."""
        return self.folder.parent / "pex_root"

    def env_json(self) -> Path:
        """Write the env document of the collected wheels."""
        env = Env(
            name="small",
            env_id="e" * 64,
            parent="f" * 64,
            platform=parse_platform(TAGS.get(self.os, self.os)),
            requirements=self.requirements,
            wheels=tuple(_row(wheel, self.requires, self.extras) for wheel in sorted(self.wheels)),
            excludes=self.excludes,
            overrides=self.overrides,
        )
        place = self.folder / "small.env.json"
        place.write_bytes(render_env(env))
        return place

    def words(self, output: Path) -> list[str]:
        """Return the options that all kinds have."""
        words = ["--env", str(self.env_json()), "--output", str(output), "--report", f"{output}.json"]
        for wheel in self.wheels:
            words += ["--wheel", str(wheel)]
        return words

    def source(self, destination: str, content: bytes = b"X = 1\n") -> list[str]:
        """Return the options of one first-party file, which is written under another name."""
        place = self.folder / f"source{len(list(self.folder.glob('source*')))}"
        place.write_bytes(content)
        return [f"--source={destination}", f"--source-path={place}"]

    def venv(self, *extra: str, output: Path | None = None) -> int:
        """Write `small.venv.tar.gz` and return the exit code."""
        return main(["artifacts", "venv", *self.words(output or self.folder / "small.venv.tar.gz"), *extra])

    def pex(self, pex_wheel: Path, *extra: str, output: Path | None = None, **options: Any) -> int:
        """Write `small.pex` with options of the rule, and return the exit code."""
        words = [*self.words(output or self.folder / "small.pex"), "--pex-wheel", str(pex_wheel)]
        return main(["artifacts", "pex", *words, "--options", json.dumps(options), *extra])


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    """Return a builder with two wheels: app, which has scripts and data, and lib."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    console = "[console_scripts]\nrun-app = app.cli:main\n"
    made = [
        make_wheel(wheels, "app", files=APP, requires=("lib",), entry_points=console),
        make_wheel(wheels, "lib"),
    ]
    return Builder(tmp_path, made)


@pytest.fixture(scope="session")
def fake_pex_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel with pex's layout, whose boot code says that it ran."""
    members = {
        "pex/__init__.py": b"",
        "pex/pex_boot.py": b"import sys\ndef boot(**words):\n    return 0, True, False\n",
        "pex/pip/tool.py": b"",
        "pex/tools/main.py": b"",
        "pex/vendor/__init__.py": b"",
        "pex/vendor/_vendored/__init__.py": b"",
        "pex/vendor/_vendored/attrs/attr/__init__.py": b"",
        "pex/vendor/_vendored/pip/pip/__init__.py": b"",
    }
    return write_zip(tmp_path_factory.mktemp("pex") / "pex-2.0-py3-none-any.whl", members)


@pytest.fixture(scope="session")
def real_pex_wheel() -> Path:
    """Return the real pex distribution's wheel, which Bazel hands to the tests."""
    return Path(os.environ["PEX_WHEEL"])


def bare_environment(**extra: str) -> dict[str, str]:
    """Return an environment without HOME, user site or PYTHONPATH."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", **extra}
