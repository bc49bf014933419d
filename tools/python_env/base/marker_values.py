"""Marker values that a person states (PEP 508), beside those that a platform tag does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from packaging.version import InvalidVersion, Version

from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Platform, marker_environment, parse_platform

MarkerValues = tuple[tuple[str, str], ...]
"""(name, value), sorted by name."""

_WHERE = "marker_values"
_NAMES = tuple(sorted(marker_environment(parse_platform("cp311-win_amd64"))))
_FULL = "python_full_version"
_OF_THE_TAG = (
    "implementation_name",
    "os_name",
    "platform_python_implementation",
    "platform_system",
    "python_version",
    "sys_platform",
)
"""What every tag decides: another value would be another platform."""

_VERSIONS = (_FULL, "implementation_version")


def parse_marker_values(words: Sequence[str]) -> MarkerValues:
    """Return NAME=VALUE words as pairs.

    Raises ToolError with every name that no marker has, and every version that is none.
    """
    values = {name: value for name, _, value in (word.partition("=") for word in words)}
    faults = [fault for name, value in sorted(values.items()) for fault in _value_faults(name, value)]
    if faults:
        raise ToolError(faults)
    return tuple(sorted(values.items()))


def _value_faults(name: str, value: str) -> Iterator[Fault]:
    if name == "extra":
        yield Fault("extra cannot be stated: it belongs to one requirement", _WHERE, "ask for name[extra] instead")
    elif name not in _NAMES:
        yield Fault(f"no marker has the name {name!r}", _WHERE, f"write one of: {', '.join(_NAMES)}")
    elif name in _VERSIONS and not _is_full_version(value):
        yield Fault(f"{name} {value!r} is not a full version", _WHERE, "write X.Y.Z, e.g. 3.11.9")
    elif "\n" in value or "\r" in value:
        yield Fault(f"the value of {name} has several lines", _WHERE, "write it on one line")


def _is_full_version(text: str) -> bool:
    try:
        return len(Version(text).release) == 3
    except InvalidVersion:
        return False


def with_marker_values(platforms: Sequence[Platform], values: MarkerValues) -> tuple[Platform, ...]:
    """Return the platforms with what is stated of them; `python_full_version` counts where the tag has its X.Y.

    Raises ToolError with every value that contradicts a tag, and a full version that no tag has.
    """
    faults = [
        *(
            fault
            for name, value in values
            for platform in platforms
            for fault in _contradictions(name, value, platform)
        ),
        *(_idle(value, platforms) for name, value in values if name == _FULL and not fits(value, platforms)),
    ]
    if faults:
        raise ToolError(faults)
    return tuple(replace(platform, stated=_of(platform, values)) for platform in platforms)


def _contradictions(name: str, value: str, platform: Platform) -> Iterator[Fault]:
    said = marker_environment(platform)[name]
    if name in _OF_THE_TAG and value != said:
        what = f"{name} is stated as {value!r}, and {platform.tag} says {said!r}"
        yield Fault(what, _WHERE, "remove it: the platform tag decides it")


def _idle(value: str, platforms: Sequence[Platform]) -> Fault:
    tags = ", ".join(platform.tag for platform in platforms)
    what = f"{_FULL} {value} is of no platform: {tags}"
    return Fault(what, _WHERE, "write the full version of a declared platform's Python, or remove it")


def fits(value: str, platforms: Sequence[Platform]) -> bool:
    """Return whether a full version is one of a platform's Python."""
    return any(_has_full(platform, value) for platform in platforms)


def _has_full(platform: Platform, value: str) -> bool:
    return Version(value).release[:2] == platform.python


def _of(platform: Platform, values: MarkerValues) -> MarkerValues:
    return tuple((name, value) for name, value in values if name != _FULL or _has_full(platform, value))
