"""Whole builds by Bazel: engines, users, checkouts, output bases, jobs and orders of fetching."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from python_env.lock.document import parse_lock
from support.bazel import ROOT, short_lived_digesting
from support.cache import cache_of_the_tests
from support.determinism.inputs import TAG
from support.determinism.variations import USER, make_user

_PEXES = ("zipapp.pex", "packed.pex.zip", "installed.pex", "packed_installed.pex.zip", "optioned.pex.zip")
_HELLO = {
    "env": ["examples/hello/hello.env.json"],
    "wheel checks": ["checks"],
    "PEX zipapp": ["tests/pex/zipapp.pex"],
    "packed": ["tests/pex/packed.pex.zip"],
    "pre_installed": ["tests/pex/installed.pex"],
    "packed, pre_installed": ["tests/pex/packed_installed.pex.zip"],
    "sh_boot": ["tests/pex/optioned.pex.zip"],
    "venv tar.gz": ["examples/hello/hello.venv.tar.gz"],
    "venv zip": ["tests/venv/zip.venv.zip"],
    "venv dir": ["tests/venv/dir.venv"],
    "wheelhouse": ["examples/hello/hello.wheelhouse.zip"],
}
_REPORTS = [f"tests/pex/{name}.json" for name in _PEXES]
_REPORTS += ["tests/venv/zip.venv.zip.json", "tests/venv/dir.venv.json"]
_REPORTS += [f"examples/hello/hello.{name}.json" for name in ("pex", "venv.tar.gz", "wheelhouse.zip")]
HELLO: dict[str, Sequence[str]] = {
    **_HELLO,
    "reports": _REPORTS,
    "launcher": ["examples/hello/hello.launcher.json", "examples/hello/hello.launcher"],
}
"""Heading to what Bazel builds of the small example."""

_TRAINING = "examples/training/training"
TRAINING: dict[str, Sequence[str]] = {
    "env": [f"{_TRAINING}.env.json"],
    "PEX zipapp": [f"{_TRAINING}.pex"],
    "venv tar.gz": [f"{_TRAINING}.venv.tar.gz"],
    "reports": [f"{_TRAINING}.pex.json", f"{_TRAINING}.venv.tar.gz.json"],
    "launcher": [f"{_TRAINING}.launcher.json", f"{_TRAINING}.launcher"],
}
"""The same of the large example."""

HELLO_TARGETS = [f"//tests/pex:{name}" for name in ("zipapp", "packed", "installed", "packed_installed", "optioned")]
HELLO_TARGETS += ["//tests/venv:zip", "//tests/venv:dir"]
HELLO_TARGETS += [f"//examples/hello:hello_{kind}" for kind in ("pex", "venv", "wheelhouse", "launcher")]
TRAINING_TARGETS = [f"//examples/training:training_{kind}" for kind in ("pex", "venv", "launcher")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkout:
    """A copy of this repository, and who builds there."""

    path: Path = ROOT
    prefix: tuple[str, ...] = ()
    """Words before each command."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def bazel(self, *words: str, umask: int = 0o022, **environment: str) -> str:
        """Run bazelw and return what it said; raises AssertionError when it fails."""
        done = subprocess.run(
            [*self.prefix, self.path / "bazelw", *words],
            cwd=self.path,
            env={**os.environ, **self.environment, **environment},
            umask=umask,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout

    def keep(self, columns: Mapping[str, Sequence[str]], folder: Path) -> Path:
        """Copy what was built, as it is now, and return the folder.

        Modes are not kept: those of Bazel's outputs are Bazel's, and follow the umask.
        """
        for path in (path for paths in columns.values() for path in paths if path != "checks"):
            _copy(self.path / "bazel-bin" / path, folder / path)
        if any("checks" in paths for paths in columns.values()):
            files = {f"{file}.check.json" for file in hello_wheels()}
            for check in self.path.glob("bazel-bin/external/*whl_*/**/*.check.json"):
                if check.name in files:
                    _copy(check, folder / "checks" / check.name)
        return folder


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
        for path in (target, *(path for path in target.rglob("*") if path.is_dir())):
            path.chmod(0o755)
    else:
        shutil.copyfile(source, target)


def copied_checkout(place: Path) -> Path:
    """Copy this repository to a place, in which nothing of an earlier copy stays, and return the place."""
    shutil.rmtree(place, ignore_errors=True)
    ignored = shutil.ignore_patterns("bazel-*", ".git", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, place, ignore=ignored, symlinks=True)
    return place


def other_checkout(name: str) -> Checkout:
    """Return a checkout in a folder of that name, of another user; with another HOME where only root could do that."""
    if make_user():
        home = Path("~" + USER).expanduser()
        prefix: tuple[str, ...] = ("runuser", "-u", USER, "--")
    else:
        home = cache_of_the_tests() / "other_home"
        home.mkdir(exist_ok=True)
        prefix = ()
    place = copied_checkout(home / "some" / name)
    if prefix:
        subprocess.run(["chown", "-R", USER, home], check=True)
    return Checkout(
        path=place,
        prefix=prefix,
        environment={
            **short_lived_digesting(home),
            "HOME": str(home),
            "XDG_CACHE_HOME": f"{home}/.cache",
            "USER": USER,
            "LOGNAME": USER,
        },
    )


def hello_wheels() -> dict[str, str]:
    """Return the wheels of the small example for this platform: file name to the repository, as WORKSPACE names it."""
    where = "examples/hello/hello.lock.json"
    lock = parse_lock((ROOT / where).read_bytes(), where=where, fix="")
    assert lock
    return {
        package.file: f"@whl_{package.name.replace('-', '_')}_{lock.files[package.file].sha256[:16]}"
        for package in lock.sections[TAG].packages
    }
