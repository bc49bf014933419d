"""examples/training: what it builds holds and runs what it promises."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

IMPORTS = "import matplotlib, mlflow, numpy, pandas, pyarrow, requests, sklearn, training_job.job, xgboost"
PATH = "/usr/local/bin:/usr/bin:/bin"


def artifact(name: str) -> Path:
    """Return the place of a built file."""
    return Path(os.environ[name]).absolute()


def test_the_pex_is_the_locked_closure() -> None:
    """What lies inside and what PEX-INFO names are the lock's files of the platform that was built."""
    with zipfile.ZipFile(artifact("PEX")) as pex:
        inside = {name.removeprefix(".deps/") for name in pex.namelist() if name.startswith(".deps/")}
        info = json.loads(pex.read("PEX-INFO"))
    platform = json.loads(artifact("LAUNCHER").read_text())["platform"]
    lock = json.loads(artifact("LOCK").read_text())
    locked = {package["file"] for package in lock["platforms"][platform]["packages"]}
    assert inside == set(info["distributions"]) == locked
    assert info["distributions"] == {file: lock["files"][file]["sha256"] for file in locked}


def test_the_pex_runs(tmp_path: Path) -> None:
    """Everything that was asked for is imported, with the example's own package."""
    code = f"{IMPORTS}; print(xgboost.__version__)"
    environment = {"PATH": PATH, "PEX_ROOT": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run([artifact("PEX"), "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the unpacked tarball."""
    place = tmp_path_factory.mktemp("venv")
    subprocess.run(["tar", "-xzf", artifact("VENV"), "-C", place], check=True)
    return place


def test_the_venv_runs(venv: Path, tmp_path: Path) -> None:
    """Everything that was asked for is imported, isolated, and a console script answers."""
    environment = {"PATH": PATH, "HOME": str(tmp_path)}
    code = f"{IMPORTS}; import sys; print(sys.prefix)"
    command = [venv / "bin/python", "-I", "-B", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout.strip()) == (0, str(venv)), done.stderr
    script = [venv / "bin/jupyter-lab", "--version"]
    assert subprocess.run(script, capture_output=True, text=True, check=True, env=environment).stdout[0].isdigit()


def test_the_venv_has_no_way_out() -> None:
    """No link and no name leaves the archive."""
    with tarfile.open(artifact("VENV")) as archive:
        for member in archive:
            assert not member.name.startswith("/") and ".." not in member.name.split("/")
            assert not member.issym() or "/" not in member.linkname


def test_the_launcher_names_both_artifacts() -> None:
    """Fourteen launches: two artifacts, seven combinations."""
    manifest = json.loads(artifact("LAUNCHER").read_text())
    assert {launch["artifact"] for launch in manifest["launches"]} == {"pex", "venv"}
    assert len(manifest["launches"]) == 14
