"""Unpacking an sdist: nothing leaves the folder, modes and owners are ours."""

from __future__ import annotations

import os
import posixpath
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from python_env.base.errors import ToolError


def unpack_sdist(archive: Path, folder: Path, *, where: str) -> Path:
    """Unpack an sdist (`.tar.gz` or `.zip`) and return its one top folder (PEP 625).

    Raises ToolError when it cannot be read, a member leaves the folder, or there is not one top folder.
    """
    fix = "the sdist is broken: take another version"
    try:
        if archive.name.endswith(".zip"):
            with zipfile.ZipFile(archive) as source:
                _check_names(source.namelist(), where)
                source.extractall(folder)
        else:
            unpack_tar(archive, folder, where=where)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise ToolError.one(f"the sdist cannot be read: {error}", where=where, fix=fix) from None
    found = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    if len(found) != 1:
        raise ToolError.one(f"the sdist has {len(found)} top folders, not one", where=where, fix=fix)
    return found[0]


def unpack_tar(archive: Path, folder: Path, *, where: str) -> None:
    """Unpack a tar of files, folders and links; raises ToolError when a member leaves the folder."""
    with tarfile.open(archive) as tar:
        members = [member for member in tar if member.isfile() or member.isdir() or member.issym()]
        _check_names((member.name for member in members), where)
        _check_links(members, where)
        for member in members:
            member.uid = member.gid = os.getuid() if hasattr(os, "getuid") else 0
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        tar.extractall(folder, members)


def _check_names(names: Iterator[str] | list[str], where: str) -> None:
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
            raise ToolError.one(
                f"a member leaves the archive: {name!r}",
                where=where,
                fix="do not use this file; report it to its index",
            )


def _check_links(members: list[tarfile.TarInfo], where: str) -> None:
    for member in members:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(member.name), member.linkname))
        if member.issym() and (member.linkname.startswith("/") or target.startswith("..")):
            raise ToolError.one(
                f"a link leaves the archive: {member.name!r} -> {member.linkname!r}",
                where=where,
                fix="do not use this file; report it to its index",
            )
