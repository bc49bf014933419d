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
    for word in ("exclude_newer", "prereleases"):
        before, after = getattr(old, word), getattr(new, word)
        if before != after:
            yield f"{word} changed: {before or 'none'} -> {after or 'none'}", word


def _pairs(pairs: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{key} -> {value}" for key, value in pairs)


def changes(old: Inputs, new: Inputs) -> tuple[tuple[str, str], ...]:
    """Return every input that changed, as (what, where); empty when the lock is fresh."""
    return (
        *_policy_changes(old, new),
        *_line_changes("requirement", old.requirements, new.requirements),
        *_line_changes("constraint", old.constraints, new.constraints),
        *_list_changes("platform", old.platforms, new.platforms, "platforms"),
        *_list_changes("index", old.indexes, new.indexes, "indexes"),
        *_list_changes("index binding", _pairs(old.index_bindings), _pairs(new.index_bindings), "index_bindings"),
        *_list_changes("index place", _pairs(old.index_urls), _pairs(new.index_urls), "index_urls, requirements"),
    )
