"""The closure of one platform: what the env stage writes and every artifact kind reads (docs/formats/env.md)."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from python_env.base.documents import Reader, parse_document, render_document, sha256_hex
from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform, parse_platform
from python_env.base.versions import version_key

SCHEMA = 1
_KIND = "env"
_FIX = "build the environment again; the document is written by the env stage"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """One wheel of the closure."""

    name: str
    """Normalised (PEP 503)."""
    version: str
    extras: tuple[str, ...]
    file: str
    sha256: str
    """Hexadecimal."""
    size: int
    """In bytes."""
    requires: tuple[str, ...]
    """Names of the distributions of the closure that it needs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Env:
    """The closure of one platform."""

    name: str
    env_id: str
    parent: str
    """sha256 of the lock."""
    platform: Platform
    requirements: tuple[str, ...]
    wheels: tuple[Wheel, ...]
    excludes: tuple[str, ...] = ()
    """Names of the distributions that the lock leaves out, whoever asks for them; sorted."""
    overrides: tuple[str, ...] = ()
    """Names of the distributions whose every requirement the lock replaces, by what `wheels` has or by none; sorted."""
    ignored: tuple[Wheel, ...] = field(default=(), compare=False)
    """Of the closure, what one artifact leaves out of `wheels`; no part of the document."""
    additional: tuple[str, ...] = field(default=(), compare=False)
    """Names of those in `wheels` that one artifact adds to the closure; no part of the document."""
    digest: str = field(default="", compare=False)
    """sha256 of the document that this was read from; empty for what was not read."""


def render_env(env: Env) -> bytes:
    """Return `<env>.env.json`."""
    return render_document(
        {
            "env_id": env.env_id,
            **({"excludes": list(env.excludes)} if env.excludes else {}),
            "kind": _KIND,
            "name": env.name,
            **({"overrides": list(env.overrides)} if env.overrides else {}),
            "parent": env.parent,
            "platform": _platform_fields(env.platform),
            "requirements": list(env.requirements),
            "schema": SCHEMA,
            "wheels": [_wheel_fields(wheel) for wheel in env.wheels],
        }
    )


def _platform_fields(platform: Platform) -> dict[str, str]:
    """Return what the tag says, in words, for those who do not read tags."""
    return {
        "cpu": platform.cpu,
        "libc": platform.libc,
        "os": platform.os.value,
        "python": platform.python_version,
        "tag": platform.tag,
    }


def _wheel_fields(wheel: Wheel) -> dict[str, Any]:
    return {
        "extras": list(wheel.extras),
        "file": wheel.file,
        "name": wheel.name,
        "requires": list(wheel.requires),
        "sha256": wheel.sha256,
        "size": wheel.size,
        "version": wheel.version,
    }


def parse_env(data: bytes, *, where: str) -> Env:
    """Return the env in `data`.

    Raises ToolError when a field is missing or of another type, naming its path; when a platform's fields are not what
    its tag says; and for a distribution that stands twice.
    """
    document = parse_document(data, where=where, kind=_KIND, schema=SCHEMA, fix=_FIX)
    reader = Reader(where, _FIX)
    rows = enumerate(reader.items(document, "wheels", dict))
    wheels = tuple(_parse_wheel(reader, row, f"wheels[{i}]") for i, row in rows)
    _refuse_twice(wheels, where)
    return Env(
        name=reader.take(document, "name", str),
        env_id=reader.take(document, "env_id", str),
        parent=reader.take(document, "parent", str),
        platform=_parse_platform(reader, reader.take(document, "platform", dict)),
        requirements=reader.strings(document, "requirements"),
        wheels=wheels,
        excludes=reader.strings({"excludes": [], **document}, "excludes"),
        overrides=reader.strings({"overrides": [], **document}, "overrides"),
        digest=sha256_hex(data),
    )


def _parse_wheel(reader: Reader, row: Mapping[str, Any], path: str) -> Wheel:
    version = reader.take(row, "version", str, path)
    if version_key(version) is None:
        raise reader.error(f"{version!r} is not a version", f"{path}.version")
    return Wheel(
        name=reader.take(row, "name", str, path),
        version=version,
        extras=reader.strings(row, "extras", path),
        file=reader.take(row, "file", str, path),
        sha256=reader.take(row, "sha256", str, path),
        size=reader.take(row, "size", int, path),
        requires=reader.strings(row, "requires", path),
    )


def _parse_platform(reader: Reader, fields: Mapping[str, Any]) -> Platform:
    """Return the platform of the tag; every other field follows from it, and some enter scripts."""
    platform = parse_platform(reader.take(fields, "tag", str, "platform"))
    for key, said in _platform_fields(platform).items():
        found = reader.take(fields, key, str, "platform")
        if found != said:
            raise reader.error(f"{platform.tag} is of {said!r}, found {found!r}", f"platform.{key}")
    return platform


def _refuse_twice(wheels: Sequence[Wheel], where: str) -> None:
    faults = []
    for kind in ("name", "file"):
        counts = collections.Counter(getattr(wheel, kind) for wheel in wheels)
        twice = [value for value, count in counts.items() if count > 1]
        faults += [Fault(f"{value} stands twice", f"{where}: wheels, {kind}", _FIX) for value in twice]
    if faults:
        raise ToolError(faults)
