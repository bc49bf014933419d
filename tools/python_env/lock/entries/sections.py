"""One platform of a lock and its packages, read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from python_env.base.platforms import parse_platform
from python_env.lock.entries.files import distribution
from python_env.lock.entries.reader import LockReader, check_named
from python_env.lock.model import LockedFile, LockedPackage, Section


def parse_section(reader: LockReader, tag: str, sections: dict[str, Any], files: Mapping[str, LockedFile]) -> Section:
    """Return a platform's section; raises ToolError when it contradicts its tag or names what is not in `files`."""
    path = f"platforms[{tag!r}]"
    value = reader.take(sections, tag, dict, "platforms")
    platform = parse_platform(tag)
    packages = tuple(
        _parse_package(reader, row, f"{path}.packages[{i}]", files)
        for i, row in enumerate(reader.objects(value, "packages", path))
    )
    section = Section(
        tag=tag,
        python=reader.take(value, "python", str, path),
        os=reader.take(value, "os", str, path),
        cpu=reader.take(value, "cpu", str, path),
        libc=reader.take(value, "libc", str, path),
        requirements=reader.strings(value, "requirements", path),
        packages=packages,
    )
    if (section.python, section.os, section.cpu, section.libc) != (
        platform.python_version,
        platform.os,
        platform.cpu,
        platform.libc,
    ):
        raise reader.error("python, os, cpu or libc contradict the platform tag", path)
    return section


def _parse_package(
    reader: LockReader, row: dict[str, Any], path: str, files: Mapping[str, LockedFile]
) -> LockedPackage:
    package = LockedPackage(
        name=reader.take(row, "name", str, path),
        version=reader.take(row, "version", str, path),
        extras=reader.strings(row, "extras", path),
        file=reader.take(row, "file", str, path),
        requires=reader.strings(row, "requires", path),
        why=reader.strings(row, "why", path),
    )
    check_named(reader, package.name, package.version, path)
    if package.file not in files:
        raise reader.error(f"{package.file} is not in files", f"{path}.file")
    if distribution(package.file) != package.name:
        raise reader.error(f"{package.file} is not a wheel of {package.name}", f"{path}.file")
    return package
