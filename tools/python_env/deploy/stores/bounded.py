"""Store steps that Ctrl-C ends, and a time in which nothing comes.

The clients of HDFS and of object stores wait in Rust, where Python handles no signal
(https://docs.python.org/3/library/signal.html#execution-of-python-signal-handlers) and where they try again by
themselves for minutes. So a step runs in a thread of its own, which the process does not wait for at its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Generic, TypeVar

from python_env.deploy.background import LOOK, begun
from python_env.deploy.stores.protocol import Document, Progress, Stat, Store, Unreachable

_Result = TypeVar("_Result")

PATIENCE = 240.0
"""Seconds: longer than the clients' own tries (180), whose errors say more."""
_FAREWELL = 1.0
"""Seconds after Ctrl-C for a step to stop, and for each of those that clear away what it left."""


class _Abandoned(Exception):
    """Nobody waits for this step any more."""


def _silent(_count: int) -> None:
    pass


class _Call(Generic[_Result]):
    """A step that was begun in a thread; the progress that it tells is a sign of life."""

    def __init__(self, step: Callable[[Progress], _Result], progress: Progress) -> None:
        self._progress = progress
        self._seen, self._left = time.monotonic(), False
        self._future: Future[_Result] = begun(lambda: step(self._alive))

    def _alive(self, count: int) -> None:
        if self._left:
            raise _Abandoned
        self._seen = time.monotonic()
        self._progress(count)

    def result(self, seconds: float) -> _Result:
        """Return what the step returns, or raise it."""
        while not wait([self._future], timeout=min(LOOK, seconds)).done:
            if time.monotonic() - self._seen > seconds:
                self._left = True
                raise Unreachable(f"no answer for {seconds:g} s")
        return self._future.result()

    def leave(self) -> None:
        """Let the step end at its next progress, and wait a moment for that."""
        self._left = True
        wait([self._future], timeout=_FAREWELL)


def bounded(step: Callable[[Progress], _Result], *, seconds: float, progress: Progress = _silent) -> _Result:
    """Return what a step returns, which tells its progress by its argument.

    Raises what it raises, Unreachable when it tells nothing for so many seconds, and KeyboardInterrupt at once.
    """
    call = _Call(step, progress)
    try:
        return call.result(seconds)
    except KeyboardInterrupt:
        call.leave()
        raise


class BoundedStore:
    """A store whose steps raise Unreachable (which is Transient) when nothing comes, and KeyboardInterrupt at once."""

    def __init__(self, store: Store, *, seconds: float) -> None:
        self._store, self._seconds = store, seconds

    def stat(self, path: str) -> Stat | None:
        """See Store."""
        return self._bounded(lambda _alive: self._store.stat(path))

    def sha256(self, path: str, progress: Progress) -> str:
        """See Store."""
        return self._bounded(lambda alive: self._store.sha256(path, alive), progress)

    def put(self, source: Path, path: str, progress: Progress) -> None:
        """See Store."""
        self._bounded(lambda alive: self._store.put(source, path, alive), progress)

    def publish(self, temporary: str, path: str, source: Path) -> None:
        """See Store."""
        self._bounded(lambda _alive: self._store.publish(temporary, path, source))

    def create(self, path: str, data: bytes) -> None:
        """See Store."""
        self._bounded(lambda _alive: self._store.create(path, data))

    def read(self, path: str) -> Document | None:
        """See Store."""
        return self._bounded(lambda _alive: self._store.read(path))

    def replace(self, path: str, data: bytes, version: str) -> None:
        """See Store."""
        self._bounded(lambda _alive: self._store.replace(path, data, version))

    def list(self, folder: str) -> Sequence[Stat]:
        """See Store."""
        return self._bounded(lambda _alive: self._store.list(folder))

    def delete(self, path: str) -> None:
        """See Store."""
        self._bounded(lambda _alive: self._store.delete(path))

    def sharing_warnings(self, path: str) -> Sequence[str]:
        """See Store."""
        return self._bounded(lambda _alive: self._store.sharing_warnings(path))

    def _bounded(self, step: Callable[[Progress], _Result], progress: Progress = _silent) -> _Result:
        try:
            return bounded(step, seconds=self._seconds, progress=progress)
        except KeyboardInterrupt:  # what clears away comes now, at a service that may be dead
            self._seconds = min(self._seconds, _FAREWELL)
            raise
