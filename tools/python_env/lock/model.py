"""The lock as values, and the three digests that name it. Standard library only, because actions read locks."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from python_env.base.documents import canonical_json, sha256_hex
from python_env.base.resolving import Prereleases, ResolverName

SCHEMA = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedFile:
    """One file, once for all platforms."""

    name: str
    sha256: str = ""
    """Hex digest; empty for a wheel that is built."""
    size: int = 0
    """Bytes; 0 for a wheel that is built."""
    index: str = ""
    """Index alias; empty where it comes from no index."""
    path: str = ""
    """Path below the index's file root."""
    url: str = ""
    """URL of a direct reference."""
    local: str = ""
    """Path of a wheel of the workspace, from its root."""
    build: str = ""
    """Key of the source that the wheel is built from."""


class SourceKind(enum.StrEnum):
    """What a wheel is built from."""

    SDIST = "sdist"
    GIT = "git"
    FOLDER = "folder"


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedSource:
    """What a wheel is built from, and what builds it."""

    key: str
    """The sdist's file name, `<name>@<commit>`, or the project's folder from the root of the workspace."""
    kind: SourceKind
    name: str
    version: str
    sha256: str = ""
    """Of the sdist; of a folder, the digest of what says how it is built."""
    size: int = 0
    """Bytes of the sdist."""
    index: str = ""
    path: str = ""
    url: str = ""
    """Of a direct sdist, or of the repository."""
    revision: str = ""
    """What was asked for: branch, tag or commit."""
    commit: str = ""
    subdirectory: str = ""
    requires: tuple[str, ...] = ()
    """Build requirements: those of pyproject.toml and those that the backend adds (PEP 517)."""
    tools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By platform tag, the wheels of the build requirements' closure."""

    @property
    def identity(self) -> str:
        """Return the digest that names the source's content."""
        return self.commit or self.sha256


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
    platforms: tuple[str, ...] = ()
    """Platform tags that the file is read for; empty: all."""


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
    prereleases: Prereleases = Prereleases.AS_ASKED
    index_bindings: tuple[tuple[str, str], ...] = ()
    index_urls: tuple[tuple[str, str], ...] = ()
    sdists: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    marker_values: tuple[tuple[str, str], ...] = ()
    extends: tuple[tuple[str, str], ...] = ()
    """(label, env_id) of the environment that this one is derived from; empty for none."""
    resolver: ResolverName = ResolverName.UV
    """Name of the resolver that is asked for; the default one is left out of the JSON."""

    @property
    def policy(self) -> dict[str, Any]:
        """Return what a person decided beside the requirements; what is not decided is left out."""
        stated = {
            "exclude_newer": self.exclude_newer,
            "excludes": list(self.excludes),
            "marker_values": dict(self.marker_values),
            "no_binary": list(self.no_binary),
            "overrides": list(self.overrides),
            "prereleases": self.prereleases,
            "sdists": list(self.sdists),
        }
        return {key: value for key, value in stated.items() if value}

    def as_json(self) -> dict[str, Any]:
        """Return the inputs as the lock's `inputs` object."""
        return {
            "constraints": [_line_json(line) for line in self.constraints],
            **({"extends": dict(self.extends)} if self.extends else {}),
            **({"index_bindings": dict(self.index_bindings)} if self.index_bindings else {}),
            **({"index_urls": dict(self.index_urls)} if self.index_urls else {}),
            "indexes": list(self.indexes),
            "platforms": list(self.platforms),
            **({"extras": list(self.extras)} if self.extras else {}),
            **({"groups": list(self.groups)} if self.groups else {}),
            **({"policy": self.policy} if self.policy else {}),
            "requirements": [_line_json(line) for line in self.requirements],
            **({"resolver": self.resolver} if self.resolver is not ResolverName.UV else {}),
        }

    @property
    def request_id(self) -> str:
        """Return the digest that changes when anything that is asked for changes."""
        return sha256_hex(canonical_json(self.as_json()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A whole lock."""

    inputs: Inputs
    resolver: ResolverName
    resolver_version: str
    files: Mapping[str, LockedFile] = field(default_factory=dict)
    sections: Mapping[str, Section] = field(default_factory=dict)
    sources: Mapping[str, LockedSource] = field(default_factory=dict)

    @property
    def env_id(self) -> str:
        """Return the digest over all platforms' files: one name for the environment everywhere."""
        rows = [
            [tag, package.file, self.identity(package.file)]
            for tag, section in sorted(self.sections.items())
            for package in section.packages
        ]
        return sha256_hex(canonical_json(rows))

    def identity(self, file: str) -> str:
        """Return the digest of a file, or of the source that it is built from."""
        locked = self.files[file]
        return self.sources[locked.build].identity if locked.build else locked.sha256


def _line_json(line: InputLine) -> dict[str, Any]:
    platforms = {"platforms": list(line.platforms)} if line.platforms else {}
    return {**platforms, "requirement": line.requirement, "source": line.source}
