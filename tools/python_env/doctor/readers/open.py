"""Opens a file by what it is, not by its name."""

from __future__ import annotations

import json
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

from python_env.base.errors import ToolError
from python_env.doctor.archive import Archive, Format, Kind
from python_env.doctor.readers.tar import read_tar
from python_env.doctor.readers.zip import read_zip
from python_env.doctor.subject import Subject

_OTHER = (b"\xfd7zXZ\0", b"BZh", b"\x28\xb5\x2f\xfd")
"""First bytes of xz, bzip2 and zstd."""

_TAR_MAGIC = slice(257, 262)
_FIX = "give a PEX, or an environment as .tar.gz, .zip or .tar"


def read_subject(path: Path) -> Subject:
    """Return what is in a file.

    Raises ToolError when it is missing, a folder, a wheelhouse, no archive, or damaged.
    """
    try:
        archive = _read(path)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, OSError, ValueError) as error:
        raise ToolError.one(f"the file cannot be read: {error}", where=str(path), fix=_FIX) from None
    except (OverflowError, RecursionError, struct.error) as error:
        raise ToolError.one(f"the file's headers lead nowhere: {error}", where=str(path), fix=_FIX) from None
    except NotImplementedError as error:
        raise ToolError.one(f"the zip cannot be read: {error}", where=str(path), fix=_FIX) from None
    subject = Subject(archive=archive, pex_info=_pex_info(archive), identity=_identity(archive))
    if subject.is_wheelhouse:
        raise ToolError.one(
            "a wheelhouse is nothing that a cluster starts: it installs an environment, and is none",
            where=str(path),
            fix="name the PEX or the venv of the environment",
        )
    return subject


def _read(path: Path) -> Archive:
    if path.is_dir():
        raise ToolError.one(
            "a folder is not shipped: Spark ships files",
            where=str(path),
            fix="pack it: tar -czf env.tar.gz -C FOLDER .",
        )
    if path.exists() and not path.is_file():
        raise ToolError.one("a pipe or a device cannot be read twice", where=str(path), fix="write it to a file")
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"\x1f\x8b"):
        return read_tar(path, compressed=True)
    if head.startswith(_OTHER):
        return Archive(name=path.name, format=Format.OTHER, size=path.stat().st_size, members=())
    if zipfile.is_zipfile(path):
        return read_zip(path)
    if head[_TAR_MAGIC] == b"ustar":
        return read_tar(path, compressed=False)
    raise ToolError.one("the file is neither a zip nor a tar", where=str(path), fix=_FIX)


def _pex_info(archive: Archive) -> dict[str, object]:
    for member in archive.members:
        if member.name.rpartition("/")[2] == "PEX-INFO" and member.name.count("/") < 2 and member.data is not None:
            if member.kind is not Kind.FILE:
                continue
            return _object(member.data)
    return {}


def _identity(archive: Archive) -> dict[str, object]:
    found = (member.data for member in archive.members if member.name == "python_env.json" and member.data is not None)
    return _object(next(found, b""))


def _object(text: bytes) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
