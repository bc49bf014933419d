"""The doctor's verdicts on real archives of other tools beside what a real Spark on local-cluster then does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from python_env.__main__ import main
from support.foreign_archives import install_peers, make_pex, pack_tree, pack_venv, small_cpython, write_probe
from support.spark.install import pyspark_home
from support.spark.submit import TIMES, Done, spark_submit

OLD, NEW = "3.5.6", "4.3.0"
JOB = """
from pyspark import SparkContext

def name(_):
    import probe
    return probe.__name__

print("IMPORTED", SparkContext().parallelize([0], 1).map(name).collect())
"""
CASES = {
    ("tree", NEW): "",
    ("tree", OLD): "error=13, Permission denied",
    ("venv-pack", NEW): "error=2, No such file or directory",
    ("pex", NEW): "No module named 'pyspark'",
    ("pex, fallback", OLD): "",
}
"""Archive and Spark to what Spark logs of a worker that does not start; empty for one that does."""


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return real archives by what they are; the interpreter that venv-pack's points at is on no node."""
    place = tmp_path_factory.mktemp("foreign")
    peers, cpython = install_peers(place / "peers"), small_cpython(place)
    (place / "whole").mkdir()
    _, zipped = pack_tree(cpython, place / "whole")
    (place / "own").mkdir()
    own = shutil.copytree(cpython, place / "own/python", symlinks=True)
    packed = pack_venv(peers, own, place / "own")
    shutil.rmtree(own)
    wheels = write_probe(place)
    return {
        "tree": zipped,
        "venv-pack": packed,
        "pex": make_pex(peers, wheels, place / "blind.pex"),
        "pex, fallback": make_pex(peers, wheels, place / "sees.pex", "--inherit-path=fallback"),
    }


def run_job(archive: Path, spark: str, folder: Path) -> Done:
    """Run a job whose worker, which the archive starts, imports what is in it."""
    is_pex = archive.suffix == ".pex"
    shipped = ["--files", str(archive)] if is_pex else ["--archives", f"{archive}#env"]
    python = f"./{archive.name}" if is_pex else "./env/bin/python"
    (folder / "job.py").write_text(JOB)
    done = spark_submit(
        pyspark_home(spark),
        ["--master", "local-cluster[1,1,512]", "--conf=spark.task.maxFailures=1", *shipped, str(folder / "job.py")],
        environment={"PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": "python3.11", "PEX_ROOT": str(folder / "pex")},
        folder=folder,
    )
    TIMES.append((f"Spark {spark}, local-cluster, {archive.name} of others", done.seconds))
    return done


@pytest.mark.parametrize(("name", "spark"), CASES)
def test_a_worker_starts_where_the_doctor_says_so(
    archives: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, spark: str
) -> None:
    """One verdict and one job for each archive: both say the same, the job for the reason that is known."""
    code = main(["doctor", "--json", "--master", "local-cluster", "--spark", spark, str(archives[name])])
    (verdict,) = json.loads(capfd.readouterr().out)["files"][0]["verdicts"]
    why = CASES[name, spark]
    assert verdict["runs"] == (code == 0) == (not why), verdict
    done = run_job(archives[name], spark, tmp_path)
    assert ("IMPORTED ['probe']" in done.printed) == verdict["runs"] and why in done.output, done.output[-4000:]
