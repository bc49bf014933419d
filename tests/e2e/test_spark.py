"""The example job on real Spark: local-cluster, standalone, and YARN with HDFS, by the manifest's options only."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.hadoop.cluster import HadoopCluster
from support.spark.install import pyspark_home
from support.spark.standalone import standalone
from support.spark.submit import TIMES, Done, rendered_options, spark_submit

ROOT = Path(__file__).parents[2]
SPARKS = ("3.5.6", "4.3.0")
KINDS = ("venv", "pex")
JOB = ROOT / "examples/training/src/training_job/job.py"
FILES = {"pex": "{env}.pex", "venv": "{env}.venv.tar.gz"}


def submit(built: Path, env: str, kind: str, combination: str, **places: object) -> Done:
    """Run the job of one environment by one rendering, and note its time."""
    rendering = built / f"examples/{env}/{env}.launcher/{kind}/{combination}/spark-submit.args"
    options = rendered_options(
        rendering,
        uri=str(places["uri"]),
        driver_python=str(places["driver"]),
        master=str(places.get("master", "")),
    )
    version, folder = str(places["version"]), Path(str(places["folder"]))
    environment = places.get("environment") or {}
    assert isinstance(environment, dict)
    words = [str(JOB), *places.get("words", ())]  # type: ignore[misc]  # a list of strings, by the callers below
    done = spark_submit(pyspark_home(version), options, words, environment=environment, folder=folder)
    TIMES.append((f"Spark {version}, {combination}, {env} {kind}", done.seconds))
    return done


def check(result: dict[str, object], python: str = "3.11") -> None:
    """Assert that the job judged itself good, on the shipped interpreter."""
    assert result["good"] is True, result
    executors = result["executors"]
    assert isinstance(executors, list) and executors
    assert all(row["python"].startswith(python + ".") for row in executors)


@pytest.mark.parametrize("version", SPARKS)
@pytest.mark.parametrize("kind", KINDS)
def test_local_cluster(built: Path, drivers: dict[str, str], tmp_path: Path, version: str, kind: str) -> None:
    """Separate executor processes on one machine import numpy from the shipped environment."""
    uri = (built / "examples/hello" / FILES[kind].format(env="hello")).resolve().as_uri()
    done = submit(
        built, "hello", kind, "local-cluster", uri=uri, driver=drivers["hello"], version=version, folder=tmp_path
    )
    assert done.code == 0, done.output[-6000:]
    check(done.result())


@pytest.mark.parametrize("kind", KINDS)
def test_local_cluster_with_arrow(built: Path, drivers: dict[str, str], tmp_path: Path, kind: str) -> None:
    """The large environment runs a pandas UDF through Arrow."""
    uri = (built / "examples/training" / FILES[kind].format(env="training")).resolve().as_uri()
    places = {"uri": uri, "driver": drivers["training"], "version": "4.3.0", "folder": tmp_path, "words": ["--arrow"]}
    done = submit(built, "training", kind, "local-cluster", **places)
    assert done.code == 0, done.output[-6000:]
    check(done.result())
    assert done.result()["arrow"] == 5050


@pytest.mark.parametrize("version", SPARKS)
def test_standalone(built: Path, drivers: dict[str, str], tmp_path: Path, version: str) -> None:
    """A real master and worker start both artifacts; cluster mode is refused by spark-submit, as our rule says."""
    home = pyspark_home(version)
    with standalone(home, tmp_path) as master:
        for kind in KINDS:
            uri = (built / "examples/hello" / FILES[kind].format(env="hello")).resolve().as_uri()
            places = {"uri": uri, "driver": drivers["hello"], "version": version, "folder": tmp_path, "master": master}
            done = submit(built, "hello", kind, "standalone-client", **places)
            assert done.code == 0, done.output[-6000:]
            check(done.result())
        options = ["--master", f"spark://{master}", "--deploy-mode", "cluster"]
        refused = spark_submit(home, options, [str(JOB)], environment={}, folder=tmp_path)
        assert refused.code != 0 and "not supported for python applications" in refused.output


@pytest.mark.parametrize("version", SPARKS)
@pytest.mark.parametrize("combination", ["yarn-client", "yarn-cluster"])
@pytest.mark.parametrize("kind", KINDS)
def test_yarn(
    built: Path,
    cluster: HadoopCluster,
    drivers: dict[str, str],
    uploaded: dict[tuple[str, str], str],
    tmp_path: Path,
    version: str,
    combination: str,
    kind: str,
) -> None:
    """Containers of a real NodeManager run the artifact from HDFS, in client and cluster mode."""
    run_on_yarn(
        built, cluster, drivers, uploaded, tmp_path, env="hello", kind=kind, combination=combination, version=version
    )


@pytest.mark.parametrize("kind", KINDS)
def test_yarn_large_environment(
    built: Path,
    cluster: HadoopCluster,
    drivers: dict[str, str],
    uploaded: dict[tuple[str, str], str],
    tmp_path: Path,
    kind: str,
) -> None:
    """The data-science environment runs in cluster mode, its driver on the cluster, with Arrow."""
    result = run_on_yarn(
        built,
        cluster,
        drivers,
        uploaded,
        tmp_path,
        env="training",
        kind=kind,
        combination="yarn-cluster",
        version="4.3.0",
    )
    assert result["arrow"] == 5050


def run_on_yarn(
    built: Path,
    cluster: HadoopCluster,
    drivers: dict[str, str],
    uploaded: dict[tuple[str, str], str],
    folder: Path,
    *,
    env: str,
    kind: str,
    combination: str,
    version: str,
) -> dict[str, object]:
    """Run the job on YARN, its answer written to HDFS, and check it."""
    answer = f"/answers/{env}-{kind}-{combination}-{version}"
    done = submit(
        built,
        env,
        kind,
        combination,
        uri=uploaded[env, kind],
        driver=drivers[env],
        version=version,
        folder=folder,
        environment={"HADOOP_CONF_DIR": str(cluster.conf)},
        words=[cluster.hdfs + answer],
    )
    assert done.code == 0, done.output[-3000:] + cluster.container_logs(done.application)
    text = cluster.fs("-cat", f"{answer}/part-*")
    result = Done(code=0, seconds=0, output="TRAINING " + text, application="").result()
    check(result)
    return result


def test_local_mode_does_not_see_the_archive(built: Path, drivers: dict[str, str], tmp_path: Path) -> None:
    """Why `local` is refused: its workers start in the driver's folder, where no archive is put."""
    uri = (built / "examples/hello/hello.venv.tar.gz").resolve().as_uri()
    options = ["--master", "local[2]", "--conf", f"spark.archives={uri}#pyenv"]
    options += [
        "--conf",
        "spark.pyspark.python=./pyenv/bin/python",
        "--conf",
        f"spark.pyspark.driver.python={drivers['hello']}",
    ]
    done = spark_submit(pyspark_home(SPARKS[1]), options, [str(JOB)], environment={}, folder=tmp_path)
    assert done.code != 0
    assert "./pyenv/bin/python" in done.output and "No such file or directory" in done.output


def test_the_poisoned_node_fails_a_bare_python(cluster: HadoopCluster, drivers: dict[str, str], tmp_path: Path) -> None:
    """Control: a job on the node's own python3 fails, so that the passing jobs did not use it."""
    options = ["--master", "yarn", "--deploy-mode", "client", "--conf", "spark.pyspark.python=python3"]
    options += ["--conf", f"spark.pyspark.driver.python={drivers['hello']}", "--conf", "spark.task.maxFailures=1"]
    environment = {"HADOOP_CONF_DIR": str(cluster.conf)}
    done = spark_submit(pyspark_home(SPARKS[0]), options, [str(JOB)], environment=environment, folder=tmp_path)
    assert done.code != 0
    assert "poisoned: the python3 of the host was used" in done.output + cluster.container_logs(done.application)


def test_the_host_python_has_no_numpy() -> None:
    """Control: the node's python3.11 cannot import numpy, so that every numpy came from an artifact."""
    python = shutil.which("python3.11", path="/usr/local/bin:/usr/bin:/bin")
    assert python
    assert subprocess.run([python, "-c", "import numpy"], capture_output=True, check=False).returncode != 0
