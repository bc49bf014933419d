"""The command line's files and tags as values: the edge that `.update` and `.lock_test` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform, parse_platform
from python_env.requirements.indexes import make_indexes
from python_env.requirements.model import Request
from python_env.requirements.parse import parse_policy, parse_request


def named_files(words: Sequence[str]) -> dict[str, Path]:
    """Return NAME=PATH words as a mapping from the lock's name of a file to where it lies now."""
    return {name: Path(path) for name, _, path in (word.partition("=") for word in words)}


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyWords:
    """A rule's policy attributes, as they stand on the command line."""

    override: Sequence[str] = ()
    exclude: Sequence[str] = ()
    exclude_newer: str = ""
    prereleases: str = ""
    index: Sequence[str] = ()
    index_binding: Sequence[str] = ()
    index_url: Sequence[str] = ()


def parse_files(requirements: Mapping[str, Path], constraints: Mapping[str, Path], words: PolicyWords) -> Request:
    """Return what the files ask for; files that they reach lie to them as their names lie to each other."""
    policy = parse_policy(
        overrides=words.override,
        excludes=words.exclude,
        exclude_newer=words.exclude_newer,
        prereleases=words.prereleases,
    )
    known = {**requirements, **constraints}
    first, place = next(iter(known.items()))
    root = Path(str(place)[: -len(first)]) if str(place).endswith(first) else place.parent

    def read(name: str) -> str:
        return known.get(name, root / name).read_text(encoding="utf-8")

    request = parse_request(list(requirements), list(constraints), read=read)
    indexes = make_indexes(request.index_lines, order=words.index, bindings=words.index_binding, urls=words.index_url)
    return replace(request, policy=policy, indexes=indexes)


def parse_platforms(tags: Sequence[str]) -> tuple[Platform, ...]:
    """Return the platforms of the tags, in order.

    Raises ToolError with all tags that are unknown or stand twice.
    """
    faults: list[Fault] = []
    platforms: list[Platform] = []
    for tag in tags:
        try:
            platforms.append(parse_platform(tag))
        except ToolError as error:
            faults += error.faults
    twice = sorted({tag for tag in tags if tags.count(tag) > 1})
    faults += [Fault(f"platform tag {tag} stands twice", "platforms", "remove one of them") for tag in twice]
    if faults:
        raise ToolError(faults)
    return tuple(platforms)
