"""What a resolver is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from python_env.base.errors import Fault
from python_env.base.platforms import Platform
from python_env.base.resolving import ResolverName
from python_env.requirements.model import Asked, Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One wheel that the index has of a pinned version."""

    file: str
    url: str
    sha256: str
    index: str = "default"
    """Index alias."""
    path: str = ""
    """How the lock names it below the index's file root; empty: the URL's path."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """A pinned distribution and its wheels."""

    name: str
    version: str
    candidates: tuple[Candidate, ...]
    sdist: Candidate | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One platform's question."""

    request: Request
    platform: Platform
    preferred: Mapping[str, str]
    """Versions to keep where nothing forbids it: the old lock's."""
    refused: frozenset[tuple[str, str]] = frozenset()
    """Versions that have no wheel for the platform's floor."""
    pinned: bool = False
    """Whether the requirements are all that there is: what they depend on is not looked at."""
    references: Mapping[str, str] = field(default_factory=dict)
    """By the URL of a direct reference, the URL that the resolver is to follow on this machine."""

    @property
    def requirements(self) -> tuple[Asked, ...]:
        """Return the lines that count on the platform; markers are the resolver's to judge."""
        return tuple(line for line in self.request.requirements if line.is_for(self.platform.tag))

    @property
    def built(self) -> tuple[str, ...]:
        """Return the distributions that must come as source: direct references to one, and those of `--no-binary`."""
        direct = {line.name for line in self.requirements if line.direct and not line.direct.is_wheel}
        return tuple(sorted(direct | set(self.request.policy.no_binary)))


class Unresolvable(Exception):
    """The resolver found no answer; carries its explanation, one fault per cause."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(fault.render() for fault in faults))


class Resolver(Protocol):
    """An adapter of a resolver."""

    name: ResolverName
    version: str

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Return the pins of one platform; raises Unresolvable."""
