"""How uv is called for one platform: the words after `uv`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from python_env.base.errors import Fault
from python_env.base.platforms import Platform
from python_env.lock.resolvers.model import Question
from python_env.requirements.model import Policy

_GLIBC_FLOORS = (17, 28, *range(31, 41))
"""The glibc 2.x floors that uv has a platform for; between them the next higher one answers, and our choice checks."""

_NAMES = {
    ("windows", "", "x86_64"): "x86_64-pc-windows-msvc",
    ("windows", "", "x86_32"): "i686-pc-windows-msvc",
    ("windows", "", "aarch64"): "aarch64-pc-windows-msvc",
    ("macos", "", "x86_64"): "x86_64-apple-darwin",
    ("macos", "", "aarch64"): "aarch64-apple-darwin",
    ("macos", "", "universal2"): "aarch64-apple-darwin",
    ("linux", "musl", "x86_64"): "x86_64-unknown-linux-musl",
    ("linux", "musl", "aarch64"): "aarch64-unknown-linux-musl",
    ("linux", "glibc", "riscv64"): "riscv64-unknown-linux",
    **{("linux", "glibc", cpu): f"{cpu}-manylinux_2_" for cpu in ("x86_64", "aarch64", "ppc64le", "s390x")},
}
"""By os, libc and cpu what `--python-platform` takes; after a final `_` comes a floor. The others uv does not know.

musl means musllinux_1_2 there, riscv64 glibc 2.39 (uv's `TargetTriple`).
"""

_PIP_TOOLS = 'lock with resolver = "pip-tools", which takes every tag; or drop that platform'


def uv_platform(platform: Platform) -> str:
    """Return uv's name for the platform; where uv has no such floor, the next higher one (else its highest).

    What uv then takes above the floor is refused by our choice. A platform that uv does not know is a KeyError.
    """
    name = _NAMES[platform.os, platform.libc, platform.cpu]
    if not name.endswith("_"):
        return name
    return f"{name}{next((floor for floor in _GLIBC_FLOORS if floor >= platform.floor[1]), _GLIBC_FLOORS[-1])}"


def unknown_to_uv(platform: Platform) -> Fault | None:
    """Return the fault of a platform that uv cannot be asked for, None for all others.

    `--python-version` takes a version without `t`: uv would judge by the interpreter that runs it.
    """
    if platform.abi.endswith("t"):
        what = f"uv cannot be asked for a free-threaded Python, as {platform.tag} is"
    elif (platform.os, platform.libc, platform.cpu) not in _NAMES:
        what = f"uv knows no platform for {platform.tag}"
    else:
        return None
    return Fault(what, f"platforms: {platform.tag}", _PIP_TOOLS)


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
