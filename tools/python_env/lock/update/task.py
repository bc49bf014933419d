"""What a refresh is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from python_env.base.platforms import Platform
from python_env.lock.extends.model import Base
from python_env.lock.facts import Facts
from python_env.lock.resolvers.model import Resolver
from python_env.lock.sources.model import Sources
from python_env.requirements.model import Asked, Request

Files = Callable[[str], Sequence[str]]
"""Gives the names of all files that the indexes have of a distribution; nothing where they are not known."""

Progress = Callable[[str, str], None]
"""Told a platform tag (or `files`) and what happens to it now."""


class FactsOf(Protocol):
    """Gives the facts of a wheel; `lock.facts.FactSource` is the real one."""

    def get(self, *, url: str, sha256: str, file: str) -> Facts:
        """Return the facts of one wheel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Everything a refresh needs to know."""

    request: Request
    platforms: Sequence[Platform]
    resolver: Resolver
    facts: FactsOf
    preferred: Mapping[str, Mapping[str, str]]
    """By platform tag, the versions to keep."""
    progress: Progress
    files: Files = lambda _: ()
    sources: Sources | None = None
    """What looks into sources and direct references; None where nothing asks for any."""
    preferred_tools: Mapping[tuple[str, ...], Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    """By build requirements and platform tag, the versions to keep."""
    tool_constraints: Sequence[Asked] = ()
    """Versions that build requirements must take in this refresh."""
    base: Base | None = None
    """The environment that this one is derived from; the request holds its requirements already."""
    all_platforms: bool = True
    """Whether `platforms` are all that the lock shall hold; else no word of the policy can be said to meet nothing."""
