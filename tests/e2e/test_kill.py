"""A refresh that is killed: the lock is the old one or the new one, never a part of one."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.bazel import ROOT, Workspace

KILLS = 20
STALE = "idna==3.10"
"""A pin that is older than what `--upgrade` takes."""


class Refresh:
    """`:hello.update` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.lock = folder / "examples/hello/hello.lock.json"
        self.lock.parent.mkdir(parents=True)
        self.environment = {**os.environ, "BUILD_WORKSPACE_DIRECTORY": str(folder)}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start it in a process group of its own."""
        return subprocess.Popen(
            [ROOT / "bazel-bin/examples/hello/hello.update", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def result(self, *words: str) -> bytes:
        """Run it to its end and return the lock."""
        process = self.start(*words)
        said, _ = process.communicate()
        assert process.returncode == 0, said
        return self.lock.read_bytes()

    def killed_after(self, seconds: float, words: Sequence[str]) -> int:
        """Kill the whole group after a time; return the exit code, which is 0 where it was finished before."""
        process = self.start(*words)
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), said
        return process.returncode


@pytest.fixture(scope="module")
def refresh(tmp_path_factory: pytest.TempPathFactory) -> Refresh:
    """Return the built command beside a copy of the lock."""
    Workspace(ROOT).bazel("build", "//examples/hello:hello.update")
    made = Refresh(tmp_path_factory.mktemp("killed"))
    made.lock.write_bytes((ROOT / "examples/hello/hello.lock.json").read_bytes())
    return made


def test_the_lock_survives_twenty_kills(refresh: Refresh) -> None:
    """SIGKILL to the whole group, from the start to beyond the end: the bytes are those of before or of a whole run."""
    old = refresh.result("--upgrade-package", STALE)
    start = time.monotonic()
    new = refresh.result("--upgrade")
    whole = time.monotonic() - start
    assert old != new
    codes = []
    for number in range(KILLS):
        refresh.lock.write_bytes(old)
        codes.append(refresh.killed_after(1.2 * whole * number / (KILLS - 1), ["--upgrade"]))
        assert refresh.lock.read_bytes() in ((old, new) if codes[-1] else (new,))
    assert codes.count(-signal.SIGKILL) >= KILLS // 4, "too few kills came before the end: the test proved nothing"
    refresh.lock.write_bytes(old)
    assert refresh.result("--upgrade") == new
    assert [each.name for each in refresh.lock.parent.glob("*.lock.json")] == [refresh.lock.name]
    assert all(each == refresh.lock or each.name.startswith(".") for each in refresh.lock.parent.iterdir())
