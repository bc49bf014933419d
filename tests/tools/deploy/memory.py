"""A store in memory that faults at chosen steps, before or after the step was done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from python_env.deploy.stores.protocol import AlreadyThere, Changed, Document, Missing, Progress, Stat


class Killed(BaseException):
    """The process ended there: no handler of ours runs after it, since the store refuses everything."""


@dataclass
class MemoryStore:
    """Files by path; every call asks `fault` first and after, which may raise, or let another client run."""

    files: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    now: float = 1e9
    fault: Callable[[str, str], None] = lambda _step, _when: None
    steps: list[str] = field(default_factory=list)
    warnings: Sequence[str] = ()

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.steps.append(name)
        self.fault(name, "before")
        yield
        self.fault(name, "after")

    def _write(self, path: str, data: bytes) -> None:
        self.now += 1
        self.files[path] = data
        self.times[path] = self.now

    def stat(self, path: str) -> Stat | None:
        """Return what is known of a file."""
        with self._step(f"stat {path}"):
            if path not in self.files:
                return None
            return Stat(path=path, size=len(self.files[path]), modified=self.times[path])

    def sha256(self, path: str, progress: Progress) -> str:
        """Read back."""
        with self._step(f"sha256 {path}"):
            if path not in self.files:
                raise Missing(path)
            return hashlib.sha256(self.files[path]).hexdigest()

    def put(self, source: Path, path: str, progress: Progress) -> None:
        """Write in two halves, so that a fault between leaves a part."""
        data = source.read_bytes()
        with self._step(f"put {path}"):
            self._write(path, data[: len(data) // 2])
            self.fault(f"put {path}", "midst")
            self._write(path, data)
            progress(len(data))

    def publish(self, temporary: str, path: str, source: Path) -> None:
        """Rename without overwrite."""
        with self._step(f"publish {path}"):
            if path in self.files:
                raise AlreadyThere(path)
            if temporary not in self.files:
                raise Missing(temporary)
            self._write(path, self.files.pop(temporary))

    def create(self, path: str, data: bytes) -> None:
        """Write without overwrite."""
        with self._step(f"create {path}"):
            if path in self.files:
                raise AlreadyThere(path)
            self._write(path, data)

    def read(self, path: str) -> Document | None:
        """Return a file and its version."""
        with self._step(f"read {path}"):
            data = self.files.get(path)
            return None if data is None else Document(data=data, version=str(self.times[path]))

    def replace(self, path: str, data: bytes, version: str) -> None:
        """Compare and swap."""
        with self._step(f"replace {path}"):
            if path not in self.files or str(self.times[path]) != version:
                raise Changed(path)
            self._write(path, data)

    def list(self, folder: str) -> Sequence[Stat]:
        """Return the files of the place or below a folder."""
        with self._step(f"list {folder}"):
            paths = [path for path in self.files if (path.startswith(f"{folder}/") if folder else "/" not in path)]
            return [Stat(path=p, size=len(self.files[p]), modified=self.times[p]) for p in sorted(paths)]

    def delete(self, path: str) -> None:
        """Remove a file."""
        with self._step(f"delete {path}"):
            self.files.pop(path, None)
            self.times.pop(path, None)

    def sharing_warnings(self, path: str) -> Sequence[str]:
        """Return what was set."""
        return self.warnings
