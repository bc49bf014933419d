"""The lock as values, and the three digests that name it. Standard library only, because actions read locks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from python_env.base.documents import canonical_json, sha256_hex

SCHEMA = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedFile:
    """One file, once for all platforms."""

    name: str
    sha256: str
    size: int
    index: str
    """Index alias."""
    path: str
    """Path below the index's file root."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedPackage:
    """One distribution of a platform's closure."""

    name: str
    version: str
    extras: tuple[str, ...]
    file: str
    requires: tuple[str, ...]
    """Names in the closure that it needs on this platform."""
    why: tuple[str, ...]
    """Who asks for it: requirement files, or names in the closure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """The closure of one platform, sorted by name."""

    tag: str
    python: str
    os: str
    cpu: str
    libc: str
    requirements: tuple[str, ...]
    packages: tuple[LockedPackage, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InputLine:
    """A requirement or constraint, normalised, and the file that states it."""

    requirement: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """What the lock answers: as a person asked, without order and comments."""

    requirements: tuple[InputLine, ...]
    constraints: tuple[InputLine, ...]
    platforms: tuple[str, ...]
    indexes: tuple[str, ...] = ("default",)
    overrides: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    exclude_newer: str = ""
    prereleases: str = ""
    index_bindings: tuple[tuple[str, str], ...] = ()
    index_urls: tuple[tuple[str, str], ...] = ()

    @property
    def policy(self) -> dict[str, Any]:
        """Return what a person decided beside the requirements; what is not decided is left out."""
        stated = {
            "exclude_newer": self.exclude_newer,
            "excludes": list(self.excludes),
            "overrides": list(self.overrides),
            "prereleases": self.prereleases,
        }
        return {key: value for key, value in stated.items() if value}

    def as_json(self) -> dict[str, Any]:
        """Return the inputs as the lock's `inputs` object."""
        return {
            "constraints": [_line_json(line) for line in self.constraints],
            **({"index_bindings": dict(self.index_bindings)} if self.index_bindings else {}),
            **({"index_urls": dict(self.index_urls)} if self.index_urls else {}),
            "indexes": list(self.indexes),
            "platforms": list(self.platforms),
            **({"policy": self.policy} if self.policy else {}),
            "requirements": [_line_json(line) for line in self.requirements],
        }

    @property
    def request_id(self) -> str:
        """Return the digest that changes when anything that is asked for changes."""
        return sha256_hex(canonical_json(self.as_json()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A whole lock."""

    inputs: Inputs
    resolver: str
    resolver_version: str
    files: Mapping[str, LockedFile] = field(default_factory=dict)
    sections: Mapping[str, Section] = field(default_factory=dict)

    @property
    def env_id(self) -> str:
        """Return the digest over all platforms' files: one name for the environment everywhere."""
        rows = [
            [tag, package.file, self.files[package.file].sha256]
            for tag, section in sorted(self.sections.items())
            for package in section.packages
        ]
        return sha256_hex(canonical_json(rows))


def _line_json(line: InputLine) -> dict[str, str]:
    return {"requirement": line.requirement, "source": line.source}
