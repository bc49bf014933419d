"""The wheel tags that fit a platform, best first: order and compatibility are those of `packaging.tags`."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

from python_env.base.platforms import LEGACY, Os, Platform, oldest_glibc


def _manylinux(platform: Platform) -> Iterator[str]:
    aliases = {floor: alias for alias, floor in LEGACY.items()}
    for minor in range(platform.floor[1], oldest_glibc(platform.cpu) - 1, -1):
        yield f"manylinux_2_{minor}_{platform.cpu}"
        if (2, minor) in aliases:
            yield f"{aliases[2, minor]}_{platform.cpu}"


def _platform_names(platform: Platform) -> list[str]:
    """Return the wheel platform tags that the target takes, best first (PEP 600, 656; macOS as `packaging` orders)."""
    if platform.os is Os.WINDOWS:
        return [platform.name]
    if platform.os is Os.MACOS:
        arch = platform.name.split("_", 3)[3]
        return list(mac_platforms(platform.floor, arch))
    if platform.libc == "glibc":
        return list(_manylinux(platform))
    return [f"musllinux_{platform.floor[0]}_{minor}_{platform.cpu}" for minor in range(platform.floor[1], -1, -1)]


def supported_tags(platform: Platform) -> tuple[Tag, ...]:
    """Return every wheel tag that fits the platform, best first; nothing is read from this machine."""
    names = _platform_names(platform)
    interpreter = f"cp{platform.python[0]}{platform.python[1]}"
    return (
        *cpython_tags(platform.python, abis=[platform.abi], platforms=names),
        *compatible_tags(platform.python, interpreter=interpreter, platforms=names),
    )
