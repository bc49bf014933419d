"""Platform tags as environment markers (PEP 508), as far as these go: no marker knows libc, ABI or floor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from python_env.base.platforms import marker_environment, parse_platform

_VARIABLES = ("sys_platform", "platform_machine", "python_version")

_KERNEL_SAYS_MORE = ("armv7l", "i686", "universal2", "x86_32")
"""Cpus of which `platform_machine` is not one word: a 32-bit Python reports the kernel's, universal2 is two."""


def stated_markers(tag: str) -> dict[str, str]:
    """Return the marker variables that every interpreter of the platform has, with their value."""
    platform = parse_platform(tag)
    environment = marker_environment(platform)
    unsure = ("platform_machine",) if platform.cpu in _KERNEL_SAYS_MORE else ()
    return {name: environment[name] for name in _VARIABLES if name not in unsure}


def marker_of(values: Iterable[tuple[str, str]]) -> str:
    """Return the marker that holds where every variable has its value."""
    return " and ".join(f"{name} == '{value}'" for name, value in values)


def telling_markers(groups: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Return for each group of tags a marker that holds on all of its platforms and on none of another group's.

    The fewest variables that tell the groups apart are used; None where no marker can.
    """
    stated = [[stated_markers(tag) for tag in group] for group in groups]
    for size in range(1, len(_VARIABLES) + 1):
        for names in combinations(_VARIABLES, size):
            if found := _told_by(names, stated):
                return found
    return None


def _told_by(names: Sequence[str], stated: Sequence[Sequence[dict[str, str]]]) -> tuple[str, ...] | None:
    if any(name not in values for group in stated for values in group for name in names):
        return None
    told = [{tuple((name, values[name]) for name in names) for values in group} for group in stated]
    if sum(map(len, told)) != len(set().union(*told)):
        return None
    return tuple(" or ".join(map(marker_of, sorted(group))) for group in told)
