"""Steps of a store that wait for a service: Ctrl-C and the time-out end them."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from deploy.helpers import ORIGINAL, metadata, source, unique
from deploy.memory import MemoryStore

from python_env.deploy.retry import Policy, Retry
from python_env.deploy.stores.bounded import BoundedStore
from python_env.deploy.stores.protocol import Progress, Transient, Unreachable
from python_env.deploy.upload import Uploader

HANGS = 60
"""Seconds after which a test has failed: far more than a command needs that is interrupted."""
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_REGION": "us-east-1"}


class Slow(MemoryStore):
    """A store whose writes begin, and end when they are let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on, self.ended = threading.Event(), threading.Event(), threading.Event()

    def put(self, source: Path, path: str, progress: Progress) -> None:
        """Write a part, wait, tell of it, write the rest."""
        self._write(path, b"part")
        self.begun.set()
        try:
            self.go_on.wait(HANGS)
            progress(4)
            self._write(path, source.read_bytes())
        finally:
            self.ended.set()


def test_a_step_that_says_nothing_is_transient() -> None:
    """It is tried again like a reset; the service runs elsewhere, so that the remedy is another."""
    store = MemoryStore(fault=lambda _step, _when: threading.Event().wait(HANGS) and None)
    with pytest.raises(Unreachable, match="no answer for"):
        BoundedStore(store, seconds=0.01).stat("a")
    assert issubclass(Unreachable, Transient)


def test_progress_is_a_sign_of_life(tmp_path: Path) -> None:
    """A long upload is no silent one."""

    class Long(MemoryStore):
        def put(self, source: Path, path: str, progress: Progress) -> None:
            for _ in range(6):
                threading.Event().wait(0.2)
                progress(1)

    told: list[int] = []
    BoundedStore(Long(), seconds=0.8).put(tmp_path, "a", told.append)
    assert told == [1] * 6


def test_what_a_step_raises_is_raised() -> None:
    """Faults and bugs come through from the other thread."""

    def fault(_step: str, _when: str) -> None:
        raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        BoundedStore(MemoryStore(fault=fault), seconds=HANGS).list("")


def test_ctrl_c_in_an_upload_stops_it_and_removes_its_part(tmp_path: Path) -> None:
    """The thread that wrote writes no more once its file was removed."""
    store, path = Slow(), source(tmp_path, b"whole file")

    def interrupt() -> None:
        store.begun.wait(HANGS)
        os.kill(os.getpid(), signal.SIGINT)
        store.go_on.set()

    threading.Thread(target=interrupt).start()
    uploader = Uploader(
        store=BoundedStore(store, seconds=HANGS),
        retry=Retry(policy=Policy(attempts=1)),
        unique=unique,
        uri=str,
        progress=lambda _count: None,
    )
    with pytest.raises(KeyboardInterrupt):
        uploader.send(metadata(path.read_bytes(), original=ORIGINAL), path)
    assert store.ended.wait(HANGS)
    assert not store.files
