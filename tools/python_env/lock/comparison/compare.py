"""Two resolvers' locks of one request: where they differ, who asks for it there, and what follows from what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from python_env.lock.model import Lock, LockedPackage, Section

Asks = Callable[[str, LockedPackage | None, str], str]
"""Returns the requirement text by which an asker (a source, or a package and its name) asks for a distribution."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What one resolver chose of a distribution."""

    version: str
    """The version, or the file where the versions agree; empty: it chose none."""
    askers: tuple[str, ...]
    """Who asks for it: requirement files, and distributions with their version and what they ask."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A distribution for which two resolvers chose differently, on some platforms in the same way."""

    name: str
    platforms: tuple[str, ...]
    first: Choice
    second: Choice
    follows: tuple[str, ...]
    """Distributions that ask for it and themselves differ."""


def differences(first: Lock, second: Lock, asks: Asks) -> tuple[Difference, ...]:
    """Return all differences, sorted by name; those that are equal on several platforms are one."""
    found = [
        each for tag in first.sections for each in _of_section(first.sections[tag], second.sections[tag], asks=asks)
    ]
    found.sort(key=lambda each: (each.name, repr(replace(each, platforms=()))))
    groups = (list(group) for _, group in groupby(found, key=lambda each: replace(each, platforms=())))
    return tuple(
        replace(group[0], platforms=tuple(tag for each in group for tag in each.platforms)) for group in groups
    )


def _of_section(first: Section, second: Section, *, asks: Asks) -> Iterator[Difference]:
    sides = [{package.name: package for package in section.packages} for section in (first, second)]
    every = {*sides[0], *sides[1]}
    names = sorted(name for name in every if _chosen(sides[0].get(name)) != _chosen(sides[1].get(name)))
    for name in names:
        one, other = sides[0].get(name), sides[1].get(name)
        same_version = one is not None and other is not None and one.version == other.version
        choices = [_choice(side, name, by_file=same_version, asks=asks) for side in sides]
        why = {asker for package in (one, other) if package for asker in package.why}
        follows = tuple(sorted(why & set(names)))
        yield Difference(name=name, platforms=(first.tag,), first=choices[0], second=choices[1], follows=follows)


def _chosen(package: LockedPackage | None) -> tuple[str, str]:
    return (package.version, package.file) if package else ("", "")


def _choice(side: dict[str, LockedPackage], name: str, *, by_file: bool, asks: Asks) -> Choice:
    package = side.get(name)
    if package is None:
        return Choice(version="", askers=())
    askers = tuple(asks(asker, side.get(asker), name) for asker in package.why)
    return Choice(version=package.file if by_file else package.version, askers=askers)


def unexplained(found: Iterable[Difference], known: Collection[str]) -> tuple[Difference, ...]:
    """Return the differences that are neither known nor follow from known ones alone."""
    left = [each for each in found if each.name not in known]
    explained = set(known)
    while True:
        names = {each.name for each in left} - {each.name for each in left if not _follows(each, explained)}
        if not names - explained:
            return tuple(each for each in left if each.name not in explained)
        explained |= names


def _follows(difference: Difference, explained: Collection[str]) -> bool:
    return bool(difference.follows) and all(name in explained for name in difference.follows)


def render_differences(found: Sequence[Difference], names: tuple[str, str]) -> str:
    """Return a table for people: what each resolver chose, where, and who asks for it."""
    rows = [("package", *names, "platforms")]
    rows += [
        (each.name, each.first.version or "none", each.second.version or "none", ", ".join(each.platforms))
        for each in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    text = [lines[0]]
    for line, each in zip(lines[1:], found, strict=True):
        text.append(line)
        text += [f"    {name}: {_asked(choice)}" for name, choice in zip(names, (each.first, each.second), strict=True)]
        text += [f"    follows from {', '.join(each.follows)}"] if each.follows else []
    return "\n".join(text)


def _asked(choice: Choice) -> str:
    return f"asked for by {', '.join(choice.askers)}" if choice.askers else "asked for by nobody"
