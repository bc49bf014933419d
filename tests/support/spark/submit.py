"""Starts Spark drivers with exactly what a launcher rendering gives, and reads what the example job says."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.hadoop.cluster import java_home

TIMES: list[tuple[str, float]] = []
"""Name and seconds of every application that was run, for the table at the end."""

PATH = "/usr/local/bin:/usr/bin:/bin"
TIMEOUT_SECONDS = 300

MACHINE = {
    "spark.driver.memory": "512m",
    "spark.executor.memory": "512m",
    "spark.executor.instances": "2",
    "spark.executor.cores": "1",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.yarn.am.memory": "512m",
    "spark.yarn.report.interval": "200ms",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""What this machine needs of Spark; nothing of it says how Python is started."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A finished driver."""

    code: int
    seconds: float
    printed: str
    """The driver's own output."""
    logged: str
    """What Spark logged; kept apart, since the two tear each other's lines where they share a pipe."""

    @property
    def output(self) -> str:
        """Return both, for messages."""
        return f"{self.logged}\n{self.printed}"

    @property
    def application(self) -> str:
        """Return the id that YARN gave, or an empty string."""
        found = re.search(r"application_\d+_\d+", self.output)
        return found[0] if found else ""

    def result(self) -> dict[str, Any]:
        """Return what the example job printed."""
        match = re.search(r"TRAINING (\{.*\})", self.printed)
        assert match, self.output[-6000:]
        found: dict[str, Any] = json.loads(match[1])
        return found


def spark_submit(home: Path, words: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Done:
    """Run spark-submit with the options and the job that `words` holds."""
    machine = [f"--conf={key}={value}" for key, value in machine_conf(home).items()]
    command = [str(home / "bin/spark-submit"), *machine, *words]
    return run_driver(home, command, environment=environment, folder=folder)


def machine_conf(home: Path) -> dict[str, str]:
    """Return the properties that this machine needs; Spark's jars are not uploaded for every job."""
    return {**MACHINE, "spark.yarn.jars": f"local:{home}/jars/*"}


def run_driver(home: Path, command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Done:
    """Run one driver to its end; its environment holds nothing but what a bare machine has and what is given.

    What Spark keeps on disk, every executor's unpacked environment among it, goes when the driver ends.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="spark_") as scratch:
        return _run(command, environment={**_spark(home, Path(scratch)), **environment}, folder=folder)


def _spark(home: Path, scratch: Path) -> dict[str, str]:
    """Return the variables of a Spark that writes below `scratch` only; local-cluster writes to `$SPARK_HOME/work`."""
    own = scratch / "home"
    own.mkdir()
    for entry in home.iterdir():
        if entry.name != "work":
            (own / entry.name).symlink_to(entry)
    return {"SPARK_HOME": str(own), "SPARK_LOCAL_DIRS": str(scratch / "local")}


def _run(command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Done:
    base = {key: os.environ[key] for key in ("HOME", "LANG", "TMPDIR") if key in os.environ}
    spark = {"JAVA_HOME": str(java_home()), "SPARK_LOCAL_IP": "127.0.0.1"}
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**base, "PATH": PATH, **spark, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=folder,
        start_new_session=True,
    )
    printed, logged = _outputs(process)
    return Done(code=process.returncode, seconds=time.monotonic() - started, printed=printed, logged=logged)


def _outputs(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a process wrote until its end; one that hangs, or a test that is interrupted, leaves no child."""
    try:
        return process.communicate(timeout=TIMEOUT_SECONDS)
    except BaseException as error:
        os.killpg(process.pid, signal.SIGKILL)
        printed, logged = process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise AssertionError(f"no end after {TIMEOUT_SECONDS} s:\n{logged[-6000:]}\n{printed[-2000:]}") from error
        raise
