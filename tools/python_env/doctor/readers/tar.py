"""Tars, as one stream: nothing is unpacked to a disk."""

from __future__ import annotations

import gzip
import tarfile
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from python_env.doctor.archive import Archive, Format, Kind, Member
from python_env.doctor.readers.limits import Measured, check_name, check_unpacked
from python_env.doctor.readers.wanted import Want, examine, wanted
from python_env.doctor.readers.zip import read_wheel

_BLOCK = 1 << 16
_KINDS = {
    tarfile.DIRTYPE: Kind.FOLDER,
    tarfile.SYMTYPE: Kind.LINK,
    tarfile.LNKTYPE: Kind.HARD_LINK,
}


def read_tar(path: Path, *, compressed: bool) -> Archive:
    """Return a tar's members.

    Raises TarError, EOFError, zlib.error or OSError when it is none, or is cut, ValueError for a bomb.
    """
    members: list[Member] = []
    packed: list[Member] = []
    size, unpacked = path.stat().st_size, 0
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        inflated = stack.enter_context(gzip.GzipFile(fileobj=raw)) if compressed else raw
        stream = Measured(cast("BinaryIO", inflated), size)
        archive = stack.enter_context(tarfile.open(fileobj=cast("BinaryIO", stream), mode="r|", bufsize=_BLOCK))
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it keeps all, for looks back that a stream has not
            member = _member(info)
            members.append(member)
            unpacked += member.size
            check_unpacked(unpacked, size)  # of a sparse file, too, whose holes are not in the stream
            if member.kind is Kind.FILE and member.name.endswith(".whl"):
                packed += _wheel(archive, info, member.name)
            elif member.kind is Kind.FILE and wanted(member.name) is not Want.NOTHING:
                _examine(archive, info, member)
        while stream.read(_BLOCK):  # its checksum stands at the end
            pass
    return Archive(
        name=path.name,
        format=Format.TAR_GZ if compressed else Format.TAR,
        size=size,
        members=tuple(members),
        packed=tuple(packed),
        unpacked_size=unpacked,
    )


def _member(info: tarfile.TarInfo) -> Member:
    return Member(
        name=check_name(info.name).removeprefix("./") or ".",
        kind=_KINDS.get(info.type, Kind.FILE if info.isreg() else Kind.OTHER),
        size=info.size,
        mode=info.mode & 0o7777,
        target=info.linkname,
    )


def _wheel(archive: tarfile.TarFile, info: tarfile.TarInfo, name: str) -> list[Member]:
    file = archive.extractfile(info)
    return read_wheel(file.read(), name) if file is not None else []


def _examine(archive: tarfile.TarFile, info: tarfile.TarInfo, member: Member) -> None:
    file = archive.extractfile(info)
    if file is None:
        return
    buffer = bytearray()

    def first(size: int) -> bytes:
        if len(buffer) < size:
            buffer.extend(file.read(size - len(buffer)))
        return bytes(memoryview(buffer)[:size])

    examine(member, first)
