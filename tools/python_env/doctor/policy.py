"""What a manylinux or musllinux node has: auditwheel's policies (PEP 600, PEP 656), read from its own data files."""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from python_env.base.errors import ToolError
from python_env.base.platforms import Platform

_LOADER = re.compile(r"ld-(linux|musl)[^/]*|ld64\.so\.\d|libc\.musl-.*")
_VERSION = re.compile(r"([A-Z]+)_([0-9][0-9.]*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What every node of one platform has."""

    name: str
    libraries: frozenset[str]
    versions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Newest symbol version of a library, by its prefix: `GLIBCXX` -> (3, 4, 24)."""

    def has(self, library: str) -> bool:
        """Return whether every node has a shared library."""
        return library in self.libraries or _LOADER.fullmatch(library) is not None

    def is_too_new(self, version: str) -> bool:
        """Return whether no node is sure to have a symbol version; glibc's is judged by the platform's floor."""
        match = _VERSION.fullmatch(version)
        if match is None or match[1] not in ("GLIBCXX", "CXXABI", "GCC") or match[1] not in self.versions:
            return False
        return _numbers(match[2]) > self.versions[match[1]]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part)


def read_policy(platform: Platform | None) -> Policy:
    """Return the policy of a platform: the newest one that it is not older than; without a platform, the newest of all.

    Raises ToolError when auditwheel, which brings the data, is not installed.
    """
    name = "musllinux" if platform is not None and platform.libc == "musl" else "manylinux"
    try:
        place = importlib.resources.files("auditwheel").joinpath("policy", f"{name}-policy.json")
        rows = json.loads(place.read_bytes())
    except ModuleNotFoundError:
        raise ToolError.one(
            "auditwheel is not installed: its data say what every Linux node has",
            where="python -m python_env doctor",
            fix="pip install auditwheel packaging rich, or bazel run //...:<name>_doctor, which brings them",
        ) from None
    return choose_policy(rows, platform)


def choose_policy(rows: Iterable[Mapping[str, Any]], platform: Platform | None) -> Policy:
    """Return the policy of a platform from the rows of auditwheel's file."""
    known = [(floor, row) for row in rows if (floor := _floor(str(row["name"]))) is not None]
    fitting = [pair for pair in known if platform is None or pair[0] <= platform.floor] or known[:1]
    _, row = max(fitting, key=lambda pair: pair[0])
    versions = row["symbol_versions"].get(platform.cpu if platform else "x86_64", {})
    return Policy(
        name=str(row["name"]),
        libraries=frozenset(row["lib_whitelist"]),
        versions={key: newest for key, values in versions.items() if (newest := _newest(values))},
    )


def _floor(name: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(?:many|musl)linux_(\d+)_(\d+)", name)
    return (int(match[1]), int(match[2])) if match else None


def _newest(values: Iterable[str]) -> tuple[int, ...]:
    return max((_numbers(value) for value in values if re.fullmatch(r"[0-9.]+", value)), default=())
