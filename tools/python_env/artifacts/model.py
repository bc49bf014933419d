"""What every artifact holds of ours, and the report that stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_env.env.model import Env

OUR_FILES = frozenset({"python_env.json"})
"""What every artifact holds of ours; no wheel and no source may write it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One first-party file."""

    destination: str
    """Path below the root of the imports."""
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What an artifact holds, counted while it was planned."""

    files: int
    unpacked_size: int


def identity_document(env: Env) -> dict[str, Any]:
    """Return `python_env.json`, the file inside every artifact that says which environment it is."""
    return {
        "env": env.digest,
        "env_id": env.env_id,
        "kind": "identity",
        "lock": env.parent,
        "name": env.name,
        "platform": env.platform.tag,
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
        "platform": env.platform.tag,
        "python": env.platform.python_version,
        "schema": 1,
        "unpacked_size": contents.unpacked_size,
        "venv_mode": False,
        **kind_fields,
    }
