"""What the end-to-end tests share: the built artifacts, a real cluster, and a table of times."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.azurite import azurite
from support.deploying import Command, at_google, moto_s3
from support.determinism.tools import public_folder
from support.gcs_xml import gcs_server
from support.hadoop.cluster import HadoopCluster, hadoop_cluster
from support.spark.cells import HADOOPS
from support.spark.poison import poison
from support.spark.submit import TIMES

ROOT = Path(__file__).parents[2]
HADOOP = os.environ.get("PYTHON_ENV_HADOOP", HADOOPS[0])
"""The version of the cluster that most tests share."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the time of every Spark application."""
    if TIMES:
        terminalreporter.section("Spark applications, seconds from spark-submit to its end")
        for name, seconds in TIMES:
            terminalreporter.write_line(f"{seconds:7.1f}  {name}")


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """Give a folder for copies of what was built."""
    with public_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def built() -> Path:
    """Return bazel-bin with the artifacts of both examples."""
    kinds = ("pex", "venv", "launcher")
    targets = [f"//examples/{env}:{env}_{kind}" for env in ("hello", "training") for kind in kinds]
    targets += ["//tests/e2e/split:hello_code", "//tests/e2e/split:hello_launcher"]
    subprocess.run([ROOT / "bazelw", "build", *targets], cwd=ROOT, check=True)
    done = subprocess.run(
        [ROOT / "bazelw", "info", "bazel-bin"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return Path(done.stdout.strip())


@pytest.fixture(scope="session")
def drivers(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return by environment the folder of a local copy, for drivers that run on this machine."""
    places = {}
    for env in ("hello", "training"):
        place = tmp_path_factory.mktemp(f"driver_{env}")
        subprocess.run(["tar", "-xzf", built / f"examples/{env}/{env}.venv.tar.gz", "-C", place], check=True)
        places[env] = place
    return places


@pytest.fixture(scope="session")
def poisoned_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a PATH whose python3 fails: a job that still runs did not use it."""
    return f"{poison(tmp_path_factory.mktemp('poisoned'))}:/usr/local/bin:/usr/bin:/bin"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, poisoned_path: str) -> Iterator[HadoopCluster]:
    """Give a real HDFS and YARN; its logs stay in the temporary folder."""
    with hadoop_cluster(tmp_path_factory.mktemp("hadoop"), HADOOP, node_path=poisoned_path) as running:
        yield running


@pytest.fixture(scope="session")
def hdfs(cluster: HadoopCluster) -> Command:
    """Return deploys to a folder of HDFS."""
    return Command(f"{cluster.hdfs}/envs/deployed", {"HADOOP_CONF_DIR": str(cluster.conf)})


@pytest.fixture(scope="session")
def s3() -> Iterator[Command]:
    """Return deploys to a bucket."""
    with moto_s3() as found:
        yield found


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """Return deploys to a container of Azurite."""
    with azurite(tmp_path_factory.mktemp("azurite")) as found:
        yield found


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """Return deploys to a bucket of our own server of Google's XML API, which is no Google."""
    with gcs_server() as (url, _):
        yield at_google(url, tmp_path_factory.mktemp("gcs"))


@pytest.fixture(params=["hdfs", "s3", "azure", "gcs"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Command:
    """Return deploys to a fresh folder of each service."""
    found: Command = request.getfixturevalue(request.param)
    return found.below(tmp_path.name)


@pytest.fixture(scope="session")
def uploaded(cluster: HadoopCluster, built: Path) -> dict[tuple[str, str], str]:
    """Return the HDFS URI of every artifact, by environment and kind."""
    files = {"pex": "{env}.pex", "venv": "{env}.venv.tar.gz"}
    code = {("hello", "code"): cluster.put(built / "tests/e2e/split/hello.code.tar.gz", "/envs/hello")}
    return code | {
        (env, kind): cluster.put(built / f"examples/{env}" / name.format(env=env), f"/envs/{env}")
        for env in ("hello", "training")
        for kind, name in files.items()
    }
