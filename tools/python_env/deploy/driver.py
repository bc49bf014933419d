"""The copy of an archive that a driver on the submitting machine runs with: unpacked once, named by its digest."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from python_env.base.errors import ToolError
from python_env.base.source_archive import unpack_archive


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
    except (OSError, ToolError) as error:
        what = error.faults[0].what if isinstance(error, ToolError) else error
        raise ToolError.one(
            f"the driver's copy of {archive.name} cannot be unpacked: {what}",
            where=str(folder),
            fix="make room there, set XDG_CACHE_HOME to another folder, or name --driver-python",
        ) from error


def _unpack(archive: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        unpack_archive(archive, partial, where=archive.name)
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
