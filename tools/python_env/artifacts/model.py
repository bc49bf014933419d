"""The env document as values, and the report that stands beside every artifact."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_env.base.documents import parse_document, sha256_hex
from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import parse_platform
from python_env.base.versions import version_key

SCHEMA = 1
_FIX = "build the environment again; the document is written by the env stage"


OUR_FILES = frozenset({"python_env.json"})
"""What every artifact holds of ours; no wheel and no source may write it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One first-party file."""

    destination: str
    """Path below the root of the imports."""
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """One wheel of the closure."""

    name: str
    version: str
    file: str
    sha256: str
    size: int
    requires: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Env:
    """The closure of one platform."""

    name: str
    env_id: str
    digest: str
    """sha256 of the env document itself."""
    parent: str
    """sha256 of the lock."""
    tag: str
    python: str
    os: str
    requirements: tuple[str, ...]
    wheels: tuple[Wheel, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What an artifact holds, counted while it was planned."""

    files: int
    unpacked_size: int


def parse_env(data: bytes, *, where: str) -> Env:
    """Return the env in `data`.

    Raises ToolError when a field is missing or of another type, naming its path; when a platform's fields are not what
    its tag says; and for a distribution that stands twice.
    """
    document = parse_document(data, where=where, kind="env", schema=SCHEMA, fix=_FIX)
    wheels = tuple(
        _parse_wheel(row, where, f"wheels[{i}]") for i, row in enumerate(_take(document, "wheels", list, where, ""))
    )
    _refuse_twice(wheels, where)
    return Env(
        name=_take(document, "name", str, where, ""),
        env_id=_take(document, "env_id", str, where, ""),
        digest=sha256_hex(data),
        parent=_take(document, "parent", str, where, ""),
        **_parse_target(_take(document, "platform", dict, where, ""), where),
        requirements=_take_strings(document, "requirements", where, ""),
        wheels=wheels,
    )


def _parse_wheel(row: Mapping[str, Any], where: str, path: str) -> Wheel:
    return Wheel(
        name=_take(row, "name", str, where, path),
        version=_take_version(row, where, path),
        file=_take(row, "file", str, where, path),
        sha256=_take(row, "sha256", str, where, path),
        size=_take(row, "size", int, where, path),
        requires=_take_strings(row, "requires", where, path),
    )


def _parse_target(platform: Mapping[str, Any], where: str) -> dict[str, str]:
    """Return tag, os and python: both follow from the tag, and enter scripts."""
    target = parse_platform(_take(platform, "tag", str, where, "platform"))
    for key, said in (("os", target.os), ("python", target.python_version)):
        found = _take(platform, key, str, where, "platform")
        if found != said:
            raise ToolError([Fault(f"{target.tag} is of {said!r}, found {found!r}", f"{where}: platform.{key}", _FIX)])
    return {"os": target.os, "python": target.python_version, "tag": target.tag}


def _refuse_twice(wheels: Sequence[Wheel], where: str) -> None:
    faults = []
    for kind in ("name", "file"):
        counts = collections.Counter(getattr(wheel, kind) for wheel in wheels)
        twice = [value for value, count in counts.items() if count > 1]
        faults += [Fault(f"{value} stands twice", f"{where}: wheels, {kind}", _FIX) for value in twice]
    if faults:
        raise ToolError(faults)


def _take_version(row: Mapping[str, Any], where: str, path: str) -> str:
    version: str = _take(row, "version", str, where, path)
    if version_key(version) is None:
        raise ToolError([Fault(f"{version!r} is not a version", f"{where}: {path}.version", _FIX)])
    return version


def _take_strings(value: Any, key: str, where: str, path: str) -> tuple[str, ...]:
    found = _take(value, key, list, where, path)
    for i, item in enumerate(found):
        if not isinstance(item, str):
            place = f"{where}: {path}.{key}[{i}]" if path else f"{where}: {key}[{i}]"
            raise ToolError([Fault(f"expected str, found {type(item).__name__}", place, _FIX)])
    return tuple(found)


def _take(value: Any, key: str, kind: type, where: str, path: str) -> Any:
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        place = f"{where}: {path}.{key}" if path else f"{where}: {key}"
        raise ToolError([Fault(f"expected {kind.__name__}, found {type(found).__name__}", place, _FIX)])
    return found


def identity_document(env: Env) -> dict[str, Any]:
    """Return `python_env.json`, the file inside every artifact that says which environment it is."""
    return {
        "env": env.digest,
        "env_id": env.env_id,
        "kind": "identity",
        "lock": env.parent,
        "name": env.name,
        "platform": env.tag,
        "schema": 1,
    }


def report_document(env: Env, contents: Contents, **kind_fields: Any) -> dict[str, Any]:
    """Return `<artifact>.json` (docs/formats/artifact.md); the kind gives its own fields."""
    return {
        "bundled_interpreter": False,
        "distributions": {wheel.name: wheel.version for wheel in env.wheels},
        "entry_point": "",
        "env_id": env.env_id,
        "file_count": contents.files,
        "hermetic_scripts": False,
        "inherit_path": "",
        "kind": "artifact",
        "name": env.name,
        "parent": env.digest,
        "platform": env.tag,
        "python": env.python,
        "schema": 1,
        "unpacked_size": contents.unpacked_size,
        "venv_mode": False,
        **kind_fields,
    }
