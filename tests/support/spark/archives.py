"""Archives that a NodeManager or Spark cannot unpack, each with a program, and what the real classes do with them."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import IO, Any

from support.hadoop.cluster import java_home
from support.spark.install import pyspark_home

UNPACK = Path(__file__).parents[2] / "e2e/Unpack.java"
PROGRAM = b"#!/bin/sh\necho works\n"


class _Stream(io.RawIOBase):
    """A file that cannot seek: zipfile then writes sizes behind the data, as who zips into a pipe does."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def writable(self) -> bool:
        """Return that one may write."""
        return True

    def write(self, data: Any) -> int:
        """Append."""
        return self._file.write(data)


def _zip(path: Path, *, links: bool = False, streamed: int | None = None, head: bytes = b"") -> None:
    with path.open("wb") as file:
        file.write(head)
        target = file if streamed is None else _Stream(file)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if streamed is None else streamed) as archive:  # type: ignore[arg-type]
            info = zipfile.ZipInfo("bin/program")
            info.external_attr, info.compress_type = 0o100755 << 16, archive.compression
            archive.writestr(info, PROGRAM)
            if links:
                link = zipfile.ZipInfo("bin/link")
                link.external_attr = 0o120777 << 16
                archive.writestr(link, "program")


def _tar(path: Path, mode: str, link: str) -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo("bin/program")
        info.size, info.mode = len(PROGRAM), 0o755
        archive.addfile(info, io.BytesIO(PROGRAM))
        pointer = tarfile.TarInfo("bin/link")
        pointer.type, pointer.linkname = tarfile.SYMTYPE, link
        archive.addfile(pointer)


def write_archives(folder: Path) -> list[Path]:
    """Write one archive of each kind, and return their paths."""
    _zip(folder / "plain.zip")
    _zip(folder / "links.zip", links=True)
    _zip(folder / "deflated-descriptor.zip", streamed=zipfile.ZIP_DEFLATED)
    _zip(folder / "stored-descriptor.zip", streamed=zipfile.ZIP_STORED)
    _zip(folder / "preamble.zip", head=b"#!/usr/bin/env python3.11\n")
    _zip(folder / "packed.pex")
    _tar(folder / "links.tar.gz", "w:gz", "program")
    _tar(folder / "absolute.tar", "w", "/bin/sh")
    for compression in ("xz", "bz2"):
        _tar(folder / f"packed.tar.{compression}", f"w:{compression}", "program")
    (folder / "packed.tar.zst").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(16))
    return sorted(folder.iterdir())


def unpacked(version: str, folder: Path) -> dict[str, str]:
    """Unpack all by the classes of one Spark into `folder`/yarn and `folder`/spark; return what each said."""
    (folder / "archives").mkdir()
    archives = write_archives(folder / "archives")
    jars = pyspark_home(version) / "jars"
    opened = [
        f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in ("java.lang", "java.util", "java.nio", "sun.nio.ch")
    ]
    command = [
        java_home() / "bin/java",
        *opened,
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{jars}/*",
        UNPACK,
        folder,
        *archives,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line)
