"""Unpacking an sdist, or a driver's copy of an artifact: nothing leaves the folder, modes and owners are ours."""

from __future__ import annotations

import os
import posixpath
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from python_env.base.errors import ToolError

_BROKEN = (
    *(OSError, tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error),
    *(RuntimeError, ValueError, OverflowError),  # encrypted or of an unknown method, a name or a clock of no kind
)
"""What reading a file can raise that is no archive, or a cut one."""

_REPORT = "do not use this file; report it to its index"


def unpack_sdist(archive: Path, folder: Path, *, where: str) -> Path:
    """Unpack an sdist (`.tar.gz` or `.zip`) and return its one top folder (PEP 625).

    Raises ToolError when it cannot be read, a member leaves the folder, or there is not one top folder.
    """
    unpack_archive(archive, folder, where=where)
    found = [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.is_symlink()]
    if len(found) != 1:
        fix = "the sdist is broken: take another version"
        raise ToolError.one(f"the sdist has {len(found)} top folders, not one", where=where, fix=fix)
    return found[0]


def unpack_archive(archive: Path, folder: Path, *, where: str) -> None:
    """Unpack a zip by its name, else a tar; raises ToolError when it cannot be read or a member leaves the folder."""
    if archive.name.endswith(".zip"):
        _unpack_zip(archive, folder, where=where)
    else:
        unpack_tar(archive, folder, where=where)


def _unpack_zip(archive: Path, folder: Path, *, where: str) -> None:
    try:
        with zipfile.ZipFile(archive) as source:
            _check_names(source.namelist(), where)
            for entry in source.infolist():
                path = Path(source.extract(entry, folder))
                path.chmod(0o755 if entry.is_dir() or entry.external_attr >> 16 & 0o100 else 0o644)
    except _BROKEN as error:
        raise _unreadable(error, where) from None


def unpack_tar(archive: Path, folder: Path, *, where: str) -> None:
    """Unpack a tar of files, folders and links; raises ToolError when it cannot be read or a member leaves the folder.

    No member lies below a link or in its place: so where a name leads is known before anything is written.
    """
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            _check_names((member.name for member in members), where)
            _check_kinds(members, where)
            _check_links(members, where)
            for member in members:
                member.uid = member.gid = os.getuid() if hasattr(os, "getuid") else 0
                member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            tar.extractall(folder, members)
    except _BROKEN as error:
        raise _unreadable(error, where) from None


def _unreadable(error: Exception, where: str) -> ToolError:
    what = f"the archive cannot be read: {str(error) or type(error).__name__}"
    return ToolError.one(what, where=where, fix="the file is broken: take another version")


def _refused(what: str, where: str) -> ToolError:
    return ToolError.one(what, where=where, fix=_REPORT)


def _check_names(names: Iterable[str], where: str) -> None:
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
            raise _refused(f"a member leaves the archive: {name!r}", where)


def _check_kinds(members: Iterable[tarfile.TarInfo], where: str) -> None:
    files = {member.name for member in members if member.isfile()}
    for member in members:
        if member.islnk() and member.linkname not in files:
            raise _refused(f"a hard link names no file of the archive: {member.name!r} -> {member.linkname!r}", where)
        if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
            raise _refused(f"a member is no file, folder or link: {member.name!r}", where)


def _check_links(members: Iterable[tarfile.TarInfo], where: str) -> None:
    """Check that links stay inside; one through another link is refused, because its `..` lead elsewhere."""
    links = {PurePosixPath(member.name) for member in members if member.issym()}
    seen: set[PurePosixPath] = set()
    for member in members:
        path = PurePosixPath(member.name)
        if links and ((path in links and path in seen) or links.intersection(path.parents)):
            raise _refused(f"a member lies at or below a link: {member.name!r}", where)
        seen.add(path)
        if member.issym() and _climbs(path, member.linkname, links):
            raise _refused(f"a link leaves the archive: {member.name!r} -> {member.linkname!r}", where)


def _climbs(path: PurePosixPath, linkname: str, links: set[PurePosixPath]) -> bool:
    target = posixpath.join(path.parent, linkname)
    inside = PurePosixPath(posixpath.normpath(target))
    passed = {PurePosixPath(posixpath.normpath(each)) for each in PurePosixPath(target).parents}
    return linkname.startswith("/") or ".." in inside.parts or bool(links & passed)
