"""The command line's files and tags as values: the edge that `.update` and `.lock_test` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from python_env.base.documents import canonical_json, sha256_hex
from python_env.base.errors import Fault, ToolError
from python_env.base.marker_values import MarkerValues, parse_marker_values, with_marker_values
from python_env.base.platforms import Platform, parse_platform
from python_env.requirements.indexes import make_indexes
from python_env.requirements.model import Asked, DirectKind, Request
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_choice, parse_policy


def named_files(words: Sequence[str]) -> dict[str, Path]:
    """Return NAME=PATH words as a mapping from the lock's name of a file to where it lies now.

    A name may hold `=`; a path ends with the file's name, so the word is split where the longest name stands again.
    """
    return {name: Path(path) for name, path in map(_named, words)}


def _named(word: str) -> tuple[str, str]:
    parts = word.split("=")
    for cut in range(len(parts) - 1, 0, -1):
        name, path = "=".join(parts[:cut]), "=".join(parts[cut:])
        if path.endswith(name):
            return name, path
    return parts[0], "=".join(parts[1:])


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyWords:
    """A rule's policy attributes, as they stand on the command line."""

    override: Sequence[str] = ()
    exclude: Sequence[str] = ()
    exclude_newer: str = ""
    prereleases: str = ""
    sdist: Sequence[str] = ()
    variable: Sequence[str] = ()
    """NAME=VALUE."""
    platform_requirements: Sequence[str] = ()
    """TAG=FILE: files of `requirements` that are read for some platforms only."""
    extra: Sequence[str] = ()
    group: Sequence[str] = ()
    index: Sequence[str] = ()
    index_binding: Sequence[str] = ()
    index_url: Sequence[str] = ()
    marker_value: Sequence[str] = ()
    """NAME=VALUE."""


def parse_files(requirements: Mapping[str, Path], constraints: Mapping[str, Path], words: PolicyWords) -> Request:
    """Return what the files ask for; files that they reach lie to them as their names lie to each other."""
    policy = parse_policy(
        overrides=words.override,
        excludes=words.exclude,
        exclude_newer=words.exclude_newer,
        prereleases=words.prereleases,
        sdists=words.sdist,
    )
    known = {**requirements, **constraints}
    root = workspace_root(known)

    def read(name: str) -> str:
        return known.get(name, root / name).read_text(encoding="utf-8")

    request = parse_request(
        list(requirements),
        list(constraints),
        read=read,
        variables=dict(_pairs(words.variable)),
        for_platforms=_by_file(words.platform_requirements),
        choice=parse_choice(words.extra, words.group, excludes=policy.excludes, bindings=words.index_binding),
    )
    prereleases = policy.prereleases or request.policy.prereleases
    policy = replace(
        policy,
        prereleases=prereleases,
        no_binary=request.policy.no_binary,
        only_binary=request.policy.only_binary,
        marker_values=parse_marker_values(words.marker_value),
    )
    indexes = make_indexes(request.index_lines, order=words.index, bindings=words.index_binding, urls=words.index_url)
    return replace(request, requirements=_with_content(request.requirements, root), policy=policy, indexes=indexes)


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (word.partition("=") for word in words)]


def _by_file(words: Sequence[str]) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = {}
    for tag, file in _pairs(words):
        tags.setdefault(file, []).append(tag)
    return tags


def workspace_root(files: Mapping[str, Path]) -> Path:
    """Return the folder that the names of the files start from."""
    first, place = next(iter(files.items()))
    return Path(str(place)[: -len(first)]) if str(place).endswith(first) else place.parent


def _with_content(lines: Sequence[Asked], root: Path) -> tuple[Asked, ...]:
    """Return the requirements, local ones with the digest of what they name.

    Raises ToolError with all that name nothing.
    """
    faults: list[Fault] = []
    found: list[Asked] = []
    for asked in lines:
        direct = asked.direct
        if direct is None or direct.kind is not DirectKind.LOCAL:
            found.append(asked)
            continue
        try:
            content = _content(root / direct.location / direct.subdirectory)
        except OSError:
            fix = "mend the path; in Bazel, list it in `local_sources`, a project by a filegroup of all its files"
            faults.append(Fault(f"there is no {direct.location}, or it is no project", asked.where, fix))
            continue
        found.append(replace(asked, direct=replace(direct, content=content)))
    if faults:
        raise ToolError(faults)
    return tuple(found)


_PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
"""What says how a project is built and what it needs; a change of any other file does not touch the lock."""


def _content(path: Path) -> str:
    """Return the sha256 of a wheel, or of what says how a project is built and what it needs."""
    if not path.is_dir():
        return sha256_hex(path.read_bytes())
    rows = [[name, sha256_hex((path / name).read_bytes())] for name in _PROJECT_FILES if (path / name).is_file()]
    if not rows:
        raise FileNotFoundError(path)
    return sha256_hex(canonical_json(rows))


def parse_platforms(tags: Sequence[str], values: MarkerValues = ()) -> tuple[Platform, ...]:
    """Return the platforms of the tags, in order, with the marker values that are stated of them.

    Raises ToolError with all tags that are unknown or stand twice, or with all values that fit no tag.
    """
    faults: list[Fault] = []
    platforms: list[Platform] = []
    for tag in tags:
        try:
            platforms.append(parse_platform(tag))
        except ToolError as error:
            faults += error.faults
    faults += _twice(platforms)
    if faults:
        raise ToolError(faults)
    return with_marker_values(platforms, values)


def _twice(platforms: Sequence[Platform]) -> list[Fault]:
    """Return a fault for every platform that stands twice, under one tag or under two spellings."""
    spellings: dict[object, list[str]] = {}
    for platform in platforms:
        spellings.setdefault((platform.python, platform.abi, platform.name), []).append(platform.tag)
    return [
        Fault(f"one platform stands twice: {', '.join(tags)}", "platforms", "remove one of them")
        for tags in spellings.values()
        if len(tags) > 1
    ]
