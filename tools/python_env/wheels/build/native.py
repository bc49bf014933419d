"""Does a wheel that was built here fit the target? Pure functions over its tags and its shared libraries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from python_env.base.platforms import Platform

_GLIBC = re.compile(rb"GLIBC_2\.(\d{1,3})\b")
_RELR = b"GLIBC_ABI_DT_RELR"
"""What a library asks for that is linked with -z pack-relative-relocs; glibc 2.36 has it first."""

_MAC = re.compile(r"macosx_(\d+)_(\d+)_")
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "x86": "x86_32"}
_SYSTEMS = {"darwin": "macos", "linux": "linux", "win32": "windows"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """The machine that builds."""

    system: str
    """`sys.platform`."""
    machine: str
    """`platform.machine()`."""
    python: tuple[int, int]

    @property
    def words(self) -> str:
        """Return the host in words, for messages."""
        return f"CPython {self.python[0]}.{self.python[1]} on {self.system} {self.machine}"


def is_pure(tags: Iterable[str]) -> bool:
    """Return whether all tags (`py3-none-any`) are of any platform."""
    return all(tag.endswith("-none-any") for tag in tags)


def host_fault(host: Host, target: Platform) -> str:
    """Return why a native wheel of the host is none of the target; empty when it is."""
    machine = _MACHINES.get(host.machine.lower(), host.machine.lower())
    if _SYSTEMS.get(host.system) != target.os or (machine != target.cpu and target.cpu != "universal2"):
        return f"it was built for {host.system} {host.machine}"
    if host.python != target.python:
        return f"it was built by CPython {host.python[0]}.{host.python[1]}"
    return ""


def tag_fault(tags: Iterable[str], target: Platform) -> str:
    """Return why the tags that the backend gave a native wheel are none of the target's ABI or macOS; else empty."""
    for tag in tags:
        _, abi, name = tag.split("-")
        if abi not in (target.abi, "abi3", "none"):
            return f"it was built for the ABI {abi}"
        found = _MAC.match(name)
        if found and target.os == "macos" and (int(found[1]), int(found[2])) > target.floor:
            return f"it was built for {name}"
    return ""


def libc_fault(libraries: Mapping[str, bytes], target: Platform) -> str:
    """Return which shared library asks for another libc, or a newer one, than the target has; empty when none does."""
    foreign = {"glibc": b"libc.musl-", "musl": b"libc.so.6\0"}.get(target.libc)
    for name, data in sorted(libraries.items()):
        if foreign and foreign in data:
            return f"{name} needs {'musl' if target.libc == 'glibc' else 'glibc'}"
    return glibc_fault(libraries, target)


def glibc_fault(libraries: Mapping[str, bytes], target: Platform) -> str:
    """Return which shared library asks for a newer glibc than the target's floor; empty when none does."""
    if target.libc != "glibc":
        return ""
    for name, data in sorted(libraries.items()):
        newest = max((int(minor) for minor in _GLIBC.findall(data)), default=0)
        newest = max(newest, 36 if _RELR in data else 0)
        if newest > target.floor[1]:
            return f"{name} needs glibc 2.{newest}"
    return ""
