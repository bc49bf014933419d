"""The env document as values, and the report that stands beside every artifact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_env.base.documents import parse_document, sha256_hex
from python_env.base.errors import Fault, ToolError

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

    Raises ToolError when a field is missing or of another type, naming its path.
    """
    document = parse_document(data, where=where, kind="env", schema=SCHEMA, fix=_FIX)
    platform = _take(document, "platform", dict, where, "")
    wheels = tuple(
        _parse_wheel(row, where, f"wheels[{i}]") for i, row in enumerate(_take(document, "wheels", list, where, ""))
    )
    return Env(
        name=_take(document, "name", str, where, ""),
        env_id=_take(document, "env_id", str, where, ""),
        digest=sha256_hex(data),
        parent=_take(document, "parent", str, where, ""),
        tag=_take(platform, "tag", str, where, "platform"),
        python=_take(platform, "python", str, where, "platform"),
        os=_take(platform, "os", str, where, "platform"),
        requirements=tuple(_take(document, "requirements", list, where, "")),
        wheels=wheels,
    )


def _parse_wheel(row: Mapping[str, Any], where: str, path: str) -> Wheel:
    return Wheel(
        name=_take(row, "name", str, where, path),
        version=_take(row, "version", str, where, path),
        file=_take(row, "file", str, where, path),
        sha256=_take(row, "sha256", str, where, path),
        size=_take(row, "size", int, where, path),
        requires=tuple(_take(row, "requires", list, where, path)),
    )


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
