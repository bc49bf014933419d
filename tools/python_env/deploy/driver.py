"""The copy of an archive that a driver on the submitting machine runs with: unpacked once, named by its digest."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

from python_env.base.errors import ToolError


def driver_folder(cache: Path, deployed: str) -> Path:
    """Return where the archive of that deployed name is unpacked."""
    return cache / deployed.removesuffix(".tar.gz").removesuffix(".zip")


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive of ours into a folder that appears whole or not at all; one that is there stays.

    Raises ToolError when the archive cannot be read, or the folder not be written.
    """
    if folder.is_dir():
        return
    try:
        _unpack(archive, folder)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise ToolError.one(
            f"the driver's copy of {archive.name} cannot be unpacked: {error}",
            where=str(folder),
            fix="make room there, set XDG_CACHE_HOME to another folder, or name --driver-python",
        ) from error


def _unpack(archive: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        _extract(archive, partial)
        partial.chmod(0o755)
        _rename(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _rename(partial: Path, folder: Path) -> None:
    try:
        partial.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another run was first
            raise


def _extract(archive: Path, folder: Path) -> None:
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as file:
            for entry in file.infolist():
                path = Path(file.extract(entry, folder))
                if mode := entry.external_attr >> 16 & 0o777:  # zipfile itself drops the right to execute
                    path.chmod(mode)
        return
    with tarfile.open(archive) as file:
        file.extraction_filter = getattr(tarfile, "tar_filter", None)  # CPython 3.11.2 has none
        file.extractall(folder)
