"""A real client and server of Spark Connect, in one process: connect.py alone makes the workers run the artifact."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.filling import filled
from support.spark.changed_pex import changed_pex
from support.spark.install import pyspark_home
from support.spark.submit import Done, run_driver

VERSION = "4.3.0"
CLIENT = ("pandas", "pyarrow", "grpcio", "grpcio-status", "googleapis-common-protos", "zstandard")
"""What pyspark[connect] asks for."""

JOB = """
from pyspark.sql.functions import udf
spark.conf.set("spark.sql.execution.pythonUDF.arrow.enabled", "false")
@udf("string")
def where(number):
    import json, numpy, os, sys
    return json.dumps([os.getcwd(), sys.prefix, numpy.__file__])
print("WHERE", spark.range(1).select(where("id")).collect()[0][0])
spark.stop()
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a venv with what a client needs beside pyspark."""
    venv = tmp_path_factory.mktemp("connect")
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin/pip", "install", "-q", "--disable-pip-version-check", *CLIENT], check=True)
    return venv / "bin/python"


def start(launch: Path, client: Path, folder: Path, uri: Path, job: str) -> Done:
    """Run a job behind connect.py, as a client whose server is in the same process."""
    text = filled((launch / "connect/connect.py").read_text().replace("sc://{master}", "local[2]"), uri=str(uri))
    (folder / "app.py").write_text(text + job)
    home = pyspark_home(VERSION)
    # as a server's own environment has it
    environment = {"PYTHONPATH": str(home.parent), "PEX_ROOT": str(folder / "pex")}
    return run_driver(home, [str(client), "app.py"], environment=environment, folder=folder)


@pytest.mark.parametrize(("kind", "file"), [("venv", "hello.venv.tar.gz"), ("pex", "hello.pex")])
def test_workers_of_a_session_run_the_artifact(built: Path, client: Path, tmp_path: Path, kind: str, file: str) -> None:
    """Their Python and numpy are the artifact's; the server was told nothing of it."""
    folder = built / "examples/hello"
    done = start(folder / "hello.launcher" / kind, client, tmp_path, (folder / file).resolve(), JOB)
    said = [line for line in done.printed.splitlines() if line.startswith("WHERE ")]
    assert done.code == 0 and said, done.output[-6000:]
    cwd, prefix, numpy = json.loads(said[0].removeprefix("WHERE "))
    assert numpy.startswith(prefix + "/")
    assert prefix == f"{cwd}/pyenv" if kind == "venv" else prefix.startswith(f"{tmp_path}/pex/")


def test_an_entry_point_runs_instead_of_the_worker(built: Path, client: Path, tmp_path: Path) -> None:
    """Why such a PEX is refused: no property of a session gives its workers PEX_INTERPRETER."""
    folder = built / "examples/hello"
    pex = changed_pex(folder / "hello.pex", tmp_path / "changed.pex", entry_point="json.tool")
    done = start(folder / "hello.launcher/pex", client, tmp_path, pex, JOB)
    assert done.code != 0 and "json.tool: error: argument infile" in done.output, done.output[-6000:]


CODE = """
from pyspark.sql.functions import udf
spark.conf.set("spark.sql.execution.pythonUDF.arrow.enabled", "false")
spark.addArtifact({code!r} + "#pycode", archive=True)
try:
    spark.conf.set("spark.executorEnv.PYTHONPATH", "./pycode")
except Exception as error:
    print("CONF", error)
@udf("string")
def lies(number):
    import os
    return str(os.path.isdir("pycode/shipped"))
@udf("string")
def imported(number):
    import shipped
    return shipped.__file__
print("LIES", spark.range(1).select(lies("id")).collect()[0][0], flush=True)
print("IMPORTED", spark.range(1).select(imported("id")).collect()[0][0])
"""


def test_a_session_sets_no_variable_of_its_workers(built: Path, client: Path, tmp_path: Path) -> None:
    """Why code apart is refused: it lies beside the environment, and is not on sys.path."""
    folder = built / "examples/hello"
    job = CODE.format(code=str((built / "tests/e2e/split/hello.code.tar.gz").resolve()))
    done = start(folder / "hello.launcher/venv", client, tmp_path, (folder / "hello.venv.tar.gz").resolve(), job)
    assert "LIES True" in done.printed, done.output[-6000:]
    assert done.code != 0 and "No module named 'shipped'" in done.output, done.output[-6000:]
