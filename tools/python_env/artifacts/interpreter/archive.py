"""The archive of an interpreter, read as it is: `.tar.gz`, `.tar.xz`, `.tar.bz2`, `.tar`, `.zip`, `.jar`.

What is ambiguous or hostile is refused. Nothing is unpacked to a disk.
"""

from __future__ import annotations

import bz2
import contextlib
import enum
import gzip
import posixpath
import re
import tarfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from python_env.base.archive.deflate import deflated
from python_env.base.archive.links import parents
from python_env.base.archive.paths import path_fault
from python_env.base.archive.zip_read import STORED, ZipSource
from python_env.base.errors import Fault, ToolError

_MOST_BYTES = 2 << 30
"""Most bytes that an archive may unpack to: ten times what a CPython with its debug symbols has."""

_MOST_MEMBERS = 200_000
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZIP = b"PK\x03\x04"
_GZIP, _XZ, _BZIP2 = b"\x1f\x8b", b"\xfd7zXZ", b"BZh"
_PIECE = 1 << 20

try:
    import lzma

    _LZMA_ERROR: type[Exception] = lzma.LZMAError
except ImportError:  # a CPython that was built without it
    _LZMA_ERROR = OSError

_BROKEN = (OSError, tarfile.TarError, EOFError, zlib.error, _LZMA_ERROR, ValueError, OverflowError)
"""What tarfile and the decompressors raise for what is no archive, or a cut one."""

_CLIMB = re.compile(r"^(\.\./)+")
_FIX = "take another archive: this one is damaged, hostile, or not of a relocatable CPython"


class Kind(enum.Enum):
    """What a member is."""

    FILE = "file"
    LINK = "link"


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One file or symbolic link."""

    name: str
    kind: Kind
    executable: bool = False
    target: str = ""
    """A link's target, relative to its folder."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """A file's bytes, as they enter a zip."""

    data: bytes
    """The content."""
    method: int
    raw: bytes
    """The content as `method` has it."""

    @property
    def crc(self) -> int:
        """Return the content's CRC-32."""
        return zlib.crc32(self.data)


class ZipArchive:
    """An archive whose streams are copied as they are, after they were read whole."""

    def __init__(self, path: Path, wanted: re.Pattern[str]) -> None:
        self._source = ZipSource(path)
        self._by_name = {entry.name: entry for entry in self._source.entries}
        if sum(entry.size for entry in self._source.entries) > _MOST_BYTES:
            raise _too_large(path)
        _refuse(path, _below_files(self._by_name))
        self.members = tuple(
            Member(name=entry.name, kind=Kind.FILE, executable=entry.executable) for entry in self._source.entries
        )
        self.seen: Mapping[str, bytes] = {
            name: self._source.read(entry) for name, entry in self._by_name.items() if wanted.fullmatch(name)
        }

    def read(self, names: Collection[str]) -> Iterator[tuple[str, Packed]]:
        """Yield the named files in the archive's order; raises ToolError for one that is not what the zip says."""
        for name, entry in self._by_name.items():
            if name in names:
                data = self._source.read(entry)
                yield name, Packed(data=data, method=entry.method, raw=b"".join(self._source.raw(entry)))


class TarArchive:
    """An archive that is one stream: read once for what it holds, and once more for what is wanted of it."""

    def __init__(self, path: Path, wanted: re.Pattern[str], *, compress: bool) -> None:
        self._path = path
        self._compress = compress
        seen: dict[str, bytes] = {}
        infos: list[tarfile.TarInfo] = []
        with self._readable():
            for info, tar in self._stream():
                infos.append(info)
                if info.isfile() and wanted.fullmatch(_clean(info.name)):
                    seen[_clean(info.name)] = _content(tar, info)
        _refuse(path, _member_faults(infos))
        self.members = tuple(_member(info) for info in infos if not info.isdir())
        self.seen: Mapping[str, bytes] = seen

    def read(self, names: Collection[str]) -> Iterator[tuple[str, Packed]]:
        """Yield the named files in the archive's order, deflated."""
        with self._readable():
            for info, tar in self._stream():
                name = _clean(info.name)
                if name in names and info.isfile():
                    data = _content(tar, info)
                    raw, method = deflated(data) if self._compress else (data, STORED)
                    yield name, Packed(data=data, method=method, raw=raw)

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            what = f"the archive cannot be read: {str(error) or type(error).__name__}"
            raise ToolError.one(what, where=self._path.name, fix=_FIX) from None

    def _stream(self) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
        """Yield every member while the stream stands at its content; read to its end, it is whole by its checksum."""
        size = count = 0
        with _decompressed(self._path) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for info in tar:
                size, count = size + info.size, count + 1
                if size > _MOST_BYTES or count > _MOST_MEMBERS:
                    raise _too_large(self._path)
                yield info, tar
            while stream.read(_PIECE):
                pass


def open_archive(path: Path, wanted: re.Pattern[str], *, compress: bool) -> ZipArchive | TarArchive:
    """Return an archive, of the kind that its first bytes say; files whose names `wanted` matches are read at once.

    `compress` says whether the files of a tar are deflated. Raises ToolError when it cannot be read, or a member's name
    or target leads out of it, stands twice, or is neither a file, a folder nor a link.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if head == _ZSTD:
        raise ToolError.one(
            "an archive that is compressed by zstd: CPython reads it from 3.14 on only",
            where=path.name,
            fix="take the .tar.gz of the same release (python-build-standalone: install_only)",
        )
    return ZipArchive(path, wanted) if head == _ZIP else TarArchive(path, wanted, compress=compress)


def _decompressed(path: Path) -> BinaryIO:
    """Return the bytes of a tar."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_GZIP):
        return cast(BinaryIO, gzip.open(path))
    if head.startswith(_XZ):
        return cast(BinaryIO, lzma.open(path)) if _LZMA_ERROR is not OSError else _no_lzma(path)
    return cast(BinaryIO, bz2.open(path)) if head.startswith(_BZIP2) else path.open("rb")


def _no_lzma(path: Path) -> BinaryIO:
    raise ToolError.one(
        "the execution interpreter was built without lzma, which a .tar.xz needs",
        where=path.name,
        fix="take the .tar.gz of the same release, or run the tools on another CPython",
    )


def _too_large(path: Path) -> ToolError:
    what = f"the archive unpacks to more than {_MOST_BYTES >> 30} GiB or {_MOST_MEMBERS} members"
    return ToolError.one(what, where=path.name, fix=_FIX)


def _clean(name: str) -> str:
    return name.removeprefix("./").removesuffix("/")


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(info)
    data = file.read() if file else b""
    if len(data) != info.size:
        raise EOFError(f"{info.name} is cut")
    return data


def _member(info: tarfile.TarInfo) -> Member:
    name = _clean(info.name)
    if info.issym():
        return Member(name=name, kind=Kind.LINK, target=info.linkname)
    if info.islnk():
        target = posixpath.relpath(_clean(info.linkname), posixpath.dirname(name) or ".")
        return Member(name=name, kind=Kind.LINK, target=target)
    return Member(name=name, kind=Kind.FILE, executable=bool(info.mode & 0o111))


def _refuse(path: Path, faults: Iterator[tuple[str, str]]) -> None:
    found = [Fault(what, f"{path.name}: {name!r}", _FIX) for name, what in faults]
    if found:
        raise ToolError(found)


def _member_faults(infos: list[tarfile.TarInfo]) -> Iterator[tuple[str, str]]:
    """Yield name and fault of every member that two readers could read differently, or that is not wanted at all."""
    files = {_clean(info.name) for info in infos if info.isfile()}
    links = {_clean(info.name) for info in infos if info.issym() or info.islnk()}
    seen: set[str] = set()
    for info in infos:
        name = _clean(info.name)
        if name in ("", ".") and info.isdir():
            continue
        fault = path_fault(name) or _kind_fault(info, files)
        if fault:
            yield info.name, f"a member {fault}"
        elif name in seen and (name in files or name in links):
            yield info.name, "a name stands twice"
        elif any(parent in links or parent in files for parent in parents(name)):
            yield info.name, "a member lies below a link or a file"
        seen.add(name)


def _below_files(names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield name and fault of every member of a zip that lies below a file."""
    for name in names:
        if any(parent in names for parent in parents(name)):
            yield name, "a member lies below a file"


def _kind_fault(info: tarfile.TarInfo, files: set[str]) -> str | None:
    if info.issparse() or not (info.isfile() or info.isdir() or info.issym() or info.islnk()):
        return "is neither a file, a folder nor a link"
    if info.islnk() and _clean(info.linkname) not in files:
        return f"is a hard link to {info.linkname!r}, which is no file of the archive"
    if info.issym():
        return _target_fault(_clean(info.name), info.linkname)
    return None


def _target_fault(name: str, target: str) -> str | None:
    # `..` leads out of a folder only where it stands first: behind another link it could lead anywhere
    if path_fault(_CLIMB.sub("", target.removeprefix("./"))):
        return f"is a link to {target!r}, which is not a plain relative path"
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    return f"is a link to {target!r}, which leaves the archive" if inside.split("/")[0] == ".." else None
