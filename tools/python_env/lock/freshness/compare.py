"""Old inputs beside new ones: what changed, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from python_env.lock.model import InputLine, Inputs

_AFTER_NAME = re.compile(r"[^a-z0-9-].*", re.DOTALL)
_WORDS = ("exclude_newer", "prereleases")
_CHANGED = (*_WORDS, "the resolver")


@dataclass(frozen=True, kw_only=True, slots=True)
class InputChange:
    """One input that changed; `old` or `new` is empty where it was added or removed."""

    kind: str
    """`requirement`, `constraint`, `platform`, `index`, `override`, `exclude`, or the name of a setting."""
    old: str
    new: str
    where: str
    """The file or the attribute that states it."""

    @property
    def stale(self) -> str:
        """Return the change as the lock sees it that was not refreshed yet."""
        if self.kind in _CHANGED or self.kind.startswith(("the order", "the base")):
            return f"{self.kind} changed: {self.old or 'none'} -> {self.new or 'none'}"
        if not self.old:
            return f"{self.kind} {self.new} is not in the lock"
        if not self.new:
            return f"{self.kind} {self.old} is in the lock, but no longer asked for"
        return f"{self.kind} {self.old} became {self.new}"

    @property
    def done(self) -> str:
        """Return the change as a refresh made it."""
        if self.kind in _CHANGED or self.kind.startswith("the base") or (self.old and self.new):
            return f"{self.kind} {self.old or 'none'} -> {self.new or 'none'}"
        return f"{self.kind} added: {self.new}" if self.new else f"{self.kind} removed: {self.old}"


def _distribution(line: InputLine) -> tuple[str, str]:
    return line.source, _AFTER_NAME.sub("", line.requirement)


def _same_distribution(line: InputLine, others: list[InputLine]) -> list[InputLine]:
    return [other for other in others if _distribution(other) == _distribution(line)]


def _line_changes(kind: str, old: tuple[InputLine, ...], new: tuple[InputLine, ...]) -> Iterator[InputChange]:
    """Yield the lines that differ; one line of a distribution in place of one of the same file is one change."""
    added, removed = (sorted(set(one) - set(other), key=repr) for one, other in ((new, old), (old, new)))
    for line in added:
        before = _same_distribution(line, removed)
        if len(before) == 1 == len(_same_distribution(line, added)):
            removed.remove(before[0])
            yield InputChange(kind=kind, old=before[0].requirement, new=line.requirement, where=line.source)
        else:
            yield InputChange(kind=kind, old="", new=line.requirement, where=line.source)
    for line in removed:
        yield InputChange(kind=kind, old=line.requirement, new="", where=line.source)


def _list_changes(kind: str, old: tuple[str, ...], new: tuple[str, ...], where: str) -> Iterator[InputChange]:
    for item in new:
        if item not in old:
            yield InputChange(kind=kind, old="", new=item, where=where)
    for item in old:
        if item not in new:
            yield InputChange(kind=kind, old=item, new="", where=where)
    if old != new and sorted(old) == sorted(new):
        plural = f"{kind}es" if kind.endswith("x") else f"{kind}s"
        yield InputChange(kind=f"the order of the {plural}", old=", ".join(old), new=", ".join(new), where=where)


def _policy_changes(old: Inputs, new: Inputs) -> Iterator[InputChange]:
    yield from _list_changes("override", old.overrides, new.overrides, "overrides")
    yield from _list_changes("exclude", old.excludes, new.excludes, "excludes")
    yield from _list_changes("sdist", old.sdists, new.sdists, "sdists")
    yield from _list_changes("--no-binary", old.no_binary, new.no_binary, "the requirement files")
    for word in _WORDS:
        before, after = getattr(old, word), getattr(new, word)
        if before != after:
            yield InputChange(kind=word, old=before, new=after, where=word)


def _base_changes(old: Inputs, new: Inputs) -> Iterator[InputChange]:
    before, after = dict(old.extends), dict(new.extends)
    if before.keys() != after.keys():
        yield InputChange(kind="the base", old=", ".join(before), new=", ".join(after), where="extends")
    for label in after.keys() & before.keys():
        if before[label] != after[label]:
            short = [f"environment {each[label][:12]}" for each in (before, after)]
            yield InputChange(kind=f"the base {label}", old=short[0], new=short[1], where="extends")


def _stated(values: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{name} = {value}" for name, value in values)


def _resolver_change(old: Inputs, new: Inputs) -> Iterator[InputChange]:
    if old.resolver != new.resolver:
        yield InputChange(kind="the resolver", old=old.resolver, new=new.resolver, where="resolver")


def _pairs(pairs: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"{key} -> {value}" for key, value in pairs)


def input_changes(old: Inputs, new: Inputs) -> tuple[InputChange, ...]:
    """Return every input that changed; empty when the lock is fresh."""
    return (
        *_base_changes(old, new),
        *_resolver_change(old, new),
        *_policy_changes(old, new),
        *_list_changes("marker value", _stated(old.marker_values), _stated(new.marker_values), "marker_values"),
        *_list_changes("extra", old.extras, new.extras, "extras"),
        *_list_changes("group", old.groups, new.groups, "groups"),
        *_line_changes("requirement", old.requirements, new.requirements),
        *_line_changes("constraint", old.constraints, new.constraints),
        *_list_changes("platform", old.platforms, new.platforms, "platforms"),
        *_list_changes("index", old.indexes, new.indexes, "indexes"),
        *_list_changes("index binding", _pairs(old.index_bindings), _pairs(new.index_bindings), "index_bindings"),
        *_list_changes("index place", _pairs(old.index_urls), _pairs(new.index_urls), "index_urls, requirements"),
    )
