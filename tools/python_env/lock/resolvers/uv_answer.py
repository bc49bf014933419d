"""The pylock.toml (PEP 751) that uv writes, read back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name

from python_env.lock.index import file_name
from python_env.lock.resolvers.model import Candidate, Resolved


def parse_pylock(text: str) -> tuple[Resolved, ...]:
    """Return the pins of a pylock.toml (PEP 751) that uv wrote."""
    return tuple(_resolved(package) for package in tomllib.loads(text).get("packages", []))


def _resolved(package: Mapping[str, Any]) -> Resolved:
    candidates = tuple(
        Candidate(file=wheel.get("name") or file_name(wheel["url"]), url=wheel["url"], sha256=wheel["hashes"]["sha256"])
        for wheel in package.get("wheels", [])
        if "sha256" in wheel.get("hashes", {})
    )
    sdist = package.get("sdist", {})
    source = (
        Candidate(file=sdist.get("name") or file_name(sdist["url"]), url=sdist["url"], sha256=sdist["hashes"]["sha256"])
        if "url" in sdist and "sha256" in sdist.get("hashes", {})
        else None
    )
    name, version = canonicalize_name(package["name"]), package.get("version", "")
    return Resolved(name=name, version=version, candidates=candidates, sdist=source)
