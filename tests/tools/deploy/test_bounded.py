"""Steps of a store that wait for a service: Ctrl-C and the time-out end them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from deploy.helpers import ORIGINAL, metadata, source, unique
from deploy.memory import MemoryStore

from python_env.deploy.retry import Policy, Retry
from python_env.deploy.stores.bounded import BoundedStore
from python_env.deploy.stores.protocol import Progress, Transient, Unreachable
from python_env.deploy.upload import Uploader
from support.deploying import TOOLS, make_artifact

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
        uploader.deploy(metadata(path.read_bytes(), original=ORIGINAL), path)
    assert store.ended.wait(HANGS)
    assert not store.files


@contextmanager
def silent_service() -> Iterator[tuple[int, threading.Event]]:
    """Give the port of a service that takes connections and says nothing, and whether somebody came."""
    came = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            kept = []
            while True:
                try:
                    kept.append(server.accept())
                except OSError:
                    return
                if kept[-1][0].recv(1):  # the client itself, and not only its look whether somebody listens
                    came.set()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], came


def start(folder: Path, to: str, *words: str, endpoint: str = "") -> subprocess.Popen[str]:
    """Start a dry run of a deploy."""
    artifact = make_artifact(folder, b"any")
    named: Sequence[str] = ("--to", to, "--attempts", "1", "--dry-run", *words)
    return subprocess.Popen(
        [sys.executable, "-m", "python_env", "deploy", "upload", *artifact.words, *named],
        env={
            **os.environ,
            **KEYS,
            "AWS_ENDPOINT_URL": endpoint,
            "PYTHONPATH": os.pathsep.join([str(TOOLS), *sys.path]),
        },
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("library", ["hdfs_native", "obstore"])
def test_a_silent_service_is_left_at_once(library: str, tmp_path: Path) -> None:
    """Ctrl-C ends the command while the client waits in Rust, where Python sees no signal."""
    pytest.importorskip(library)
    with silent_service() as (port, came):
        to = f"hdfs://127.0.0.1:{port}/a" if library == "hdfs_native" else "s3://bucket/a"
        process = start(tmp_path, to, endpoint=f"http://127.0.0.1:{port}")
        assert came.wait(HANGS)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=HANGS)[1]
    assert process.returncode == 130, said
    assert "Traceback" not in said


@pytest.mark.parametrize("library", ["hdfs_native", "obstore"])
def test_the_time_out_holds(library: str, tmp_path: Path) -> None:
    """The clients' own tries, of minutes, do not outlast it."""
    pytest.importorskip(library)
    with silent_service() as (port, _came):
        to = f"hdfs://127.0.0.1:{port}/a" if library == "hdfs_native" else "s3://bucket/a"
        process = start(tmp_path, to, "--timeout", "1", endpoint=f"http://127.0.0.1:{port}")
        said = process.communicate(timeout=HANGS)[1]
    assert process.returncode == 2, said
    assert "error: no answer for 1 s" in said
    assert "fix:   see that the service runs" in said


def test_a_namenode_that_is_not_there_is_told_before_the_client_tries(tmp_path: Path) -> None:
    """hdfs-native alone would try it for three minutes."""
    pytest.importorskip("hdfs_native")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    process = start(tmp_path, f"hdfs://127.0.0.1:{port}/a")
    said = process.communicate(timeout=HANGS)[1]
    assert process.returncode == 2, said
    assert f"no NameNode listens at 127.0.0.1:{port}" in said
