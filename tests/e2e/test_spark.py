"""The example job on real Spark: local-cluster, standalone, and YARN with HDFS, by the manifest's options only."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from support.hadoop.cluster import HadoopCluster
from support.spark.cells import EVERY, KINDS, SPARKS
from support.spark.install import pyspark_home
from support.spark.renderings import RENDERINGS, Job
from support.spark.standalone import standalone
from support.spark.submit import PATH, TIMES, Done, spark_submit

ROOT = Path(__file__).parents[2]
JOB = ROOT / "examples/training/src/training_job/job.py"
SPLIT = "tests/e2e/split"
FILES = {"pex": "{env}.pex", "venv": "{env}.venv.tar.gz"}

Submit = Callable[..., Done]


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One cell of the run matrix."""

    version: str
    combination: str
    kind: str
    env: str = "hello"
    split: bool = False
    """Whether the job's code is an archive of its own."""

    @property
    def title(self) -> str:
        """Return the case's name in the table of times."""
        return f"Spark {self.version}, {self.combination}, {self.env} {self.kind}{' and code' if self.split else ''}"

    @property
    def job(self) -> Path:
        """Return the job's file."""
        return ROOT / SPLIT / "job.py" if self.split else JOB


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """What was built of one environment, and a local copy of it for drivers on this machine."""

    built: Path
    driver: Path
    code: Path
    """Archive of the code that lies apart."""
    driver_code: Path
    """An unpacked copy of it, for drivers on this machine."""

    def artifact(self, kind: str) -> str:
        """Return the URI of an artifact on this machine."""
        return (self.built / FILES[kind].format(env=self.built.name)).resolve().as_uri()

    def launch(self, case: Case) -> Path:
        """Return the folder of a case's renderings."""
        folder = self.code.parent if case.split else self.built
        return folder / f"{case.env}.launcher" / case.kind / case.combination

    def check(self, result: dict[str, Any], *, python: str = "3.11") -> None:
        """Assert that the job is good, and that all its executors ran this environment's copy in their own container.

        A worker that took the driver's copy would have the right packages, too, and prove nothing.
        """
        manifest = json.loads((self.built / f"{self.built.name}.launcher.json").read_text())
        assert result["good"] is True and result["executors"], result
        for row in result["executors"]:
            assert row["env_id"] == manifest["env_id"]
            assert row["python"].startswith(python + ".")
            assert row["prefix"].startswith(row["cwd"] + "/") or "/filecache/" in row["prefix"], row
            assert not Path(row["prefix"]).is_relative_to(self.driver), row

    def check_code(self, result: dict[str, Any], case: Case) -> None:
        """Assert that all read the file beside their own copy of the code, and that it is of the environment."""
        on_cluster = case.combination == "yarn-cluster"
        assert on_cluster or result["driver"]["code"].startswith(f"{self.driver_code}/")
        for row in (*result["executors"], *([result["driver"]] if on_cluster else [])):
            code = Path(row["code"])
            assert code == Path(row["cwd"], "pycode/shipped/__init__.py") or "/filecache/" in row["code"], row
            assert row["words"] == "beside the code" and row["layer"] == "code"
            assert row["code_env_id"] == row["env_id"]
            assert row["numpy"].startswith(row["prefix"] + "/")


@pytest.fixture(scope="session")
def examples(built: Path, drivers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Example]:
    """Return the example environments by name."""
    code, copy = built / SPLIT / "hello.code.tar.gz", tmp_path_factory.mktemp("driver_code")
    subprocess.run(["tar", "-xzf", code, "-C", copy], check=True)
    return {
        env: Example(built=built / "examples" / env, driver=driver, code=code, driver_code=copy)
        for env, driver in drivers.items()
    }


@pytest.fixture
def submit(examples: dict[str, Example], tmp_path: Path) -> Submit:
    """Return a function that runs the job of one case by one of its renderings, and notes its time."""

    def run(
        case: Case,
        *words: str,
        uri: str = "",
        by: str = "arguments",
        environment: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Done:
        example = examples[case.env]
        environment = dict(environment or {})
        if case.split and case.combination != "yarn-cluster":  # environment.sh sets it itself, before this one
            environment["PYTHONPATH"] = str(example.driver_code)
        job = Job(
            home=pyspark_home(case.version),
            launch=example.launch(case),
            folder=tmp_path,
            words=(str(case.job), *words),
            uri=uri or example.artifact(case.kind),
            driver_python=str(example.driver / "bin/python"),
            driver_code=str(example.driver_code),
            environment=environment,
            **{"code_uri": example.code.resolve().as_uri(), **more},
        )
        done = RENDERINGS[by](job)
        TIMES.append((f"{case.title}, by {by}", done.seconds))
        return done

    return run


@pytest.mark.skipif(not EVERY, reason="the next two tests start local-cluster by each rendering and with code apart")
@pytest.mark.parametrize(("version", "kind"), product(SPARKS, KINDS))
def test_local_cluster(examples: dict[str, Example], submit: Submit, version: str, kind: str) -> None:
    """Separate executor processes on one machine import numpy from the shipped environment."""
    done = submit(Case(version=version, combination="local-cluster", kind=kind))
    assert done.code == 0, done.output[-6000:]
    examples["hello"].check(done.result())


@pytest.mark.parametrize(("version", "kind", "by"), [("3.5.6", "venv", "environment"), ("4.3.0", "pex", "arguments")])
def test_code_that_lies_apart(examples: dict[str, Example], submit: Submit, version: str, kind: str, by: str) -> None:
    """Dependencies and code are two archives: each process imports its own copy, and reads a file beside it."""
    case = Case(version=version, combination="local-cluster", kind=kind, split=True)
    done = submit(case, by=by)
    assert done.code == 0, done.output[-6000:]
    examples["hello"].check(done.result())
    examples["hello"].check_code(done.result(), case)


@pytest.mark.parametrize(("kind", "by"), [("venv", "properties"), ("pex", "environment"), ("venv", "builder")])
def test_the_other_renderings_start_the_same(examples: dict[str, Example], submit: Submit, kind: str, by: str) -> None:
    """A properties file, `python job.py` without spark-submit and the helper say what the argument file says."""
    done = submit(Case(version="4.3.0", combination="local-cluster", kind=kind), by=by)
    assert done.code == 0, done.output[-6000:]
    examples["hello"].check(done.result())


@pytest.mark.parametrize("version", SPARKS)
def test_standalone(examples: dict[str, Example], submit: Submit, tmp_path: Path, version: str) -> None:
    """A real master and worker start both artifacts, one with code apart; cluster mode is refused, as by our rule."""
    home, own = pyspark_home(version), KINDS[SPARKS.index(version)]
    with standalone(home, tmp_path) as master:
        for kind in (kind for kind in KINDS if EVERY or kind != own):
            done = submit(Case(version=version, combination="standalone-client", kind=kind), master=master)
            assert done.code == 0, done.output[-6000:]
            examples["hello"].check(done.result())
        split = Case(version=version, combination="standalone-client", kind=own, split=True)
        done = submit(split, master=master)
        assert done.code == 0, done.output[-6000:]
        examples["hello"].check_code(done.result(), split)
        options = ["--master", f"spark://{master}", "--deploy-mode", "cluster"]
        refused = spark_submit(home, [*options, str(JOB)], environment={}, folder=tmp_path)
        assert refused.code != 0 and "not supported for python applications" in refused.output


@pytest.fixture
def on_yarn(
    examples: dict[str, Example], submit: Submit, cluster: HadoopCluster, uploaded: dict[tuple[str, str], str]
) -> Callable[[Case], dict[str, Any]]:
    """Return a function that runs a case on YARN, its answer written to HDFS, and returns the checked answer."""

    def run(case: Case) -> dict[str, Any]:
        answer = f"/answers/{case.env}-{case.kind}-{case.combination}-{case.version}{'-code' if case.split else ''}"
        uri, environment = uploaded[case.env, case.kind], {"HADOOP_CONF_DIR": str(cluster.conf)}
        code = uploaded[case.env, "code"] if case.split else ""
        done = submit(case, cluster.hdfs + answer, uri=uri, environment=environment, code_uri=code)
        assert done.code == 0, done.output[-3000:] + cluster.container_logs(done.application)
        result: dict[str, Any] = json.loads(cluster.fs("-cat", f"{answer}/part-*"))
        examples[case.env].check(result)
        if case.split:
            examples[case.env].check_code(result, case)
        return result

    return run


@pytest.mark.parametrize(
    ("version", "combination", "kind"), [("3.5.6", "yarn-cluster", "venv"), ("4.3.0", "yarn-client", "pex")]
)
def test_yarn_with_code_apart(
    on_yarn: Callable[[Case], dict[str, Any]], version: str, combination: str, kind: str
) -> None:
    """A NodeManager unpacks the code beside the environment; in cluster mode the driver's, too."""
    on_yarn(Case(version=version, combination=combination, kind=kind, split=True))


@pytest.mark.skipif(not EVERY, reason="test_spark_layouts.py runs a large one; a venv's 22,000 files cost two minutes")
@pytest.mark.parametrize("kind", KINDS)
def test_yarn_large_environment(on_yarn: Callable[[Case], dict[str, Any]], kind: str) -> None:
    """The data-science environment runs in cluster mode, its driver on the cluster, with Arrow."""
    result = on_yarn(Case(version="4.3.0", combination="yarn-cluster", kind=kind, env="training"))
    assert result["arrow"] == 5050
    assert result["driver"]["env_id"] == result["executors"][0]["env_id"]


def test_local_mode_does_not_see_the_archive(examples: dict[str, Example], tmp_path: Path) -> None:
    """Why `local` is refused: its workers start in the driver's folder, where no archive is put."""
    example = examples["hello"]
    properties = {
        "spark.archives": f"{example.artifact('venv')}#pyenv",
        "spark.pyspark.driver.python": f"{example.driver}/bin/python",
        "spark.pyspark.python": "./pyenv/bin/python",
    }
    done = bare(SPARKS[1], "local[2]", properties, tmp_path)
    assert done.code != 0
    assert "./pyenv/bin/python" in done.output and "No such file or directory" in done.output


def bare(version: str, master: str, properties: dict[str, str], folder: Path, **environment: str) -> Done:
    """Run the job with properties that no rendering gives."""
    options = [f"--conf={key}={value}" for key, value in properties.items()]
    words = ["--master", master, *options, str(JOB)]
    return spark_submit(pyspark_home(version), words, environment=environment, folder=folder)


def test_the_job_fails_on_packages_that_were_not_shipped(examples: dict[str, Example], tmp_path: Path) -> None:
    """Control: workers of a Python of this machine that has a numpy give the right sums, and the job exits 1."""
    foreign, driver = tmp_path / "foreign", examples["hello"].driver
    subprocess.run([shutil.which("python3.11", path=PATH) or "", "-m", "venv", "--without-pip", foreign], check=True)
    packages = "lib/python3.11/site-packages"
    (foreign / packages / "host.pth").write_text(f"{driver}/{packages}\n")
    properties = {
        "spark.pyspark.driver.python": f"{driver}/bin/python",
        "spark.pyspark.python": f"{foreign}/bin/python",
    }
    done = bare(SPARKS[1], "local-cluster[2,1,1024]", properties, tmp_path)
    assert done.code == 1, done.output[-6000:]
    assert done.result()["good"] is False
    assert sum(row["sum"] for row in done.result()["executors"]) == 499500


def test_the_poisoned_node_fails_a_bare_python(
    cluster: HadoopCluster, examples: dict[str, Example], tmp_path: Path
) -> None:
    """Control: a job on the node's own python3 fails, so that the passing jobs did not use it."""
    properties = {
        "spark.pyspark.driver.python": f"{examples['hello'].driver}/bin/python",
        "spark.pyspark.python": "python3",
        "spark.task.maxFailures": "1",
    }
    done = bare(SPARKS[0], "yarn", properties, tmp_path, HADOOP_CONF_DIR=str(cluster.conf))
    assert done.code != 0
    assert "poisoned: a Python of the node was used" in done.output + cluster.container_logs(done.application)


def test_the_host_python_has_no_numpy() -> None:
    """Control: the node's python3.11 cannot import numpy, so that every numpy came from an artifact."""
    python = shutil.which("python3.11", path=PATH)
    assert python
    assert subprocess.run([python, "-c", "import numpy"], capture_output=True, check=False).returncode != 0
