"""What stated versions of Spark refuse, and what holds where none is stated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from launcher.test_rules import WORKING, report, write

from python_env.artifacts.model import InheritPath, Report
from python_env.base.errors import ToolError
from python_env.launcher.model import Cluster, Combination, Launch, Refusal, parse_cluster
from python_env.launcher.rules import plan_launch
from support.reports import REPORTS

VENV, PEX, PACKED = REPORTS["venv"], REPORTS["pex"], REPORTS["packed"]
ALONE = replace(PEX, inherit_path=InheritPath.FALSE, distributions={"pyspark": "3.5.6"})
YARN = Combination.YARN_CLIENT


def on(*versions: str) -> Cluster:
    """Return a cluster of these Sparks."""
    return parse_cluster(versions, "")


def reason(artifact: Report, combination: Combination, cluster: Cluster, **options: Any) -> str:
    """Return why it is refused, empty where it is not."""
    plan = plan_launch(artifact, combination, cluster=cluster, **options)
    return plan.reason if isinstance(plan, Refusal) else ""


@pytest.mark.parametrize("combination", [each for each in WORKING if each.manager != "yarn"])
def test_a_zip_that_an_old_spark_unpacks_is_refused(combination: Combination) -> None:
    """HADOOP-18145: executable bits are lost; with the version stated it is no longer a requirement."""
    assert "drops the executable bits" in reason(PACKED, combination, on("3.5.6"))
    new = plan_launch(PACKED, combination, cluster=on("4.3.0"))
    assert isinstance(new, Launch) and not [line for line in new.requires if "Spark 4" in line]


def test_a_zip_that_a_node_manager_unpacks_may_meet_any_spark() -> None:
    """It keeps the bits itself."""
    assert not reason(PACKED, Combination.YARN_CLUSTER, on("3.5.6"))


def test_every_stated_spark_must_do() -> None:
    """One that refuses is enough."""
    assert "Spark 3.5.6 drops" in reason(PACKED, Combination.LOCAL_CLUSTER, on("4.3.0", "3.5.6"))


@pytest.mark.parametrize(
    ("artifact", "options", "refused"),
    [(VENV, {}, True), (PEX, {}, False), (PEX, {"split": True}, True)],
)
def test_archives_need_spark_3_1_off_yarn(artifact: Report, options: dict[str, Any], refused: bool) -> None:
    """spark.archives is there from 3.1 on; YARN has its own key."""
    assert bool(reason(artifact, Combination.STANDALONE_CLIENT, on("3.0.3"), **options)) is refused
    assert not reason(artifact, Combination.STANDALONE_CLIENT, on("3.1.0"), **options)
    assert not reason(artifact, YARN, on("3.0.3"), **options)


@pytest.mark.parametrize(
    ("changes", "spark", "refused"),
    [
        ({}, "3.5.1", False),
        ({}, "4.0.0", True),
        ({"inherit_path": InheritPath.FALLBACK, "venv_mode": False}, "4.0.0", True),
        ({"inherit_path": InheritPath.FALLBACK, "hermetic_scripts": True}, "4.0.0", True),
        ({"inherit_path": InheritPath.FALLBACK}, "4.0.0", False),
        ({"inherit_path": InheritPath.PREFER}, "4.0.0", False),
    ],
)
def test_a_pyspark_that_wins_inside_a_pex_must_be_the_clusters(
    changes: dict[str, Any], spark: str, refused: bool
) -> None:
    """Of the same minor release; where PYTHONPATH comes first the cluster's own is used."""
    assert ("inside the PEX wins" in reason(replace(ALONE, **changes), YARN, on(spark))) is refused


def test_a_pyspark_inside_asks_for_its_own_release_unless_that_is_stated() -> None:
    """A patch release may differ, and a venv's is not used on executors: both are said, not refused."""
    venv = replace(VENV, distributions={"pyspark": "3.5.6"})
    for cluster, expected in ((on(), 1), (on("3.5.6"), 0), (on("3.5.1"), 1), (on("4.3.0"), 1)):
        plan = plan_launch(venv, YARN, cluster=cluster)
        assert isinstance(plan, Launch)
        assert len([line for line in plan.requires if line.startswith("Spark 3.5.6 on the cluster")]) == expected


@pytest.mark.parametrize(
    ("spark", "name", "version", "refused"),
    [
        ("4.3.0", "pyarrow", "17.0.0", True),
        ("4.3.0", "pyarrow", "18.0", False),
        ("4.3.0", "pandas", "2.1.4", True),
        ("4.0.1", "pyarrow", "11.0.0", False),
        ("4.0.1", "pandas", "1.5.3", True),
        ("3.5.6", "pandas", "1.0.5", False),
        ("3.5.6", "pyarrow", "3.0.0", True),
        ("3.4.4", "pyarrow", "0.17", True),
        ("3.4.4", "pyarrow", "1.0", False),
        ("3.0.3", "pyarrow", "0.1", False),
        ("4.3.0", "numpy", "1.0", False),
    ],
)
def test_what_arrow_needs_is_as_new_as_spark_wants(spark: str, name: str, version: str, refused: bool) -> None:
    """pyspark/sql/pandas/utils.py refuses older ones when they are first used."""
    assert bool(reason(replace(VENV, distributions={name: version}), YARN, on(spark))) is refused


@pytest.mark.parametrize(
    ("spark", "python", "refused"),
    [("4.3.0", "3.10", True), ("4.3.0", "3.11", False), ("4.1.0", "3.9", True), ("3.5.6", "3.8", False)],
)
def test_the_python_is_one_that_pyspark_runs_on(spark: str, python: str, refused: bool) -> None:
    """Requires-Python of that release."""
    assert ("needs Python" in reason(replace(VENV, python=python), YARN, on(spark))) is refused


@pytest.mark.parametrize("words", [["3"], ["3.x"], [""], ["v3.5.6"], ["3.5.6 "], ["3.5.6\n"], ["3.5", "4"]])
def test_what_is_no_version_is_refused(words: list[str]) -> None:
    """With its attribute and an example."""
    with pytest.raises(ToolError, match="spark_versions"):
        parse_cluster(words, "")
    with pytest.raises(ToolError, match="hadoop_version"):
        parse_cluster([], words[-1] or " ")


def test_a_vendors_suffix_does_not_count() -> None:
    """Distributions number their builds behind the release."""
    cluster = parse_cluster(["3.3.2.3.3.7190.0-91", "3.5.1-amzn-0"], "3.3.6")
    assert [spark.numbers for spark in cluster.spark] == [(3, 3, 2), (3, 5, 1)]


def test_names_that_a_cluster_would_not_unpack_are_refused() -> None:
    """FSDownload and Utils.unpack judge by the end of the name."""
    assert "would not be unpacked" in reason(replace(VENV, file="a.venv"), YARN, on())
    assert "would not be unpacked" in reason(replace(PACKED, file="a.pex"), YARN, on())


def test_two_archives_of_one_name_are_refused() -> None:
    """yarn.Client: `added multiple times to distributed cache`."""
    assert "multiple times" in reason(VENV, YARN, on(), split=True, code_file=VENV.file)
    assert not reason(VENV, YARN, on(), split=True, code_file="a.code.tar.gz")


@pytest.mark.parametrize(
    ("artifact", "options", "what"),
    [
        (VENV, {"split": True}, "cannot set PYTHONPATH"),
        (replace(PEX, entry_point="app"), {}, "cannot set PEX_INTERPRETER"),
        (replace(PEX, script="app"), {}, "cannot set PEX_INTERPRETER"),
    ],
)
def test_a_session_of_spark_connect_sets_no_variables(artifact: Report, options: dict[str, Any], what: str) -> None:
    """What needs them is refused there, and works elsewhere."""
    assert what in reason(artifact, Combination.CONNECT, on(), **options)
    assert not reason(artifact, YARN, on(), **options)


def test_spark_connect_adds_to_its_session() -> None:
    """addArtifact puts it into the workers' folder; one property chooses the interpreter."""
    for artifact, value, archive, python in (
        (VENV, "{uri}#pyenv", True, "./pyenv/bin/python"),
        (PEX, "{uri}", False, "./{file}"),
    ):
        plan = plan_launch(artifact, Combination.CONNECT)
        assert isinstance(plan, Launch)
        assert [(each.value, each.archive) for each in plan.added] == [(value, archive)]
        assert {each.key: each.value for each in plan.conf} == {"spark.sql.execution.pyspark.python": python}
        assert (plan.deploy_mode, plan.master, plan.env) == ("", "sc://{master}", ())
    assert "addArtifact" in reason(VENV, Combination.CONNECT, on("3.4.4"))


def test_versions_are_given_by_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A combination that was asked for and that a stated Spark refuses fails the build, and nothing is written."""
    packed = report("packed")
    assert write(tmp_path, {"p.json": packed}, "local-cluster", options=["--spark-version=3.5.6"]) == 2
    assert "Spark 3.5.6 drops" in capsys.readouterr().err
    assert write(tmp_path, {"p.json": packed}, "local-cluster", options=["--spark-version=4.3.0"]) == 0
