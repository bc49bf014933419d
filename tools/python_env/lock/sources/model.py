"""What is known of a distribution that comes from no index as a wheel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

from python_env.base.platforms import Platform
from python_env.base.wheel_tags import supported_tags
from python_env.lock.facts import Facts
from python_env.lock.model import LockedFile, LockedSource
from python_env.lock.resolvers.model import Candidate
from python_env.requirements.model import Direct


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """A wheel that lies outside the indexes, or a source with the wheel that it gives."""

    facts: Facts
    file: str
    """File name of the wheel: as it lies there, or as it was built on this machine."""
    wheel: LockedFile | None = None
    """Set for a wheel."""
    source: LockedSource | None = None
    """Set for a source; its `tools` are not locked yet."""

    def file_for(self, platform: Platform) -> str | None:
        """Return the wheel's file name on a platform, or None when a wheel that lies there does not fit it.

        A pure wheel fits every platform of its Python. A native one is built on each platform anew, so its name
        there is made from the platform's tag, never from this machine's.
        """
        _, _, _, tags = parse_wheel_filename(self.file)
        if self.source is None or all(tag.platform == "any" for tag in tags):
            return self.file if tags & set(supported_tags(platform)) else None
        tag = sorted(tags, key=str)[0]
        return f"{'-'.join(self.file.split('-')[:2])}-{_native(tag, platform)}.whl"


def _native(tag: Tag, platform: Platform) -> str:
    """Return the tag of a native wheel on a platform."""
    if tag.abi == "abi3":
        return f"{tag.interpreter}-abi3-{platform.name}"
    if tag.abi == "none":
        return f"{tag.interpreter if tag.interpreter.startswith('py') else _python(platform)}-none-{platform.name}"
    return f"{_python(platform)}-{platform.abi}-{platform.name}"


def _python(platform: Platform) -> str:
    return f"cp{platform.python[0]}{platform.python[1]}"


class Sources(Protocol):
    """Looks into sources and direct references; `lock.sources.store.SourceStore` is the real one."""

    def reference(self, name: str, direct: Direct) -> str:
        """Return a direct reference as a resolver on this machine can follow it, a branch pinned to its commit."""

    def direct(self, name: str, direct: Direct) -> Origin:
        """Return what a direct reference leads to."""

    def sdist(self, name: str, version: str, sdist: Candidate) -> Origin:
        """Return what the sdist of an index builds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What an old lock pinned, so that nothing moves unasked."""

    commits: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Commit by repository and revision."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """sha256 by URL."""
