"""How uv is called for one platform: the words after `uv`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from python_env.base.platforms import Platform
from python_env.lock.resolvers.model import Question
from python_env.requirements.model import Policy

_GLIBC_FLOORS = (17, 28, *range(31, 41))
"""The glibc 2.x floors that uv has a platform for; between them the next lower one answers, and our choice checks."""


def uv_platform(platform: Platform) -> str:
    """Return uv's name for the platform; where uv has no such floor, the next lower one."""
    if platform.os == "windows":
        return {"x86_64": "x86_64-pc-windows-msvc", "x86_32": "i686-pc-windows-msvc"}.get(
            platform.cpu, "aarch64-pc-windows-msvc"
        )
    if platform.os == "macos":
        return "x86_64-apple-darwin" if platform.cpu == "x86_64" else "aarch64-apple-darwin"
    if platform.libc == "musl":
        return f"{platform.cpu}-unknown-linux-musl"
    floors = [floor for floor in _GLIBC_FLOORS if floor <= platform.floor[1]]
    return f"{platform.cpu}-manylinux_2_{floors[-1]}" if floors else f"{platform.cpu}-manylinux2014"


def uv_arguments(platform: Platform, policy: Policy) -> list[str]:
    """Return the words of `uv pip compile`, which runs in the folder of its files."""
    cut_off = ("--exclude-newer", f"{policy.exclude_newer}T00:00:00Z") if policy.exclude_newer else ()
    prereleases = ("--prerelease", policy.prereleases) if policy.prereleases else ()
    return [
        *("pip", "compile", "requirements.in"),
        *("--constraints", "constraints.txt", "--excludes", "excludes.txt", "--overrides", "overrides.txt"),
        *cut_off,
        *prereleases,
        *("--python", sys.executable, "--python-version", _python_version(platform)),
        *("--python-platform", uv_platform(platform)),
        *("--only-binary", ":all:", "--format", "pylock.toml", "--output-file", "pylock.toml"),
        *("--config-file", "uv.toml", "--no-header", "--no-progress", "--color", "never"),
    ]


def _python_version(platform: Platform) -> str:
    """Return the full version where it is stated; of `X.Y` uv takes X.Y.0 itself."""
    return platform.python_full_version if platform.stated else platform.python_version


def uv_mode(question: Question, built: Iterable[str]) -> list[str]:
    """Return the options of a lock that is taken over, and those that allow to build in spite of `--only-binary`."""
    pinned = ["--no-deps"] if question.pinned else []
    return [*pinned, *(word for name in sorted(built) for word in ("--no-binary", name))]
