"""A real standalone master with one worker."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from support.hadoop.cluster import free_ports, java_home

_WAIT_SECONDS = 60


def _alive(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/", timeout=2) as response:
            return bool(json.load(response)["aliveworkers"])
    except (OSError, ValueError, KeyError):
        return False


@contextlib.contextmanager
def standalone(home: Path, folder: Path) -> Iterator[str]:
    """Give `host:port` of a master whose worker is registered, and stop both in every case."""
    port, ui, worker_port, worker_ui = free_ports(4)
    base = {key: os.environ[key] for key in ("HOME", "LANG") if key in os.environ}
    options = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
    environment = {
        **base,
        "JAVA_HOME": str(java_home()),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "SPARK_DAEMON_JAVA_OPTS": options,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
    }
    package = "org.apache.spark.deploy"
    here = ["--host", "127.0.0.1"]
    commands = [
        [f"{package}.master.Master", *here, "--port", str(port), "--webui-port", str(ui)],
        [
            *(f"{package}.worker.Worker", *here, "--port", str(worker_port), "--webui-port", str(worker_ui)),
            *("-c", "2", "-m", "2g", "-d", str(folder / "work"), f"spark://127.0.0.1:{port}"),
        ],
    ]
    processes = []
    try:
        with (folder / "standalone.log").open("wb") as log:
            for command in commands:
                words = [str(home / "bin/spark-class"), *command]
                processes.append(
                    subprocess.Popen(words, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
                )
        end = time.monotonic() + _WAIT_SECONDS
        while not _alive(ui):
            assert time.monotonic() < end, (folder / "standalone.log").read_text()[-3000:]
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        for process in processes:
            process.kill()
            process.wait()
        for name in ("work", "local"):  # an unpacked environment per executor
            shutil.rmtree(folder / name, ignore_errors=True)
