"""The builder helper, with a builder that notes what is set and manifests that the launcher wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from python_env.__main__ import main
from python_env.artifacts.model import ArtifactKind, render_report
from python_env.deploy.launches import values_of
from python_env.launcher.manifest import model
from python_env.runtime import spark_session
from python_env.runtime.spark_session import add_artifacts, configure
from support.reports import REPORTS

TOOLS = Path(__file__).parents[3] / "tools"
VARIABLES = ("PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON")
URI = "hdfs:///envs/a-1f3a.venv.tar.gz"


def test_it_reads_what_the_launcher_writes() -> None:
    """It stands alone, so that schema and placeholders stand in both."""
    assert (spark_session.SCHEMA, spark_session.PLACEHOLDERS) == (model.SCHEMA, model.PLACEHOLDERS)


@pytest.mark.parametrize("uri", [URI, "s3://b/a.pex", "s3a://b/a.pex", "file:///a%20b/a.pex"])
def test_its_placeholders_stand_for_what_deploys_do(uri: str) -> None:
    """Hadoop's spelling of S3, and the last part."""
    ours = values_of(uri, code_uri=uri, driver_python="p")
    assert spark_session._values(uri, code_uri=uri, driver_python="p") == ours


def test_a_value_that_looks_like_a_placeholder_is_none() -> None:
    """All are filled at once."""
    assert spark_session._fill("{uri} {file}", {"uri": "{file}", "file": "f"}) == "{file} f"


class Builder:
    """As much of SparkSession.Builder, and of a session of Spark Connect, as is used."""

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        self._options = dict(options or {})
        self.added: list[tuple[str, dict[str, bool]]] = []

    def config(self, key: str, value: str) -> Builder:
        """Set a property."""
        self._options[key] = value
        return self

    @property
    def conf(self) -> Builder:
        """Return the session's properties."""
        return self

    def set(self, key: str, value: str) -> None:
        """Set one."""
        self._options[key] = value

    def addArtifact(self, path: str, **more: bool) -> None:
        """Note what is added."""
        self.added.append((path, more))


@pytest.fixture(autouse=True)
def variables() -> Iterator[None]:
    """Put back what the function under test sets."""
    before = {name: os.environ.pop(name, None) for name in VARIABLES}
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def manifest(folder: Path, *kinds: str, options: tuple[str, ...] = ()) -> Path:
    """Return the launcher manifest of artifacts."""
    words = ["launcher", "write", "--name=a", "--output", f"{folder}/a.launcher.json"]
    for kind in kinds:
        (folder / f"{kind}.json").write_bytes(render_report(report(kind)))
        words += ["--report", f"{folder}/{kind}.json"]
    assert main([*words, *options]) == 0
    return folder / "a.launcher.json"


def report(kind: str) -> Any:
    """Return the report of an artifact; `code` is the code beside it."""
    venv = REPORTS["venv"]
    return replace(venv, kind=ArtifactKind.CODE, file="a.code.tar.gz") if kind == "code" else REPORTS[kind]


def test_a_builder_gets_what_spark_submit_would(tmp_path: Path) -> None:
    """All properties of yarn-client, the master, and the two variables; the driver keeps the Python that runs."""
    builder = Builder()
    assert configure(builder, manifest(tmp_path, "venv"), URI) is builder
    assert builder._options == {
        "spark.master": "yarn",
        "spark.pyspark.driver.python": sys.executable,
        "spark.pyspark.python": "./pyenv/bin/python",
        "spark.yarn.dist.archives": f"{URI}#pyenv",
    }
    assert {name: os.environ[name] for name in VARIABLES} == {
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYSPARK_PYTHON": "./pyenv/bin/python",
    }


@pytest.mark.parametrize(
    ("master", "key"),
    [
        ("yarn", "spark.yarn.dist.files"),
        ("spark://h:7077", "spark.files"),
        ("k8s://https://h", "spark.files"),
        ("local-cluster[2,1,1024]", "spark.files"),
    ],
)
def test_the_builders_master_chooses_the_combination(tmp_path: Path, master: str, key: str) -> None:
    """It stays as it is; a PEX is known by its name."""
    builder = configure(Builder({"spark.master": master}), manifest(tmp_path, "pex", "venv"), "s3://b/e.pex")
    assert builder._options[key] == "s3a://b/e.pex" and builder._options["spark.master"] == master
    assert os.environ["PYSPARK_PYTHON"] == "./e.pex"
    assert builder._options["spark.executorEnv.PEX_ROOT"] == "./.pex"


def test_a_manifest_may_be_read_already(tmp_path: Path) -> None:
    """As one that lies in a package's data."""
    content = json.loads(manifest(tmp_path, "packed").read_text())
    builder = configure(Builder(), content, "hdfs:///e.pex.zip")
    assert builder._options["spark.yarn.dist.archives"] == "hdfs:///e.pex.zip#pyenv"


def test_what_a_list_had_stays_first(tmp_path: Path) -> None:
    """A job's own archives are shipped as well, and a second call changes nothing."""
    builder = Builder({"spark.yarn.dist.archives": "x.zip#x"})
    for _ in range(2):
        configure(builder, manifest(tmp_path, "venv"), URI)
        assert builder._options["spark.yarn.dist.archives"] == f"x.zip#x,{URI}#pyenv"


def test_code_that_lies_apart_is_shipped_and_found(tmp_path: Path) -> None:
    """Without its place nothing is set; the driver's own copy comes first on its path."""
    path = manifest(tmp_path, "venv", "code")
    builder = Builder()
    with pytest.raises(ValueError, match="code_uri is not given"):
        configure(builder, path, URI)
    assert not builder._options and "PYSPARK_PYTHON" not in os.environ
    configure(builder, path, URI, code_uri="hdfs:///c.tar.gz", driver_code="/code")
    assert builder._options["spark.yarn.dist.archives"] == f"{URI}#pyenv,hdfs:///c.tar.gz#pycode"
    assert sys.path[0] == "/code"


@pytest.mark.parametrize(
    ("options", "more", "what"),
    [
        ({"spark.master": "local[2]"}, {}, "in local mode Python workers.*; use local-cluster"),
        ({}, {"combination": "yarn-cluster"}, "the driver is on the cluster already"),
        ({}, {"artifact": "pex"}, "the manifest has no pex yarn-client; it has venv connect, "),
        ({"spark.master": "mesos://h"}, {}, "no venv mesos://h"),
    ],
)
def test_what_cannot_work_is_an_error(tmp_path: Path, options: dict[str, str], more: dict[str, str], what: str) -> None:
    """In the manifest's own words, and nothing is set."""
    builder = Builder(options)
    with pytest.raises(ValueError, match=what):
        configure(builder, manifest(tmp_path, "venv"), URI, **more)
    assert builder._options == options and "PYSPARK_PYTHON" not in os.environ


@pytest.mark.parametrize(
    "content", [{"kind": "env", "schema": 1}, {"kind": "launcher", "schema": 99}, {"kind": "launcher"}, []]
)
def test_another_document_is_refused(tmp_path: Path, content: Any) -> None:
    """By its kind or schema."""
    (tmp_path / "x.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"manifest"):
        configure(Builder(), tmp_path / "x.json", URI)


def test_a_session_of_spark_connect_gets_the_artifact(tmp_path: Path) -> None:
    """An archive of this machine, then the interpreter in it."""
    session = add_artifacts(Builder(), manifest(tmp_path, "venv"), "/l/a.venv.tar.gz")
    assert session.added == [("/l/a.venv.tar.gz#pyenv", {"archive": True})]
    assert session._options == {"spark.sql.execution.pyspark.python": "./pyenv/bin/python"}


def test_the_profile_of_cluster_pack_is_in_the_manifest(tmp_path: Path) -> None:
    """The helper does what cluster-pack does, its driver's bare `python` included."""
    path = manifest(tmp_path, "pex", options=("--profile=cluster-pack",))
    builder = configure(Builder(), path, "hdfs:///e.pex")
    assert os.environ["PYSPARK_DRIVER_PYTHON"] == "python"
    assert builder._options == {
        "spark.executorEnv.PEX_ROOT": "./.pex",
        "spark.master": "yarn",
        "spark.yarn.dist.files": "hdfs:///e.pex",
    }


def test_its_import_costs_little() -> None:
    """At most 50 ms of a processor; of ours it imports nothing else."""
    code = (
        "import sys, time; start = time.process_time(); import python_env.runtime.spark_session;"
        "print(time.process_time() - start, *(name for name in sys.modules if name.startswith('python_env')))"
    )
    words, environment = [sys.executable, "-Sc", code], {"PYTHONPATH": str(TOOLS)}
    runs = [subprocess.run(words, env=environment, capture_output=True, text=True, check=True) for _ in range(3)]
    said = [done.stdout.split() for done in runs]
    assert said[0][1:] == ["python_env", "python_env.runtime", "python_env.runtime.spark_session"]
    assert min(float(words[0]) for words in said) <= 0.05


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "1"},
        {"schema": None},
        {"launches": None},
        {"launches": [1]},
        {"launches": [{}]},
        {"refused": [{}]},
        {
            "launches": [
                {"artifact": "venv", "combination": "c", "master": "m", "deploy_mode": "d", "conf": [], "env": {}}
            ]
        },
        {
            "launches": [
                {"artifact": "v", "combination": "c", "master": "m", "deploy_mode": "d", "conf": {}, "env": {"A": 1}}
            ]
        },
    ],
)
def test_a_damaged_manifest_is_a_value_error(change: dict[str, Any]) -> None:
    """As every other that cannot be used, and nothing is set."""
    builder = Builder()
    whole = {"kind": "launcher", "schema": 1, "launches": [], "refused": []}
    with pytest.raises(ValueError, match="damaged"):
        configure(builder, {**whole, **change}, URI)
    assert builder._options == {}


@pytest.mark.parametrize(
    "uri", ["hdfs:///a,b.tar.gz", "hdfs:///a#b.tar.gz", "hdfs:///a b.tar.gz", "hdfs:///a\nb.tar.gz"]
)
def test_a_place_that_a_list_of_spark_tears(uri: str) -> None:
    """It would be shipped as two files, or under another name."""
    launch = {"artifact": "venv", "combination": "yarn-client", "master": "yarn", "deploy_mode": "client"}
    rows = [{**launch, "conf": {}, "env": {}}]
    with pytest.raises(ValueError, match="torn"):
        configure(Builder(), {"kind": "launcher", "schema": 1, "launches": rows, "refused": []}, uri)


@pytest.mark.parametrize(
    ("uri", "name", "words"),
    [
        ("s3://user:word@bucket/a.tar.gz", "X", "a user or password"),
        (URI, "", "no name of a variable"),
        (URI, "A=B", "no name of a variable"),
    ],
)
def test_nothing_is_set_where_something_cannot_be(uri: str, name: str, words: str) -> None:
    """Neither a property nor a variable; a password is not repeated."""
    launch = {"artifact": "venv", "combination": "yarn-client", "master": "yarn", "deploy_mode": "client"}
    rows = [{**launch, "conf": {"a": {"value": "b"}}, "env": {name: {"value": "x"}}}]
    builder, before = Builder(), dict(os.environ)
    with pytest.raises(ValueError, match=words) as raised:
        configure(builder, {"kind": "launcher", "schema": 1, "launches": rows, "refused": []}, uri)
    assert builder._options == {} and dict(os.environ) == before and "word@" not in str(raised.value)
