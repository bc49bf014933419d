"""`python_env.json`, the file inside every artifact (docs/formats/artifact.md), and what differs from the closure."""

from __future__ import annotations

import enum
from typing import Any

from python_env.env.model import Env, Wheel

_SCHEMA = 1


class Layer(enum.StrEnum):
    """What of an environment an artifact holds, where it is not all of it."""

    CODE = "code"
    """The first-party files."""


def added_wheels(env: Env) -> tuple[Wheel, ...]:
    """Return the wheels of an artifact that are not of the closure."""
    return tuple(wheel for wheel in env.wheels if wheel.name in env.additional)


def added_rows(env: Env) -> list[dict[str, str]]:
    """Return file, name, sha256 and version of those wheels, as documents have them."""
    return [
        {"file": wheel.file, "name": wheel.name, "sha256": wheel.sha256, "version": wheel.version}
        for wheel in added_wheels(env)
    ]


def ignored_field(env: Env) -> dict[str, dict[str, str]]:
    """Return the field `ignored` of a document: name to version of what is left out; no field where that is nothing."""
    return {"ignored": {wheel.name: wheel.version for wheel in env.ignored}} if env.ignored else {}


def identity_document(env: Env, layer: Layer | None = None) -> dict[str, Any]:
    """Return `python_env.json`, the file inside every artifact that says which environment it is, and what of it."""
    return {
        **({"layer": layer} if layer else {}),
        **({"additional": added_rows(env)} if env.additional else {}),
        **ignored_field(env),
        "env": env.digest,
        "env_id": env.env_id,
        "kind": "identity",
        "lock": env.parent,
        "name": env.name,
        "platform": env.platform.tag,
        "schema": _SCHEMA,
    }
