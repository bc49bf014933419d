"""Zips: the central directory, and of members no more than is wanted. Wheels that lie in a PEX are read in place."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from python_env.doctor.archive import Archive, Format, Kind, Member
from python_env.doctor.readers.limits import check_name, check_unpacked
from python_env.doctor.readers.wanted import Want, examine, wanted

_LOCAL = 30
"""Bytes of a local header before its name (APPNOTE 4.3.7)."""

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


class _Memory(_Window):
    """A zip that was inflated."""

    def __init__(self, data: bytes) -> None:
        super().__init__(-1, 0, len(data))
        self._data = data

    def at(self, offset: int, size: int) -> bytes:
        """Return bytes from a place."""
        return self._data[offset : offset + size]


class _Content:
    """A member's content, inflated as far as somebody asks."""

    def __init__(self, window: _Window, info: zipfile.ZipInfo) -> None:
        self._window, self._info = window, info
        self._buffer = bytearray()
        self._decoder = zlib.decompressobj(-15)
        head = window.at(info.header_offset, _LOCAL)
        names = struct.unpack_from("<2H", head, 26) if len(head) == _LOCAL else (0, 0)
        self.start = info.header_offset + _LOCAL + sum(names)
        self._at, self._end = self.start, self.start + info.compress_size

    def first(self, size: int) -> bytes:
        """Return the first bytes; raises zlib.error when they cannot be inflated."""
        while len(self._buffer) < size and self._at < self._end:
            data = self._window.at(self._at, min(_PIECE, self._end - self._at))
            if not data:
                break
            self._at += len(data)
            self._buffer += data if self._info.compress_type == zipfile.ZIP_STORED else self._decoder.decompress(data)
        return bytes(memoryview(self._buffer)[:size])


class _Job(NamedTuple):
    """A member, and where its content lies."""

    member: Member
    window: _Window
    info: zipfile.ZipInfo


def read_zip(path: Path) -> Archive:
    """Return a zip's members.

    Raises BadZipFile, OSError or NotImplementedError when it is none that can be read.
    """
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        window = _Window(file.fileno(), 0, size)
        infos = _infos(window)
        own = [_Job(_member(info), window, info) for info in infos]
        packed = [job for info in infos if _is_wheel(info) for job in _wheel(window, info)]
        _examine_all([*own, *packed])
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
    stored = info.compress_type == zipfile.ZIP_STORED
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


def _wheel(window: _Window, info: zipfile.ZipInfo) -> Iterator[_Job]:
    """Yield the members of a wheel in a PEX: raw, or an installed tree that pex packed as a zip of that name."""
    content = _Content(window, info)
    inner: _Window
    if info.compress_type == zipfile.ZIP_STORED:
        inner = _Window(window.descriptor, window.start + content.start, info.compress_size)
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        inner = _Memory(content.first(info.file_size))
    else:
        return
    yield from _members_of(inner, info.filename)


def _members_of(window: _Window, wheel: str) -> Iterator[_Job]:
    try:
        for each in _infos(window):
            yield _Job(_member(each, wheel=wheel), window, each)
    except zipfile.BadZipFile:
        return


def read_wheel(data: bytes, name: str) -> list[Member]:
    """Return the members of a wheel that came out of another kind of archive; none where it is no zip."""
    jobs = list(_members_of(_Memory(data), name))
    _examine_all(jobs)
    return [job.member for job in jobs]


def _examine_all(jobs: Iterable[_Job]) -> None:
    """Read what is wanted; zlib leaves the interpreter to other threads while it inflates."""
    wanted_jobs = sorted((job for job in jobs if _is_read(job.member)), key=lambda job: -job.member.size)
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(_examine, wanted_jobs):
            pass


def _is_read(member: Member) -> bool:
    if member.kind is Kind.LINK:
        return True
    plain = member.kind is Kind.FILE and member.method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
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
        member.damaged = f"it cannot be inflated: {error}"
