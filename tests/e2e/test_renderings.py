"""Renderings read by those that they are for: Skein's own parser."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from python_env.artifacts.model import Report
from python_env.launcher.renderings.dask_yarn import render_dask
from python_env.launcher.renderings.skein import render_skein
from support import reports
from support.filling import filled

SKEIN = "0.8.2"
VENV = replace(reports.VENV, name="training", distributions={})
PEX = replace(reports.PEX, name=VENV.name, distributions={})
READ = """
import json, skein, sys
print(json.dumps(skein.ApplicationSpec.from_yaml(sys.stdin.read()).to_dict()))
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a venv with skein."""
    venv = tmp_path_factory.mktemp("skein")
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin/pip", "install", "-q", "--disable-pip-version-check", f"skein=={SKEIN}"], check=True)
    return venv / "bin/python"


@pytest.mark.parametrize(
    ("artifact", "split", "files"),
    [
        (VENV, False, {"pyenv": "ARCHIVE"}),
        (VENV, True, {"pyenv": "ARCHIVE", "pycode": "ARCHIVE"}),
        (PEX, False, {"a.pex": "FILE"}),
    ],
)
def test_skein_reads_our_specification(reader: Path, artifact: Report, split: bool, files: dict[str, str]) -> None:
    """It refuses keys that it does not know; what it read is what was meant."""
    text = filled(render_skein(artifact, split=split), uri=f"hdfs:///e/{artifact.file}", code_uri="hdfs:///e/c.tar.gz")
    done = subprocess.run([reader, "-c", READ], input=text, capture_output=True, text=True, check=True)
    specification: dict[str, Any] = json.loads(done.stdout)
    master = specification["master"]
    assert specification["name"] == "training"
    assert {name: file["type"] for name, file in master["files"].items()} == files
    assert master["script"].endswith(" {command}") and master["script"].startswith(f"./{next(iter(files))}")


def test_skein_reads_our_dask_cluster(reader: Path) -> None:
    """Scheduler and workers, as YarnCluster.from_specification wants them."""
    text = filled(render_dask(VENV), uri="hdfs:///e/a.venv.tar.gz")
    done = subprocess.run([reader, "-c", READ], input=text, capture_output=True, text=True, check=True)
    services: dict[str, Any] = json.loads(done.stdout)["services"]
    assert list(services) == ["dask.scheduler", "dask.worker"]
    assert services["dask.worker"]["depends"] == ["dask.scheduler"]
    assert {file["type"] for service in services.values() for file in service["files"].values()} == {"ARCHIVE"}
