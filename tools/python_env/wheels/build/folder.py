"""The folder that a wheel is built in: always the same, because native results may have its path in their bytes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from python_env.base.documents import sha256_hex

_PREFIX = "python_env_build_"


@contextmanager
def build_folder(wheel: str) -> Iterator[Path]:
    """Give an empty folder, gone afterwards, whose path depends on the wheel's file name alone.

    It lies in the temporary folder, which a sandbox has for itself, not beside the output: above that one a backend
    may find a `.gitignore` or a repository of the user. Where builds share the temporary folder, one of the same wheel
    waits for the other. Where the place cannot be had, because it is another user's, the folder has a random name.
    """
    place = Path(tempfile.gettempdir()).resolve() / f"{_PREFIX}{sha256_hex(wheel.encode())[:16]}"
    try:
        handle = _held(place)
    except (ImportError, OSError):
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
            yield Path(folder).resolve()
        return
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(handle)


def _held(place: Path) -> int:
    """Return a handle that holds the lock of the folder, made and empty; raises OSError where it is not our own."""
    import fcntl  # Windows has none

    while True:
        with suppress(FileExistsError):
            place.mkdir(mode=0o700)
        try:
            handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:  # its owner removed it just now
            continue
        try:
            if os.fstat(handle).st_uid != os.getuid():  # asked before the wait, which would be as long as it likes
                raise PermissionError(f"{place} is another user's")
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_at(handle, place):
                _empty(place)
                return handle
        except OSError:
            os.close(handle)
            raise
        os.close(handle)


def _is_at(handle: int, place: Path) -> bool:
    """Return whether the folder is still at its place: while this build waited, its owner may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), place.lstat())
    except FileNotFoundError:
        return False


def _empty(place: Path) -> None:
    """Remove what a killed build left."""
    for each in place.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
