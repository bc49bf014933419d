"""A folder of this machine, or of a file system that is mounted on it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat as modes
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from python_env.base.documents import sha256_hex
from python_env.deploy.stores.protocol import (
    PIECE,
    AlreadyThere,
    Changed,
    Denied,
    Document,
    Full,
    Missing,
    NoFile,
    Progress,
    Stat,
    StoreFault,
    Transient,
)

_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
_LOCK = ".lock"
_TRANSIENT = (errno.EINTR, errno.EAGAIN, errno.ETIMEDOUT, errno.ECONNRESET, errno.EIO, errno.ESTALE)
_NO_FILE = (errno.ELOOP, errno.EISDIR, errno.ENXIO)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def told_apart() -> Iterator[None]:
    """Raise the store's faults for the system's errors."""
    try:
        yield
    except FileExistsError as error:
        raise AlreadyThere(str(error)) from error
    except FileNotFoundError as error:
        raise Missing(str(error)) from error
    except PermissionError as error:
        raise Denied(str(error)) from error
    except OSError as error:
        kinds = {Full: _FULL, Transient: _TRANSIENT, NoFile: _NO_FILE}
        kind = next((each for each, numbers in kinds.items() if error.errno in numbers), StoreFault)
        raise kind(str(error)) from error


class LocalStore:
    """Files of a folder; a name is given by a hard link, which never replaces a file (POSIX link)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stat(self, path: str) -> Stat | None:
        """Return what is known of a file, or None."""
        with told_apart(), contextlib.suppress(FileNotFoundError):
            found = (self._folder / path).stat()
            return Stat(path=path, size=found.st_size, modified=found.st_mtime)
        return None

    def sha256(self, path: str, progress: Progress) -> str:
        """Read a file back."""
        digest = hashlib.sha256()
        with told_apart(), (self._folder / path).open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                progress(len(piece))
        return digest.hexdigest()

    def put(self, source: Path, path: str, progress: Progress) -> None:
        """Copy a file and wait until the disk has it."""
        with told_apart(), source.open("rb") as read, self._new(path) as target:
            while piece := read.read(PIECE):
                _write(target, piece)
                progress(len(piece))
            os.fsync(target)

    def publish(self, temporary: str, path: str, source: Path) -> None:
        """Link the file to its name, then drop the temporary one."""
        with told_apart():
            os.link(self._folder / temporary, self._folder / path)
            (self._folder / temporary).unlink(missing_ok=True)
            self._sync((self._folder / path).parent)

    def create(self, path: str, data: bytes) -> None:
        """Write a small file beside its name and link it there."""
        temporary = self._written(path, data)
        try:
            with told_apart():
                os.link(temporary, self._folder / path)
                self._sync(temporary.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def read(self, path: str) -> Document | None:
        """Return a small file; its version is its digest."""
        with told_apart(), contextlib.suppress(FileNotFoundError):
            if not modes.S_ISREG((self._folder / path).stat().st_mode):
                raise NoFile(f"{self._folder / path} is no file")  # a pipe would be waited for
            data = (self._folder / path).read_bytes()
            return Document(data=data, version=sha256_hex(data))
        return None

    def replace(self, path: str, data: bytes, version: str) -> None:
        """Compare and replace under a lock of the folder, which the system takes back from a process that dies."""
        temporary = self._written(path, data)
        try:
            with told_apart(), self._locked((self._folder / path).parent):
                found = self.read(path)
                if found is None or found.version != version:
                    raise Changed(path)
                temporary.replace(self._folder / path)
                self._sync(temporary.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def list(self, folder: str) -> Sequence[Stat]:
        """Return the files of the place or below a folder, without the locks."""
        root = self._folder / folder
        with told_apart():
            paths = root.rglob("*") if folder else root.glob("*")
            names = (path.relative_to(self._folder).as_posix() for path in paths if path.name != _LOCK)
            found = (self.stat(name) for name in sorted(names) if not (self._folder / name).is_dir())
            return [stat for stat in found if stat is not None]

    def delete(self, path: str) -> None:
        """Remove a file."""
        with told_apart():
            (self._folder / path).unlink(missing_ok=True)

    def sharing_warnings(self, path: str) -> Sequence[str]:
        """Name the file when others may not read it, and each folder above that they may not pass."""
        file = (self._folder / path).absolute()
        with told_apart():
            unread = [] if file.stat().st_mode & modes.S_IROTH else [f"others may not read {file} (o+r)"]
            closed = [folder for folder in file.parents if not folder.stat().st_mode & modes.S_IXOTH]
        return [*unread, *(f"others may not enter {folder} (o+x)" for folder in closed)]

    @contextlib.contextmanager
    def _new(self, path: str) -> Iterator[int]:
        file = self._folder / path
        self._make(file.parent)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
        try:
            os.fchmod(handle, _FILE_MODE)  # whatever the umask
            yield handle
        finally:
            os.close(handle)

    def _written(self, path: str, data: bytes) -> Path:
        folder, _, name = path.rpartition("/")
        name = f"{folder}/.{name}.{uuid.uuid4().hex}.part".lstrip("/")
        try:
            with told_apart(), self._new(name) as target:
                _write(target, data)
                os.fsync(target)
        except BaseException:
            (self._folder / name).unlink(missing_ok=True)
            raise
        return self._folder / name

    def _make(self, folder: Path) -> None:
        """Make a folder that others may enter; one that exists keeps its mode."""
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            with contextlib.suppress(FileExistsError):
                each.mkdir()
                each.chmod(_FOLDER_MODE)

    @contextlib.contextmanager
    def _locked(self, folder: Path) -> Iterator[None]:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, _FILE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _sync(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write(target: int, data: bytes) -> None:
    """Write all of it: write(2) may take a part, as on a disk that is nearly full, and say so by its number alone."""
    written = 0
    while written < len(data):
        written += os.write(target, data[written:])
