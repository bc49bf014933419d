"""Zips: the central directory, and of members no more than is wanted. Wheels that lie in a PEX are read in place.

Not by base/archive, which refuses what two readers could read differently: here such archives are what is described.
The directory is read by zipfile, as lenient as who starts them; members by two threads, from windows of one open file.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, NamedTuple

from python_env.base.archive.zip_directory import DEFLATED, LOCAL, STORED
from python_env.doctor.archive import Archive, Format, Kind, Member
from python_env.doctor.readers.limits import Limits, check_name, check_unpacked
from python_env.doctor.readers.wanted import Want, examine, wanted

_PIECE = 1 << 18
_ENCRYPTED, _DESCRIPTOR = 0x1, 0x8
_THREADS = 2
_MOST_SHEBANG = 1024


class _Window(io.RawIOBase):
    """A part of an open file, which other threads read at the same time."""

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        self.descriptor, self.start, self.size, self._at = descriptor, start, size, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self.size)[whence]
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        left = max(self.size - self._at, 0)
        data = self.at(self._at, left if size < 0 else min(size, left))
        self._at += len(data)
        return data

    def at(self, offset: int, size: int) -> bytes:
        """Return bytes from a place of the window."""
        return os.pread(self.descriptor, size, self.start + offset)


class Spool:
    """Wheels that were inflated, one behind the other in a file without a name: they may be larger than memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._end = file, 0

    def add(self, pieces: Iterable[bytes]) -> _Window:
        """Return where the pieces lie now."""
        start = self._end
        for piece in pieces:
            self._end += self._file.write(piece)
        self._file.flush()
        return _Window(self._file.fileno(), start, self._end - start)

    def clear(self) -> None:
        """Forget what was added."""
        self._file.seek(0)
        self._file.truncate()
        self._end = 0


class _Content:
    """A member's content, inflated as far as somebody asks."""

    def __init__(self, window: _Window, info: zipfile.ZipInfo) -> None:
        self._window, self._info = window, info
        self._buffer = bytearray()
        self._decoder = zlib.decompressobj(-15)
        head = window.at(info.header_offset, LOCAL.size)
        *_, name, extra = LOCAL.unpack(head) if len(head) == LOCAL.size else (0, 0)
        self.start = info.header_offset + LOCAL.size + name + extra
        self._at, self._end = self.start, self.start + info.compress_size

    def first(self, size: int) -> bytes:
        """Return the first bytes; raises zlib.error when they cannot be inflated."""
        while len(self._buffer) < size:
            piece = self._next(size - len(self._buffer))
            if not piece:
                break
            self._buffer += piece
        return bytes(memoryview(self._buffer)[:size])

    def pieces(self) -> Iterator[bytes]:
        """Yield all that the directory promises and no more; raises zlib.error when it cannot be inflated."""
        left = self._info.file_size
        while left > 0 and (piece := self._next(min(left, _PIECE))):
            yield piece[:left]
            left -= len(piece)

    def _next(self, most: int) -> bytes:
        """Return at most so many inflated bytes: a few of the archive may hold a thousand times as many."""
        if self._info.compress_type == STORED:
            return self._raw()
        while True:
            data = self._decoder.unconsumed_tail or self._raw()
            piece = self._decoder.decompress(data, most)
            if piece or not data:
                return piece

    def _raw(self) -> bytes:
        data = self._window.at(self._at, min(_PIECE, self._end - self._at))
        self._at += len(data)
        return data


class _Job(NamedTuple):
    """A member, and where its content lies."""

    member: Member
    window: _Window
    info: zipfile.ZipInfo


def read_zip(path: Path) -> Archive:
    """Return a zip's members.

    Raises BadZipFile, OSError or NotImplementedError when it is none that can be read.
    """
    with path.open("rb", buffering=0) as file, tempfile.TemporaryFile() as spooled:
        size = os.fstat(file.fileno()).st_size
        window, limits = _Window(file.fileno(), 0, size), Limits(size)
        infos = _infos(window)
        own = [_Job(_member(info), window, info) for info in infos]
        spool = Spool(spooled)
        packed = [job for each in own if _is_wheel(each.info) for job in _wheel(each, spool, limits)]
        _examine_all([*own, *packed], limits)
        start = min((info.header_offset for info in infos), default=0)
        return Archive(
            name=path.name,
            format=Format.ZIP,
            size=size,
            members=tuple(job.member for job in own),
            packed=tuple(job.member for job in packed),
            preamble=window.at(0, min(start, _MOST_SHEBANG)).split(b"\n", 1)[0],
            has_preamble=start > 0,
            unpacked_size=sum(info.file_size for info in infos),
        )


def _infos(window: _Window) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(window) as archive:
        infos = archive.infolist()
    check_unpacked(sum(info.file_size for info in infos), window.size)
    return infos


def _member(info: zipfile.ZipInfo, *, wheel: str = "") -> Member:
    mode = info.external_attr >> 16
    stored = info.compress_type == STORED
    return Member(
        name=check_name(info.filename).removeprefix("./").rstrip("/") or info.filename,
        kind=_kind(info, mode),
        size=info.file_size,
        mode=stat.S_IMODE(mode) if mode else None,
        wheel=wheel,
        method=info.compress_type,
        stored_descriptor=stored and bool(info.flag_bits & _DESCRIPTOR) and info.file_size > 0,
        encrypted=bool(info.flag_bits & _ENCRYPTED),
    )


def _kind(info: zipfile.ZipInfo, mode: int) -> Kind:
    if info.filename.endswith("/"):
        return Kind.FOLDER
    if stat.S_ISLNK(mode):
        return Kind.LINK
    return Kind.FILE if stat.S_IFMT(mode) in (0, stat.S_IFREG) else Kind.OTHER


def _is_wheel(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith(".whl") and not info.flag_bits & _ENCRYPTED


def _wheel(job: _Job, spool: Spool, limits: Limits) -> Iterator[_Job]:
    """Yield the members of a wheel in a PEX: raw, or an installed tree that pex packed as a zip of that name."""
    member, window, info = job
    content = _Content(window, info)
    if info.compress_type == STORED:
        yield from _members_of(_Window(window.descriptor, window.start + content.start, info.compress_size), member)
    elif info.compress_type == DEFLATED and limits.admits_wheel(member):
        try:
            yield from _members_of(spool.add(content.pieces()), member)
        except zlib.error as error:
            member.unread = _cut(error)


def _members_of(window: _Window, wheel: Member) -> Iterator[_Job]:
    try:
        for each in _infos(window):
            yield _Job(_member(each, wheel=wheel.name), window, each)
    except zipfile.BadZipFile:
        return


def read_wheel(pieces: Iterable[bytes], member: Member, *, spool: Spool, limits: Limits) -> list[Member]:
    """Return the members of a wheel that comes out of another kind of archive; none where it is no zip."""
    if not limits.admits_wheel(member):
        return []
    jobs = list(_members_of(spool.add(pieces), member))
    _examine_all(jobs, limits)
    spool.clear()
    return [job.member for job in jobs]


def _examine_all(jobs: Iterable[_Job], limits: Limits) -> None:
    """Read what is wanted; zlib leaves the interpreter to other threads while it inflates."""
    read = (job for job in jobs if _is_read(job.member))
    admitted = (job for job in read if limits.admits(job.member, compressed=job.info.compress_size))
    wanted_jobs = sorted(admitted, key=lambda job: -job.member.size)
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(_examine, wanted_jobs):
            pass


def _is_read(member: Member) -> bool:
    if member.kind is Kind.LINK:
        return True
    plain = member.kind is Kind.FILE and member.method in (STORED, DEFLATED)
    return plain and not member.encrypted and wanted(member.name) is not Want.NOTHING


def _examine(job: _Job) -> None:
    """Read one member; what was inflated of it goes with this call."""
    member, first = job.member, _Content(job.window, job.info).first
    try:
        if member.kind is Kind.LINK:
            member.target = first(member.size).decode(errors="backslashreplace")
        else:
            examine(member, first)
    except (zlib.error, struct.error) as error:
        member.unread = _cut(error)


def _cut(error: Exception) -> str:
    return f"it cannot be inflated: {error}"
