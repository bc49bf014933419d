"""A real client and server of Spark Connect, in one process: connect.py alone makes the workers run the artifact."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from python_env.launcher.rules import complete
from support.spark.install import pyspark_home
from support.spark.submit import run_driver

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


@pytest.mark.parametrize(("kind", "file"), [("venv", "hello.venv.tar.gz"), ("pex", "hello.pex")])
def test_workers_of_a_session_run_the_artifact(built: Path, client: Path, tmp_path: Path, kind: str, file: str) -> None:
    """Their Python and numpy are the artifact's; the server was told nothing of it."""
    folder = built / "examples/hello"
    text = (folder / "hello.launcher" / kind / "connect/connect.py").read_text()
    text = complete(text.replace("sc://{master}", "local[2]"), uri=str((folder / file).resolve()))
    (tmp_path / "app.py").write_text(text + JOB)
    home = pyspark_home(VERSION)
    root = tmp_path / "pex"
    environment = {"PYTHONPATH": str(home.parent), "PEX_ROOT": str(root)}  # as a server's own environment has it
    done = run_driver(home, [str(client), "app.py"], environment=environment, folder=tmp_path)
    said = [line for line in done.printed.splitlines() if line.startswith("WHERE ")]
    assert done.code == 0 and said, done.output[-6000:]
    cwd, prefix, numpy = json.loads(said[0].removeprefix("WHERE "))
    assert numpy.startswith(prefix + "/")
    assert prefix == f"{cwd}/pyenv" if kind == "venv" else prefix.startswith(f"{root}/")
