"""What the old lock pinned of sources: commits, digests of URLs, build requirements."""

from __future__ import annotations

from collections.abc import Collection

from packaging.utils import parse_wheel_filename

from python_env.lock.model import Lock, SourceKind
from python_env.lock.sources.model import Kept


def kept_sources(old: Lock | None, *, moving: Collection[str]) -> Kept:
    """Return the commits and digests that stay; `moving` are the names of distributions that may move."""
    if old is None:
        return Kept()
    sources = [source for source in old.sources.values() if source.name not in moving]
    commits = {(source.url, source.revision): source.commit for source in sources if source.kind is SourceKind.GIT}
    digests = {source.url: source.sha256 for source in sources if source.url and source.kind is SourceKind.SDIST}
    wheels = {file.url: file.sha256 for file in old.files.values() if file.url and _name(file.name) not in moving}
    return Kept(commits=commits, digests={**digests, **wheels})


def joined(one: Kept, other: Kept) -> Kept:
    """Return what both pin; where they differ, `other` holds."""
    return Kept(commits={**one.commits, **other.commits}, digests={**one.digests, **other.digests})


def _name(file: str) -> str:
    return parse_wheel_filename(file)[0]


def kept_tools(old: Lock | None, *, moving: Collection[str] = ()) -> dict[tuple[str, ...], dict[str, dict[str, str]]]:
    """Return by build requirements and platform tag the versions that stay, but those of the names in `moving`."""
    kept: dict[tuple[str, ...], dict[str, dict[str, str]]] = {}
    for source in old.sources.values() if old else ():
        for tag, files in source.tools.items():
            pins = {str(name): str(version) for name, version, _, _ in map(parse_wheel_filename, files)}
            pins = {name: version for name, version in pins.items() if name not in moving}
            kept.setdefault(source.requires, {}).setdefault(tag, {}).update(pins)
    return kept


def tool_names(old: Lock | None) -> frozenset[str]:
    """Return the names of all locked build requirements, with what these need."""
    by_platform = [pins for found in kept_tools(old).values() for pins in found.values()]
    return frozenset(name for pins in by_platform for name in pins)
