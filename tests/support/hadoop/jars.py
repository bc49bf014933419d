"""Hadoop's jars, fetched once by Maven into the tests' cache."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.cache import cache_of_the_tests

POM = Path(__file__).with_name("pom.xml")


def hadoop_jars(version: str) -> Path:
    """Return the folder with the jars of one Hadoop version; takes about 45 s the first time."""
    folder = cache_of_the_tests() / f"hadoop-{version}"
    done = folder / ".done"
    if not done.exists():
        command = ["mvn", "-q", "-B", "-f", str(POM), f"-Dhadoop.version={version}", "dependency:copy-dependencies"]
        subprocess.run([*command, "-DincludeScope=runtime", f"-DoutputDirectory={folder}"], check=True)
        done.touch()
    return folder
