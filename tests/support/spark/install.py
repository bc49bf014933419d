"""PySpark installations, made once in the tests' cache."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from support.cache import cache_of_the_tests


def pyspark_home(version: str) -> Path:
    """Return SPARK_HOME of one PySpark version, installed from the index that pip is configured with."""
    place = cache_of_the_tests() / f"pyspark-{version}"
    done = place / ".done"
    if not done.exists():
        shutil.rmtree(place, ignore_errors=True)
        python = shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or shutil.which("python3.11") or "python3"
        subprocess.run([python, "-m", "venv", place], check=True)
        subprocess.run([place / "bin/pip", "install", "-q", f"pyspark=={version}"], check=True)
        done.touch()
    return next(place.glob("lib/python*/site-packages/pyspark"))
