"""Platform tags: `<python>[-<abi>]-<platform>`, a full statement of a target that is read from nowhere but itself.

Standard library only, because actions read it; the wheel tags of a platform are in `wheel_tags`.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from python_env.base.errors import ToolError

_FIX = (
    "write <python>[-<abi>]-<platform>, e.g. cp311-manylinux_2_28_x86_64, cp313-cp313t-manylinux_2_28_aarch64, "
    "cp312-macosx_14_0_arm64, cp312-win_amd64, cp311-musllinux_1_2_x86_64"
)
LEGACY = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
"""PEP 600: the legacy aliases and their glibc."""


class Os(enum.StrEnum):
    """Operating systems that a tag can name."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


LIBCS = ("", "glibc", "musl")
"""What a tag can name as the C library; empty where the os decides."""

_LINUX_CPUS = ("x86_64", "aarch64", "i686", "armv7l", "ppc64le", "s390x", "riscv64")
_OLDEST_GLIBC = {"x86_64": 5, "i686": 5}
"""Lowest minor glibc 2.x that manylinux knows, by cpu; 17 for all others (as packaging has it)."""

_WINDOWS = {"win_amd64": "x86_64", "win32": "x86_32", "win_arm64": "aarch64"}
_WINDOWS_MACHINE = {"win_amd64": "AMD64", "win32": "x86", "win_arm64": "ARM64"}
_MAC_CPUS = {"arm64": "aarch64", "x86_64": "x86_64", "universal2": "universal2"}
CPUS = frozenset({*_LINUX_CPUS, *_WINDOWS.values(), *_MAC_CPUS.values()})
"""Every cpu that a tag can name, in Bazel's words but for macOS's `universal2`."""

_INTERPRETER = r"cp3([0-9]{1,2})(?:-(cp3[0-9]{1,2}t?))?"
_OTHER_WORDS = (
    (r"(?:many)?linux_(?:x86_64|amd64|x64)", "manylinux_2_28_x86_64"),
    (r"(?:many)?linux_(?:aarch64|arm64)", "manylinux_2_28_aarch64"),
    (r"(manylinux_[0-9]+_[0-9]+|musllinux_[0-9]+_[0-9]+|manylinux2014)_(?:amd64|x64)", r"\1_x86_64"),
    (r"(manylinux_[0-9]+_[0-9]+|musllinux_[0-9]+_[0-9]+|manylinux2014)_arm64", r"\1_aarch64"),
    (r"(?:macosx?|darwin)_([0-9]+)(?:_0)?(?:_arm64|_aarch64)?", r"macosx_\1_0_arm64"),
    (r"(?:macosx?|darwin)_([0-9]+)(?:_0)?_(x86_64|universal2)", r"macosx_\1_0_\2"),
    (r"(?:macosx?|darwin)(?:_arm64|_aarch64)?", "macosx_14_0_arm64"),
    (r"win(?:dows)?_?(?:amd64|x86_64|x64|64)?", "win_amd64"),
    (r"win(?:dows)?_?(?:arm64|aarch64)", "win_arm64"),
)
"""What people write for a platform, and its tag: without a version, the floor or release that most wheels have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """One target, as its tag states it."""

    tag: str
    python: tuple[int, int]
    abi: str
    """`cp311`, or `cp313t` for a free-threaded build."""
    name: str
    """The platform part, normalised: legacy manylinux aliases are spelled as PEP 600 does."""
    os: Os
    cpu: str
    """Bazel's word: `x86_64`, `aarch64`, ..."""
    libc: str
    """One of LIBCS."""
    floor: tuple[int, int]
    """Lowest libc or macOS version that the target has; (0, 0) on Windows."""
    stated: tuple[tuple[str, str], ...] = ()
    """Marker values that a person states of the target, beside the tag: (name, value), sorted."""

    @property
    def python_version(self) -> str:
        """Return `X.Y`."""
        return f"{self.python[0]}.{self.python[1]}"

    @property
    def python_full_version(self) -> str:
        """Return `X.Y.Z` where it is stated, else `X.Y.0`."""
        return dict(self.stated).get("python_full_version", f"{self.python_version}.0")


def parse_platform(text: str) -> Platform:
    """Return the platform that a tag states.

    Raises ToolError for another implementation than CPython, and for a tag outside the grammar.
    """
    if re.match(r"(pp|pypy|graalpy)\d", text):
        raise ToolError.one(
            f"platform tag {text} names an implementation that is not supported; only CPython (cp) is",
            where=f"platforms: {text!r}",
            fix=_FIX,
        )
    match = re.fullmatch(rf"{_INTERPRETER}-([a-z0-9_]+)", text)
    if match is None or int(match[1]) < 7:
        raise _unknown(text)
    interpreter = f"cp3{match[1]}"
    abi = match[2] or interpreter
    if abi.removesuffix("t") != interpreter or (abi.endswith("t") and int(match[1]) < 13):
        raise _unknown(text)
    name, os, cpu, libc, floor = _parse_name(match[3], text)
    return Platform(tag=text, python=(3, int(match[1])), abi=abi, name=name, os=os, cpu=cpu, libc=libc, floor=floor)


def _unknown(text: str) -> ToolError:
    what = f"unknown platform tag {text!r}"
    if old := re.match(r"(cp2[0-9]|cp3[0-6])-", text):
        what += f": {old[1]} is not supported, cp37 is the first that is"
    elif meant := _meant(text):
        what += f"; did you mean {meant}?"
    return ToolError.one(what, where=f"platforms: {text!r}", fix=_FIX)


def _meant(text: str) -> str:
    """Return the tag that was probably meant, in another tool's words or without a version; empty for no idea."""
    interpreter, _, name = text.rpartition("-")
    for pattern, template in _OTHER_WORDS:
        meant = f"{interpreter}-{re.sub(pattern, template, name)}"
        if meant != text and re.fullmatch(pattern, name) and _is_known(meant):
            return meant
    return ""


def _is_known(text: str) -> bool:
    try:
        parse_platform(text)
    except ToolError:
        return False
    return True


def _parse_name(name: str, tag: str) -> tuple[str, Os, str, str, tuple[int, int]]:
    if name in _WINDOWS:
        return name, Os.WINDOWS, _WINDOWS[name], "", (0, 0)
    if match := re.fullmatch(r"macosx_([0-9]{1,2})_([0-9]{1,2})_(arm64|x86_64|universal2)", name):
        return name, Os.MACOS, _MAC_CPUS[match[3]], "", (int(match[1]), int(match[2]))
    if match := re.fullmatch(r"(manylinux1|manylinux2010|manylinux2014)_(\w+)", name):
        major, minor = LEGACY[match[1]]
        name = f"manylinux_{major}_{minor}_{match[2]}"
    match = re.fullmatch(r"(many|musl)linux_([0-9]{1,2})_([0-9]{1,3})_(\w+)", name)
    if match is None or match[4] not in _LINUX_CPUS:
        raise _unknown(tag)
    floor = (int(match[2]), int(match[3]))
    if match[1] == "many" and floor < (2, oldest_glibc(match[4])):
        raise _unknown(tag)
    return name, Os.LINUX, match[4], "glibc" if match[1] == "many" else "musl", floor


def oldest_glibc(cpu: str) -> int:
    """Return the lowest minor version of glibc 2 that manylinux knows for a cpu."""
    return _OLDEST_GLIBC.get(cpu, 17)


def _machine(platform: Platform) -> str:
    if platform.os is Os.WINDOWS:
        return _WINDOWS_MACHINE[platform.name]
    return "arm64" if platform.os is Os.MACOS and platform.cpu in ("aarch64", "universal2") else platform.cpu


def is_for_two_machines(platform: Platform) -> bool:
    """Return whether `platform_machine` may be arm64, which the environment says, or x86_64: nobody states which."""
    return platform.cpu == "universal2" and "platform_machine" not in dict(platform.stated)


def marker_environment(platform: Platform) -> dict[str, str]:
    """Return the complete marker environment of the platform (PEP 508).

    Kernel names and versions are empty unless they are stated; `implementation_version` follows `python_full_version`.
    """
    full = platform.python_full_version
    sys_platform = {"linux": "linux", "macos": "darwin", "windows": "win32"}[platform.os]
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "nt" if platform.os is Os.WINDOWS else "posix",
        "platform_machine": _machine(platform),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": {Os.LINUX: "Linux", Os.MACOS: "Darwin", Os.WINDOWS: "Windows"}[platform.os],
        "platform_version": "",
        "python_full_version": full,
        "python_version": platform.python_version,
        "sys_platform": sys_platform,
        **dict(platform.stated),
    }
