"""Locks of any size: trees of packages, one of five native; their wheels are made, or exist in the lock only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from pathlib import Path

from python_env.base.platforms import parse_platform
from python_env.base.resolving import ResolverName
from python_env.lock.document import render_lock
from python_env.lock.model import InputLine, Inputs, Lock, LockedFile, LockedPackage, Section
from support.bazel import ROOT
from support.wheels import make_wheel, sha256

SIX_TAGS = (
    "cp311-manylinux_2_28_x86_64",
    "cp311-manylinux_2_28_aarch64",
    "cp311-win_amd64",
    "cp312-manylinux_2_28_x86_64",
    "cp313-manylinux_2_28_x86_64",
    "cp313-manylinux_2_28_aarch64",
)
"""Platform tags of a large lock; the first is the one of the machine."""

REQUIRES = 2
"""Distributions that each package needs; in examples/training it is 1.7."""

NATIVE = 5
"""One of so many packages is native; in examples/training it is one of 5.5. Names are as long as there."""

SOURCE = "envs/requirements.in"
"""The requirement file of a generated lock; it names the first package."""


def package_name(number: int) -> str:
    """Return the name of a package."""
    return f"package-{number:04d}"


def _wheel_tag(tag: str, number: int) -> str:
    if number % NATIVE:
        return "py3-none-any"
    python, _, platform = tag.partition("-")
    return f"{python}-{python}-{platform}"


def _file(number: int, tag: str, wheels: Path, made: Collection[str]) -> LockedFile:
    """Return a package's file for a tag; for the tags `made` it is a real wheel."""
    module, wheel_tag = package_name(number).replace("-", "_"), _wheel_tag(tag, number)
    name = f"{module}-1.{number}.0-{wheel_tag}.whl"
    digest, size = hashlib.sha256(name.encode()).hexdigest(), 1_000_000 + number
    if tag in made or (made and wheel_tag == "py3-none-any"):
        place = wheels / name
        if not place.exists():
            files = {f"{module}/__init__.py": f"WHEEL = {name!r}\n".encode()}
            make_wheel(wheels, module, f"1.{number}.0", files, tag=wheel_tag)
        digest, size = sha256(place), place.stat().st_size
    return LockedFile(
        name=name,
        sha256=digest,
        size=size,
        index="default",
        path=f"packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{name}",
    )


def _package(place: int, numbers: Sequence[int], file: str, source: str) -> LockedPackage:
    """Return the package at a place of the list: it needs those at the next places of a tree."""
    needs = numbers[place * REQUIRES + 1 : place * REQUIRES + 1 + REQUIRES]
    why = package_name(numbers[(place - 1) // REQUIRES]) if place else source
    return LockedPackage(
        name=package_name(numbers[place]),
        version=f"1.{numbers[place]}.0",
        extras=(),
        file=file,
        requires=tuple(map(package_name, needs)),
        why=(why,),
    )


def _resolver_version() -> str:
    tools = json.loads((ROOT / "tools/tools.lock.json").read_bytes())["platforms"].values()
    return str(next(package["version"] for each in tools for package in each["packages"] if package["name"] == "uv"))


def make_lock(
    numbers: Sequence[int],
    wheels: Path,
    *,
    tags: Sequence[str],
    made: Collection[str] = (),
    source: str = SOURCE,
) -> Lock:
    """Return a lock of the packages of these numbers, sorted, that form one tree below the first.

    `wheels` is the folder where the wheels of the tags `made` are written; `source` is the requirement file.
    """
    files: dict[str, LockedFile] = {}
    sections = {}
    for tag in tags:
        platform = parse_platform(tag)
        found = [_file(number, tag, wheels, made) for number in numbers]
        files.update((file.name, file) for file in found)
        sections[tag] = Section(
            tag=tag,
            python=platform.python_version,
            os=platform.os,
            cpu=platform.cpu,
            libc=platform.libc,
            requirements=(package_name(numbers[0]),),
            packages=tuple(_package(place, numbers, file.name, source) for place, file in enumerate(found)),
        )
    asked = InputLine(requirement=package_name(numbers[0]), source=source)
    inputs = Inputs(requirements=(asked,), constraints=(), platforms=tuple(tags))
    return Lock(
        inputs=inputs, resolver=ResolverName.UV, resolver_version=_resolver_version(), files=files, sections=sections
    )


def write_env(folder: Path, lock: Lock, build: str) -> None:
    """Write a package with one environment: its lock, requirement file, and BUILD file with this text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "BUILD").write_text(build)
    (folder / "requirements.in").write_text("".join(f"{line.requirement}\n" for line in lock.inputs.requirements))
    (folder / "training.lock.json").write_bytes(render_lock(lock))
