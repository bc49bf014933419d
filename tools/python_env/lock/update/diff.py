"""What a refresh changed, by package and platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.version import Version

from python_env.lock.model import Lock, Section


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One package's change; `old` or `new` is empty where it was added or removed."""

    name: str
    old: str
    new: str
    platforms: tuple[str, ...]

    @property
    def word(self) -> str:
        """Return `added`, `removed`, `up`, `down` or `file`."""
        if not self.old or not self.new:
            return "removed" if self.new == "" else "added"
        if self.old == self.new:
            return "file"
        return "up" if Version(self.new) > Version(self.old) else "down"


def _versions(section: Section | None, lock: Lock | None) -> dict[str, tuple[str, str]]:
    if section is None or lock is None:
        return {}
    return {package.name: (package.version, lock.files[package.file].sha256) for package in section.packages}


def _platform_changes(old: Lock | None, new: Lock, tag: str) -> Iterator[tuple[str, str, str]]:
    before = _versions(old.sections.get(tag) if old else None, old)
    after = _versions(new.sections[tag], new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name, ("", ""))[0], after.get(name, ("", ""))[0]


def diff_locks(old: Lock | None, new: Lock) -> tuple[Change, ...]:
    """Return every change, equal changes of several platforms together, sorted by package."""
    platforms: dict[tuple[str, str, str], list[str]] = {}
    for tag in new.inputs.platforms:
        for change in _platform_changes(old, new, tag):
            platforms.setdefault(change, []).append(tag)
    return tuple(
        Change(name=name, old=before, new=after, platforms=tuple(tags))
        for (name, before, after), tags in sorted(platforms.items())
    )
