"""What a resolver is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from python_env.base.errors import Fault
from python_env.base.platforms import Platform
from python_env.requirements.model import Request


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One platform's question."""

    request: Request
    platform: Platform
    preferred: Mapping[str, str]
    """Versions to keep where nothing forbids it: the old lock's."""
    refused: frozenset[tuple[str, str]] = frozenset()
    """Versions that have no wheel for the platform's floor."""


class Unresolvable(Exception):
    """The resolver found no answer; carries its explanation, one fault per cause."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(fault.render() for fault in faults))


class Resolver(Protocol):
    """An adapter of a resolver."""

    name: str
    version: str

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Return the pins of one platform; raises Unresolvable."""
