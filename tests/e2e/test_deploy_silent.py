"""A service that takes connections and says nothing, or is not there: the clients of HDFS and S3 wait in Rust."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.deploying import Command, make_artifact

HANGS = 60
"""Seconds after which a test has failed: far more than a command needs that is interrupted."""
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_REGION": "us-east-1"}


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
    place = Command(to, {**KEYS, "AWS_ENDPOINT_URL": endpoint})
    return place.start("upload", *artifact.words, "--attempts", "1", "--dry-run", *words)


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
