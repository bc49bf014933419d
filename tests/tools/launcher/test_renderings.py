"""Each rendering read by what reads it: a YAML parser, JSON, Python, and the fields that its scheduler knows.

The golden files are the renderings of two artifacts; `python tests/tools/launcher/test_renderings.py` writes them anew.
"""

from __future__ import annotations

import ast
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from python_env.artifacts.model import Container, InheritPath, Report
from python_env.compat.dask_yarn import make_specification
from python_env.launcher.model import Combination, Launch
from python_env.launcher.renderings.dask_yarn import render_dask, runs_dask
from python_env.launcher.renderings.files import renderings
from python_env.launcher.renderings.skein import render_skein, runs_in_skein
from python_env.launcher.renderings.text import yaml_lines
from python_env.launcher.rules import plan_launch
from support import reports
from support.filling import filled

GOLDEN = Path(__file__).with_name("golden")
VENV = replace(reports.VENV, name="Training_env")
PEX = replace(reports.PEX, name=VENV.name, entry_point="app")

APPLICATION_FIELDS = {
    "": "apiVersion kind metadata spec",
    "spec": "type sparkVersion mode proxyUser image imagePullPolicy imagePullSecrets mainClass mainApplicationFile "
    "arguments sparkConf hadoopConf sparkConfigMap hadoopConfigMap volumes driver executor deps restartPolicy "
    "nodeSelector failureRetries retryInterval pythonVersion memoryOverheadFactor monitoring batchScheduler "
    "timeToLiveSeconds batchSchedulerOptions sparkUIOptions driverIngressOptions dynamicAllocation",
    "driver": "cores coreLimit memory memoryOverhead image env envVars labels annotations serviceAccount coreRequest",
    "executor": "cores coreLimit memory memoryOverhead image env envVars labels annotations instances coreRequest",
}
"""Fields of the CRD: kubeflow/spark-operator, api/v1beta2/sparkapplication_types.go at 07f3cecd."""
REQUIRED = {"type", "sparkVersion", "mainApplicationFile", "driver", "executor"}
"""Those without `omitempty`."""

OPERATOR = [
    "application",
    "conf",
    "conn_id",
    "files",
    "py_files",
    "archives",
    "driver_class_path",
    "jars",
    "java_class",
    "packages",
    "exclude_packages",
    "repositories",
    "total_executor_cores",
    "executor_cores",
    "executor_memory",
    "driver_memory",
    "keytab",
    "principal",
    "proxy_user",
    "name",
    "num_executors",
    "status_poll_interval",
    "application_args",
    "env_vars",
    "verbose",
    "spark_binary",
    "properties_file",
    "yarn_queue",
    "deploy_mode",
    "use_krb5ccache",
    "task_id",
]
"""Keywords of SparkSubmitOperator: apache/airflow, providers/apache/spark/.../operators/spark_submit.py at 015d5de7."""


def launch(artifact: Report, combination: Combination, *, split: bool = False) -> Launch:
    """Return how a combination that works starts an artifact."""
    plan = plan_launch(artifact, combination, split=split)
    assert isinstance(plan, Launch), plan
    return plan


def golden_files() -> dict[str, str]:
    """Return every file that stands in the golden folder."""
    files = {"skein-venv-split.yaml": render_skein(VENV, split=True), "skein-pex.yaml": render_skein(PEX)}
    files["skein-venv-dask-yarn.yaml"] = render_dask(VENV, split=True)
    for name, artifact, combination, split in (
        ("venv-yarn-cluster", VENV, Combination.YARN_CLUSTER, False),
        ("venv-connect", VENV, Combination.CONNECT, False),
        ("venv-split-yarn-client", VENV, Combination.YARN_CLIENT, True),
        ("pex-kubernetes-cluster", PEX, Combination.KUBERNETES_CLUSTER, False),
    ):
        texts = renderings(launch(artifact, combination, split=split), name=artifact.name)
        files.update({f"{name}-{file}": text for file, text in texts.items()})
    return files


@pytest.mark.parametrize("name", sorted(golden_files()))
def test_a_rendering_is_its_golden_file(name: str) -> None:
    """What changes is seen in review; the command to write them anew stands above."""
    assert golden_files()[name] == (GOLDEN / f"{name}.txt").read_text(), f"python {__file__}"


def test_no_golden_file_is_left_over() -> None:
    """Each has a rendering that could differ from it."""
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.txt" for name in golden_files()}


def loaded(text: str) -> Any:
    """Return what PyYAML's safe loader reads."""
    return yaml.safe_load(text)


@pytest.mark.parametrize("artifact", [VENV, PEX], ids=["venv", "pex"])
def test_a_spark_application_has_the_fields_of_the_crd(artifact: Report) -> None:
    """No other, and all that are required; its properties are those of spark-submit."""
    plan = launch(artifact, Combination.KUBERNETES_CLUSTER)
    tree = loaded(renderings(plan, name=artifact.name, spark_version="3.5.6")["spark-application.yaml"])
    spec = tree["spec"]
    for place, found in (("", tree), ("spec", spec), ("driver", spec["driver"]), ("executor", spec["executor"])):
        assert set(found) <= set(APPLICATION_FIELDS[place].split())
    assert set(spec) >= REQUIRED and (spec["type"], spec["mode"]) == ("Python", "cluster")
    assert spec["sparkConf"] == {setting.key: setting.value for setting in plan.conf}
    assert (spec["sparkVersion"], spec["pythonVersion"]) == ("3.5.6", "3")
    assert tree["metadata"]["name"] == "training-env"
    assert all(isinstance(value, str) for value in spec["sparkConf"].values())


@pytest.mark.parametrize("name", ["___", "x" * 70, "é", "9.a"])
def test_the_name_of_an_application_is_a_dns_label(name: str) -> None:
    """RFC 1123: at most 63 of a-z, 0-9 and -, the first and last no -."""
    text = renderings(launch(VENV, Combination.KUBERNETES_CLUSTER), name=name)["spark-application.yaml"]
    label = loaded(text)["metadata"]["name"]
    assert 0 < len(label) <= 63 and label.replace("-", "a").isalnum() and label.isascii() and label == label.strip("-")


@pytest.mark.parametrize("combination", [each for each in Combination if each.manager in ("yarn", "kubernetes")])
@pytest.mark.parametrize("split", [False, True])
def test_airflow_has_the_properties_of_spark_submit(combination: Combination, split: bool) -> None:
    """As JSON and as Python the same keywords, all known to the operator."""
    plan = launch(VENV, combination, split=split)
    files = renderings(plan)
    arguments = json.loads(files["airflow.json"])
    assert set(arguments) <= set(OPERATOR)
    assert arguments["conf"] == {setting.key: setting.value for setting in plan.conf}
    assert arguments["deploy_mode"] == plan.deploy_mode
    expected = {"PYTHONPATH": "{driver_code}"} if split and plan.deploy_mode == "client" else None
    assert arguments.get("env_vars") == expected
    call = next(node for node in ast.walk(ast.parse(files["airflow.py"])) if isinstance(node, ast.Call))
    keywords = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    assert keywords == {**arguments, "application": "{application}", "task_id": "job"}


def test_a_client_of_spark_connect_does_what_the_rules_say() -> None:
    """Run with a session that notes its calls."""
    calls: list[tuple[Any, ...]] = []

    class Session:
        builder = conf = property(lambda self: self)

        def __getattr__(self, name: str) -> Any:
            return lambda *words, **more: calls.append((name, *words, more)) or self  # type: ignore[func-returns-value] # None is false

    text = filled(renderings(launch(VENV, Combination.CONNECT))["connect.py"], uri="/l/a.venv.tar.gz", master="h:1")
    before = {name: sys.modules.get(name) for name in ("pyspark", "pyspark.sql")}
    module: Any = type(sys)("pyspark.sql")
    module.SparkSession = Session()
    sys.modules.update({"pyspark": type(sys)("pyspark"), "pyspark.sql": module})
    try:
        exec(compile(text, "connect.py", "exec"), {})
    finally:
        for name, old in before.items():
            sys.modules.pop(name)
            if old is not None:
                sys.modules[name] = old
    assert calls == [
        ("remote", "sc://h:1", {}),
        ("getOrCreate", {}),
        ("addArtifact", "/l/a.venv.tar.gz#pyenv", {"archive": True}),
        ("set", "spark.sql.execution.pyspark.python", "./pyenv/bin/python", {}),
    ]


@pytest.mark.parametrize("artifact", [VENV, PEX], ids=["venv", "pex"])
@pytest.mark.parametrize("split", [False, True])
def test_a_skein_application_ships_what_it_starts(artifact: Report, split: bool) -> None:
    """One master, which ends with its script; each file under the name that the script uses."""
    text = filled(render_skein(artifact, split=split), uri=f"hdfs:///{artifact.file}", code_uri="hdfs:///c.tar.gz")
    tree = loaded(text)
    assert set(tree) == {"name", "queue", "master"}
    assert set(tree["master"]) == {"resources", "files", "env", "script"}
    packed = artifact is VENV
    name = "pyenv" if packed else "a.pex"
    files = {name: {"source": f"hdfs:///{artifact.file}", "type": "archive" if packed else "file"}}
    code = {"pycode": {"source": "hdfs:///c.tar.gz", "type": "archive"}}
    assert tree["master"]["files"] == {**files, **(code if split else {})}
    assert tree["master"]["script"] == f"./{name}{'/bin/python' if packed else ''} {{command}}"
    assert tree["master"]["env"].get("PYTHONPATH") == ("./pycode" if split else None)
    assert tree["master"]["env"].get("PEX_INTERPRETER") == (None if packed else "1")


@pytest.mark.parametrize("artifact", [VENV, PEX], ids=["venv", "pex"])
def test_a_dask_cluster_is_dask_yarns_by_our_python(artifact: Report) -> None:
    """Services, their order, restarts and the workers' variables are dask-yarn's own; the files are those of Skein."""
    tree = loaded(filled(render_dask(artifact), uri=f"hdfs:///{artifact.file}"))
    theirs = make_specification(f"hdfs:///{artifact.file}")["services"]
    assert list(tree["services"]) == list(theirs) == ["dask.scheduler", "dask.worker"]
    skein = loaded(filled(render_skein(artifact), uri=f"hdfs:///{artifact.file}"))["master"]
    for name, service in tree["services"].items():
        for key in ("instances", "max_restarts", "depends"):
            assert service.get(key) == theirs[name].get(key)
        assert service["env"] == {**skein["env"], **theirs[name].get("env", {})}
        assert service["files"] == skein["files"]
        python = skein["script"].removesuffix(" {command}")
        assert service["script"] == f"{python} -m dask_yarn.cli services {name.removeprefix('dask.')}"


def test_dask_is_started_where_it_is_locked() -> None:
    """Without dask-yarn inside, no worker would start."""
    assert runs_dask(replace(VENV, distributions={"dask-yarn": "0.9"}))
    assert not runs_dask(VENV)


def test_skein_runs_what_spark_refuses() -> None:
    """A PEX without pyspark is no fault there; a folder or another system is."""
    assert runs_in_skein(replace(PEX, inherit_path=InheritPath.FALSE))
    assert not runs_in_skein(replace(VENV, container=Container.DIR))
    assert not runs_in_skein(replace(VENV, platform="cp311-win_amd64"))


def test_yaml_is_read_as_it_was_meant() -> None:
    """Texts that YAML would take for something else, and keys with what YAML uses itself."""
    tree = {"a": "no", "b": "1.0", "c": "x: y # z", "d.e": {"{f}": "", "g h": [1, "on"]}, "h": {}, "i": True, "j": 7}
    assert loaded("\n".join(yaml_lines(tree))) == tree


if __name__ == "__main__":
    for name, text in golden_files().items():
        (GOLDEN / f"{name}.txt").write_text(text)
