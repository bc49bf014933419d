"""Runs spark-submit with exactly the options of a launcher rendering, and reads what the example job says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_env.launcher.rules import complete
from support.hadoop.cluster import java_home

TIMES: list[tuple[str, float]] = []
"""Name and seconds of every application that was run, for the table at the end."""

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
    """A finished spark-submit."""

    code: int
    seconds: float
    output: str
    application: str

    def result(self) -> dict[str, Any]:
        """Return what the example job printed."""
        match = re.search(r"TRAINING (\{.*\})", self.output)
        assert match, self.output[-6000:]
        found: dict[str, Any] = json.loads(match[1])
        return found


def rendered_options(rendering: Path, *, uri: str, driver_python: str, master: str = "") -> list[str]:
    """Return the arguments of a spark-submit argument file with its placeholders filled."""
    text = complete(rendering.read_text(), uri=uri, driver_python=driver_python, master=master)
    return text.splitlines()


def spark_submit(
    home: Path, options: Sequence[str], words: Sequence[str], *, environment: Mapping[str, str], folder: Path
) -> Done:
    """Run one application; the environment holds nothing but what a bare machine has and what is given."""
    machine = [f"--conf={key}={value}" for key, value in MACHINE.items()]
    jars = f"--conf=spark.yarn.jars=local:{home}/jars/*"
    base = {key: os.environ[key] for key in ("HOME", "LANG", "TMPDIR") if key in os.environ}
    path = "/usr/local/bin:/usr/bin:/bin"
    started = time.monotonic()
    done = subprocess.run(
        [home / "bin/spark-submit", *machine, jars, *options, *words],
        env={**base, "PATH": path, "JAVA_HOME": str(java_home()), "SPARK_LOCAL_IP": "127.0.0.1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        timeout=300,
    )
    found = re.search(r"application_\d+_\d+", done.stdout)
    seconds = time.monotonic() - started
    return Done(code=done.returncode, seconds=seconds, output=done.stdout, application=found[0] if found else "")
