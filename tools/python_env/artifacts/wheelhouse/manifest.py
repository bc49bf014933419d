"""`manifest.json`: what a wheelhouse is, and the digest of every file in it (docs/formats/wheelhouse.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from python_env.artifacts.identity import ignored_field
from python_env.artifacts.wheelhouse.model import House, wheel_tag
from python_env.base.documents import canonical_json, render_document, sha256_hex
from python_env.env.model import Env

SCHEMA = 1
_IDENTITY_SCHEMA = 1


def identity_file(house: House) -> bytes:
    """Return `python_env.json`, as every artifact has it, but for several platforms."""
    return render_document(
        {
            "env_id": house.first.env_id,
            "kind": "identity",
            "lock": house.first.parent,
            "name": house.first.name,
            "platforms": [env.platform.tag for env in house.envs],
            "schema": _IDENTITY_SCHEMA,
        }
    )


def manifest_file(house: House, files: Mapping[str, tuple[str, int]]) -> bytes:
    """Return the manifest; `files` are all others by path, with sha256 (hex) and size in bytes."""
    document: dict[str, Any] = {
        "env_id": house.first.env_id,
        "files": {path: {"sha256": digest, "size": size} for path, (digest, size) in files.items()},
        "kind": "wheelhouse",
        "lock": house.first.parent,
        "name": house.first.name,
        "platforms": {env.platform.tag: _platform(env) for env in house.envs},
        "schema": SCHEMA,
    }
    return render_document({**document, "content": sha256_hex(canonical_json(document))})


def _platform(env: Env) -> dict[str, Any]:
    return {
        "env": env.digest,
        "packages": [{"file": wheel.file, "name": wheel.name, "version": wheel.version} for wheel in env.wheels],
        **ignored_field(env),
        "python": env.platform.python_version,
        "requirements": list(env.requirements),
        "wheel_tag": wheel_tag(env),
    }
