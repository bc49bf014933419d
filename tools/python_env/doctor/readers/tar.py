"""Tars, as one stream: nothing is unpacked to a disk."""

from __future__ import annotations

import gzip
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

from python_env.doctor.archive import Archive, Format, Kind, Member
from python_env.doctor.readers.limits import Limits, Measured, check_name, check_unpacked
from python_env.doctor.readers.wanted import Want, examine, wanted
from python_env.doctor.readers.zip import Spool, read_wheel

_BLOCK = 1 << 16
_KINDS = {
    tarfile.DIRTYPE: Kind.FOLDER,
    tarfile.SYMTYPE: Kind.LINK,
    tarfile.LNKTYPE: Kind.HARD_LINK,
}

_HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, *tarfile.GNU_TYPES)
_MOST_HEADER = 1 << 20
"""Bytes of names and attributes before one member (pax, GNU @LongLink), which tarfile reads whole."""


class _Info(tarfile.TarInfo):
    """A header block that does not claim more than there is memory for."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: Any, errors: Any) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.type in _HEADERS and info.type != tarfile.GNUTYPE_SPARSE and info.size > _MOST_HEADER:
            raise tarfile.ReadError(f"a name or attribute of {info.size} bytes")
        return info


def read_tar(path: Path, *, compressed: bool) -> Archive:
    """Return a tar's members.

    Raises TarError, EOFError, zlib.error or OSError when it is none, or is cut, ValueError for a bomb.
    """
    members: list[Member] = []
    packed: list[Member] = []
    size, unpacked = path.stat().st_size, 0
    limits = Limits(size)
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        inflated = stack.enter_context(gzip.GzipFile(fileobj=raw)) if compressed else raw
        stream = Measured(cast("BinaryIO", inflated), size)
        archive = stack.enter_context(
            tarfile.open(fileobj=cast("BinaryIO", stream), mode="r|", bufsize=_BLOCK, tarinfo=_Info)
        )
        spool = Spool(stack.enter_context(tempfile.TemporaryFile()))
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it keeps all, for looks back that a stream has not
            member = _member(info)
            members.append(member)
            unpacked += member.size
            check_unpacked(unpacked, size)  # of a sparse file, too, whose holes are not in the stream
            if member.kind is Kind.FILE and member.name.endswith(".whl"):
                packed += read_wheel(_pieces(archive, info), member, spool=spool, limits=limits)
            elif _is_read(member) and limits.admits(member, compressed=size):
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


def _is_read(member: Member) -> bool:
    return member.kind is Kind.FILE and wanted(member.name) is not Want.NOTHING


def _pieces(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    file = archive.extractfile(info)
    while file is not None and (piece := file.read(_BLOCK)):
        yield piece


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
