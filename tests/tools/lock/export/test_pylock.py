"""`pylock.<tag>.toml`: as PEP 751 has it, read by `packaging.pylock`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.markers import Environment
from packaging.pylock import PackageWheel, Pylock, is_valid_pylock_path

from python_env.base.platforms import marker_environment, parse_platform
from python_env.base.wheel_tags import supported_tags
from python_env.lock.export.cli import render_files
from python_env.lock.export.origin import Origin
from python_env.lock.export.pylock import Place, render_pylock
from python_env.lock.model import Lock
from support.fake_index import LINUX, WINDOWS

BESIDE: Place = lambda file: ("path", f"wheels/{file.name}")  # noqa: E731  # a value, as the edge makes one

GOLDEN = """\
lock-version = "1.0"
environments = [
    "sys_platform == 'linux' and platform_machine == 'x86_64' and python_version == '3.11' and \
implementation_name == 'cpython'",
]
requires-python = "==3.11.*"
created-by = "rules-python-env"

[[packages]]
name = "app"
version = "1.0"
dependencies = [
    {name = "lib"},
]

[[packages.wheels]]
name = "app-1.0-py3-none-any.whl"
path = "wheels/app-1.0-py3-none-any.whl"
size = 24
hashes = {sha256 = "APP"}

[[packages]]
name = "lib"
version = "2.0+cpu"

[[packages.wheels]]
name = "lib-2.0+cpu-cp311-cp311-manylinux_2_17_x86_64.whl"
path = "wheels/lib-2.0+cpu-cp311-cp311-manylinux_2_17_x86_64.whl"
size = 49
hashes = {sha256 = "LIB"}

[tool.rules-python-env]
env-id = "ENV"
lock = "//envs:a.lock.json"
lock-sha256 = "LOCK"
platform = "cp311-manylinux_2_28_x86_64"
"""


def pylock(lock: Lock, tag: str, origin: Origin, place: Place = BESIDE) -> str:
    """Return the text for one platform."""
    return render_pylock(lock, lock.sections[tag], origin=origin, place=place)


def test_the_text(lock: Lock, origin: Origin) -> None:
    """Keys in the specification's order, one dependency per line, no host anywhere."""
    digests = {"ENV": origin.env_id, "LOCK": origin.sha256}
    digests["APP"], digests["LIB"] = (lock.files[p.file].sha256 for p in lock.sections[LINUX].packages)
    expected = GOLDEN
    for word, digest in digests.items():
        expected = expected.replace(f'"{word}"', f'"{digest}"')
    assert pylock(lock, LINUX, origin) == expected


@pytest.mark.parametrize("tag", [LINUX, WINDOWS])
@pytest.mark.parametrize("key", ["path", "url"])
def test_packaging_selects_the_locked_wheels(lock: Lock, origin: Origin, tag: str, key: str) -> None:
    """The reference reader finds it valid, and takes the locked wheel of every distribution on that platform."""
    place: Place = BESIDE if key == "path" else lambda file: ("url", f"https://files.example/{file.path}")
    read = Pylock.from_dict(tomllib.loads(pylock(lock, tag, origin, place)))
    read.validate()
    platform = parse_platform(tag)
    environment: Environment = marker_environment(platform)  # type: ignore[assignment]  # all keys are there
    chosen = {}
    for package, wheel in read.select(environment=environment, tags=supported_tags(platform)):
        assert isinstance(wheel, PackageWheel)
        chosen[package.name] = (str(package.version), wheel.filename, wheel.hashes["sha256"], wheel.size)
    assert chosen == {
        package.name: (package.version, package.file, lock.files[package.file].sha256, lock.files[package.file].size)
        for package in lock.sections[tag].packages
    }


def test_another_platform_is_refused(lock: Lock, origin: Origin) -> None:
    """`environments` keeps an installer from taking another platform's set."""
    read = Pylock.from_dict(tomllib.loads(pylock(lock, WINDOWS, origin)))
    environment: Environment = marker_environment(parse_platform(LINUX))  # type: ignore[assignment]
    with pytest.raises(Exception, match="does not satisfy any of the environments"):
        list(read.select(environment=environment))


def test_file_names_are_those_of_the_specification(lock: Lock, origin: Origin) -> None:
    """`pylock.<name>.toml`, the name without a dot."""
    names = [name for name in render_files(lock, origin=origin, place=BESIDE) if name.endswith(".toml")]
    assert len(names) == 2
    assert all(is_valid_pylock_path(Path(name)) for name in names)
