"""A refresh that is killed: the lock is the old one or the new one, never a part of one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

from python_env.lock.document import parse_lock
from support.bazel import ROOT, Workspace

KILLS = 20
LONGEST_SECONDS = 3.0


def test_the_lock_survives_twenty_kills(tmp_path: Path) -> None:
    """SIGKILL to the whole process group at random moments; no temporary file is taken for a lock."""
    Workspace(ROOT).bazel("build", "//examples/hello:hello.update")
    place = tmp_path / "examples/hello/hello.lock.json"
    place.parent.mkdir(parents=True)
    environment = {**os.environ, "BUILD_WORKSPACE_DIRECTORY": str(tmp_path)}
    moments = random.Random(1)
    finished = 0
    for _ in range(KILLS):
        place.write_text("{}\n")
        command = [ROOT / "bazel-bin/examples/hello/hello.update"]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(moments.uniform(0, LONGEST_SECONDS))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        data = place.read_bytes()
        if data != b"{}\n":
            finished += 1
            assert parse_lock(data, where="here", fix="none") is not None
    assert finished < KILLS, "no kill came before the end: the test proved nothing"
