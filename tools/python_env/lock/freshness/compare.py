"""Old inputs beside new ones: what changed, in words."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.lock.model import InputLine, Inputs


def _line_changes(kind: str, old: tuple[InputLine, ...], new: tuple[InputLine, ...]) -> Iterator[tuple[str, str]]:
    for line in sorted(set(new) - set(old), key=repr):
        yield f"{kind} {line.requirement} is not in the lock", line.source
    for line in sorted(set(old) - set(new), key=repr):
        yield f"{kind} {line.requirement} is in the lock, but no longer asked for", line.source


def _list_changes(kind: str, old: tuple[str, ...], new: tuple[str, ...], where: str) -> Iterator[tuple[str, str]]:
    for item in new:
        if item not in old:
            yield f"{kind} {item} is not in the lock", where
    for item in old:
        if item not in new:
            yield f"{kind} {item} is in the lock, but no longer asked for", where
    if old != new and sorted(old) == sorted(new):
        yield f"the order of the {kind}s changed: {', '.join(old)} -> {', '.join(new)}", where


def _policy_changes(old: Inputs, new: Inputs) -> Iterator[tuple[str, str]]:
    yield from _list_changes("override", old.overrides, new.overrides, "overrides")
    yield from _list_changes("exclude", old.excludes, new.excludes, "excludes")
    yield from _list_changes("sdist", old.sdists, new.sdists, "sdists")
    yield from _list_changes("--no-binary", old.no_binary, new.no_binary, "the requirement files")
    for word in ("exclude_newer", "prereleases"):
        before, after = getattr(old, word), getattr(new, word)
        if before != after:
            yield f"{word} changed: {before or 'none'} -> {after or 'none'}", word


def _resolver_change(old: Inputs, new: Inputs) -> Iterator[tuple[str, str]]:
    if old.resolver != new.resolver:
        yield f"the resolver changed: {old.resolver} -> {new.resolver}", "resolver"


def changes(old: Inputs, new: Inputs) -> tuple[tuple[str, str], ...]:
    """Return every input that changed, as (what, where); empty when the lock is fresh."""
    return (
        *_resolver_change(old, new),
        *_policy_changes(old, new),
        *_list_changes("extra", old.extras, new.extras, "extras"),
        *_list_changes("group", old.groups, new.groups, "groups"),
        *_line_changes("requirement", old.requirements, new.requirements),
        *_line_changes("constraint", old.constraints, new.constraints),
        *_list_changes("platform", old.platforms, new.platforms, "platforms"),
        *_list_changes("index", old.indexes, new.indexes, "indexes"),
    )
