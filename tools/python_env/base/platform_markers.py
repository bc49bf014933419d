"""Platform tags as environment markers (PEP 508), as far as these go: no marker knows libc, ABI or floor."""

from __future__ import annotations

from collections.abc import Iterable

from python_env.base.platforms import marker_environment, parse_platform

MARKER_VARIABLES = ("sys_platform", "platform_machine", "python_version")
"""What tells platforms apart."""

_KERNEL_SAYS_MORE = ("armv7l", "i686", "universal2", "x86_32")
"""Cpus of which `platform_machine` is not one word: a 32-bit Python reports the kernel's, universal2 is two."""


def stated_markers(tag: str) -> dict[str, str]:
    """Return the marker variables that every interpreter of the platform has, with their value."""
    platform = parse_platform(tag)
    environment = marker_environment(platform)
    unsure = ("platform_machine",) if platform.cpu in _KERNEL_SAYS_MORE else ()
    return {name: environment[name] for name in MARKER_VARIABLES if name not in unsure}


def marker_of(values: Iterable[tuple[str, str]]) -> str:
    """Return the marker that holds where every variable has its value."""
    return " and ".join(f"{name} == '{value}'" for name, value in values)
