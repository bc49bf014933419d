"""The PEX as a file: a zipapp, or the packed layout in an archive that the cluster unpacks."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from python_env.artifacts.install.wheel import WheelFile
from python_env.artifacts.locked_bytes import Contents
from python_env.artifacts.pex.bootstrap import Bootstrap
from python_env.artifacts.pex.installed import InstalledTree
from python_env.artifacts.pex.options import PexLayout
from python_env.base.archive.output import Output
from python_env.base.archive.zip_read import STORED, ZipSource
from python_env.base.archive.zip_write import ZipWriter

_CHUNK = 1 << 20
_PER_MEMBER = 256
"""At least what a member costs in a zip beside its bytes: two headers, its name twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pex:
    """All parts of a PEX."""

    layout: PexLayout
    shebang: str
    """First line of the file and of `__main__.py`, without its end."""
    head: str
    """What follows the shebang: lines for /bin/sh (`sh_boot`), else empty."""
    info: bytes
    main: str
    """Python code that boots."""
    bootstrap: Bootstrap
    wheels: Sequence[WheelFile]
    trees: Sequence[InstalledTree]
    """The installed trees; empty where the wheels themselves are inside."""
    code: Sequence[tuple[str, bytes]]
    """Files below the root of the imports: name and content, sorted."""
    python: str
    """`pythonX.Y` of the target."""

    @property
    def members(self) -> int:
        """Return how many files a zipapp of it has."""
        inside = sum(len(tree.files) for tree in self.trees) if self.trees else len(self.wheels)
        return len(self.bootstrap.entries) + inside + len(self.code) + 3

    @property
    def size(self) -> int:
        """Return about how many bytes a zipapp of it has."""
        inside = sum(tree.size for tree in self.trees) if self.trees else sum(w.source.size for w in self.wheels)
        code = sum(len(data) for _, data in self.code)
        return self.bootstrap.size + inside + code + _PER_MEMBER * self.members

    def write(self, output: Output, contents: Contents) -> str:
        """Write everything and return the sha256 (hex) of the file."""
        archive = ZipWriter(output)
        if self.layout is PexLayout.ZIPAPP:
            _write_zipapp(self, archive, output, contents)
        else:
            _write_packed(self, archive, output, contents)
        return archive.finish()


def _write_zipapp(pex: Pex, archive: ZipWriter, output: Output, contents: Contents) -> None:
    output.write(f"{pex.shebang}\n{pex.head}".encode())
    pex.bootstrap.write(archive, ".bootstrap/")
    for tree in pex.trees:
        tree.write(archive, f".deps/{tree.name}/")
    if not pex.trees:
        _write_wheels(archive, pex.wheels, output, contents)
    _write_loose(pex, archive, first=f"#!/usr/bin/env {pex.python}\n")


def _write_packed(pex: Pex, archive: ZipWriter, output: Output, contents: Contents) -> None:
    """Write a folder's files: no entry is a link, because unpackers of clusters make text files of links."""
    archive.add_archive(".bootstrap", functools.partial(pex.bootstrap.write, folder=""))
    for tree in pex.trees:
        archive.add_archive(f".deps/{tree.name}", functools.partial(tree.write, folder=""))
    if not pex.trees:
        _write_wheels(archive, pex.wheels, output, contents)
    _write_loose(pex, archive, first=f"{pex.shebang}\n{pex.head}")


def _write_loose(pex: Pex, archive: ZipWriter, *, first: str) -> None:
    archive.add_bytes("PEX-INFO", pex.info)
    archive.add_bytes("__main__.py", f"{first}\n{pex.main}".encode(), executable=True)
    archive.add_bytes("__pex__/__init__.py", pex.main.encode())
    for name, data in pex.code:
        archive.add_bytes(name, data)


def _write_wheels(archive: ZipWriter, wheels: Sequence[WheelFile], output: Output, contents: Contents) -> None:
    """Store wheels as they are.

    One of the closure is copied by the system, behind a header of ours. Another one lost a file to `collisions`: it was
    made here, and its file has no name any more.
    """
    for wheel in wheels:
        name, size = f".deps/{wheel.wheel.file}", wheel.source.size
        content = contents[wheel.wheel].result() if wheel.wheel in contents else None
        crc = content.crc if content else _crc(wheel)
        pieces = () if content else _pieces(wheel.source)
        archive.add_raw(name, pieces, method=STORED, crc=crc, sizes=(size, size))
        if content:
            output.copy_file(wheel.source.path, size=size)


def _crc(wheel: WheelFile) -> int:
    crc = 0
    for piece in _pieces(wheel.source):
        crc = zlib.crc32(piece, crc)
    return crc


def _pieces(source: ZipSource) -> Iterator[bytes]:
    for offset in range(0, source.size, _CHUNK):
        yield source.pread(_CHUNK, offset)
