"""What a refresh changed, by package and platform: as values, as JSON and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from packaging.version import Version

from python_env.lock.freshness.compare import InputChange, input_changes
from python_env.lock.model import Lock, LockedFile, LockedPackage


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One package's change; `old` or `new` is empty where it was added or removed."""

    name: str
    old: str
    new: str
    size: int
    """Bytes that the wheel grew by."""
    platforms: tuple[str, ...]

    @property
    def word(self) -> str:
        """Return `added`, `removed`, `up`, `down` or `file`."""
        if not self.old or not self.new:
            return "added" if self.new else "removed"
        if self.old == self.new:
            return "file"
        return "up" if Version(self.new) > Version(self.old) else "down"


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """A distribution that a platform forces to another version than the rest."""

    name: str
    versions: dict[str, tuple[str, ...]]
    """Version to the platform tags that have it."""


def _files(lock: Lock | None, tag: str) -> dict[str, tuple[LockedPackage, LockedFile, str]]:
    """Return by name the package, its file and what names its bytes: of a wheel that is built, its source."""
    section = lock.sections.get(tag) if lock else None
    if lock is None or section is None:
        return {}
    return {each.name: (each, lock.files[each.file], lock.identity(each.file)) for each in section.packages}


def _platform_changes(old: Lock | None, new: Lock, tag: str) -> Iterator[tuple[str, str, str, int]]:
    before, after = _files(old, tag), _files(new, tag)
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one and other and (one[0].version, one[2]) == (other[0].version, other[2]):
            continue
        size = (other[1].size if other else 0) - (one[1].size if one else 0)
        yield name, one[0].version if one else "", other[0].version if other else "", size


def diff_locks(old: Lock | None, new: Lock) -> tuple[Change, ...]:
    """Return every change, equal changes of several platforms together, sorted by package."""
    platforms: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for tag in new.inputs.platforms:
        for name, before, after, size in _platform_changes(old, new, tag):
            platforms.setdefault((name, before, after), []).append((tag, size))
    return tuple(
        Change(
            name=name,
            old=before,
            new=after,
            size=max((size for _, size in rows), key=abs),
            platforms=tuple(t for t, _ in rows),
        )
        for (name, before, after), rows in sorted(platforms.items())
    )


def diff_inputs(old: Lock | None, new: Lock) -> tuple[InputChange, ...]:
    """Return what else a refresh changed: the inputs, and the resolver that answered them; nothing for a first lock."""
    if old is None:
        return ()
    before, after = (f"{lock.resolver} {lock.resolver_version}" for lock in (old, new))
    resolver = InputChange(kind="resolver", old=before, new=after, where="resolver")
    return (*input_changes(old.inputs, new.inputs), *([resolver] if before != after else []))


def splits(lock: Lock) -> tuple[Split, ...]:
    """Return every distribution that has several versions over the platforms."""
    found: dict[str, dict[str, list[str]]] = {}
    for tag in lock.inputs.platforms:
        for package in lock.sections[tag].packages:
            found.setdefault(package.name, {}).setdefault(package.version, []).append(tag)
    return tuple(
        Split(name=name, versions={version: tuple(tags) for version, tags in versions.items()})
        for name, versions in sorted(found.items())
        if len(versions) > 1
    )


def diff_document(changes: Sequence[Change], lock: Lock, inputs: Sequence[InputChange] = ()) -> dict[str, Any]:
    """Return the changes and splits as JSON values."""
    platforms = [change for change in inputs if change.kind == "platform"]
    return {
        "changes": [{"change": change.word, **asdict(change)} for change in changes],
        "env_id": lock.env_id,
        "inputs_changed": [asdict(change) for change in inputs],
        "platforms": {
            "added": [change.new for change in platforms if change.new],
            "removed": [change.old for change in platforms if change.old],
        },
        "splits": [asdict(split) for split in splits(lock)],
    }


def _where(platforms: Sequence[str], lock: Lock) -> str:
    return "all" if len(platforms) == len(lock.sections) else " ".join(platforms)


def diff_rows(changes: Sequence[Change], lock: Lock) -> list[tuple[str, ...]]:
    """Return the changes as rows of text: change, package, old, new, size in kB, platforms."""
    return [
        (change.word, change.name, change.old, change.new, f"{change.size / 1000:+.0f}", _where(change.platforms, lock))
        for change in changes
    ]


def render_markdown(changes: Sequence[Change], lock: Lock, inputs: Sequence[InputChange] = ()) -> str:
    """Return the changes as a Markdown table, for a pull request."""
    if not changes and not inputs:
        return "The lock did not change.\n"
    lines = ["| change | package | old | new | kB | platforms |", "|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in diff_rows(changes, lock)]
    lines = [*lines, ""] if changes else ["No package changed.", ""]
    lines += [f"- {change.done}" for change in inputs]
    lines += [f"\nTwo versions of {split.name}: {_versions(split)}" for split in splits(lock)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _versions(split: Split) -> str:
    return ", ".join(f"{version} on {' '.join(tags)}" for version, tags in split.versions.items())


def render_splits(lock: Lock) -> str:
    """Return a line for every distribution that a platform forces to another version; empty when there is none."""
    return "\n".join(f"two versions of {split.name}: {_versions(split)}" for split in splits(lock))
