"""The launcher rules: which key, which interpreter, and what is refused."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from python_env.__main__ import main
from python_env.artifacts.model import ArtifactKind, Report, parse_report, render_report
from python_env.base.errors import ToolError
from python_env.launcher.model import Combination, Launch, Refusal, Setting
from python_env.launcher.renderings.files import renderings
from python_env.launcher.rules import plan_launch
from support.filling import filled
from support.reports import REPORTS

PYTHON = {"pex": "./{file}", "packed": "./pyenv/__main__.py", "venv": "./pyenv/bin/python"}


def report(kind: str = "venv", **changes: Any) -> dict[str, Any]:
    """Return an artifact's report as JSON, with fields that may be wrong."""
    return {**json.loads(render_report(REPORTS[kind])), **changes}


def artifact(kind: str = "venv", **changes: Any) -> Report:
    """Return an artifact's report."""
    return parse_report(json.dumps(report(kind, **changes)).encode(), where="a.json")


def conf(kind: str, combination: Combination, **changes: Any) -> dict[str, str]:
    """Return the properties of a combination that works."""
    plan = plan_launch(artifact(kind, **changes), combination)
    assert isinstance(plan, Launch), plan
    return {setting.key: setting.value for setting in plan.conf}


def requires(kind: str, combination: Combination, **changes: Any) -> tuple[str, ...]:
    """Return what a combination that works asks of the cluster."""
    plan = plan_launch(artifact(kind, **changes), combination)
    assert isinstance(plan, Launch), plan
    return plan.requires


def refusal(kind: str, combination: Combination, **changes: Any) -> str:
    """Return the reason of a combination that is refused."""
    plan = plan_launch(artifact(kind, **changes), combination)
    assert isinstance(plan, Refusal), plan
    assert plan.alternative
    return plan.reason


WORKING = [
    each for each in Combination if each not in (Combination.STANDALONE_CLUSTER, Combination.LOCAL, Combination.CONNECT)
]
SHIPPING = ("spark.yarn.dist.archives", "spark.archives", "spark.yarn.dist.files", "spark.files")


@pytest.mark.parametrize("kind", ["pex", "packed", "venv"])
@pytest.mark.parametrize("combination", WORKING)
def test_exactly_one_key_ships_the_artifact(kind: str, combination: Combination) -> None:
    """spark.md §1: a second one would upload twice, or win over the first."""
    keys = [key for key in conf(kind, combination) if key in SHIPPING]
    on_yarn = combination.value.startswith("yarn")
    expected = (2 if kind == "pex" else 0) + (0 if on_yarn else 1)
    assert keys == [SHIPPING[expected]]


def test_an_archive_has_the_alias_and_a_file_keeps_its_name() -> None:
    """The fragment names the folder in the container."""
    assert conf("venv", Combination.YARN_CLIENT)["spark.yarn.dist.archives"] == "{uri}#pyenv"
    assert conf("pex", Combination.STANDALONE_CLIENT)["spark.files"] == "{uri}"


@pytest.mark.parametrize("kind", ["pex", "packed", "venv"])
def test_yarn_cluster_sets_the_drivers_interpreter_only_in_the_application_master(kind: str) -> None:
    """spark.pyspark.driver.python would win over it, and the submitter's variables would leak in."""
    settings = conf(kind, Combination.YARN_CLUSTER)
    assert settings["spark.yarn.appMasterEnv.PYSPARK_PYTHON"] == PYTHON[kind]
    assert settings["spark.yarn.appMasterEnv.PYSPARK_DRIVER_PYTHON"] == PYTHON[kind]
    assert settings["spark.yarn.appMasterEnv.PYTHONHASHSEED"] == "0"
    assert not [key for key in settings if key.startswith("spark.pyspark.")]


@pytest.mark.parametrize("kind", ["pex", "packed", "venv"])
@pytest.mark.parametrize("combination", [each for each in WORKING if not each.driver_on_cluster])
def test_a_local_driver_keeps_its_own_interpreter(kind: str, combination: Combination) -> None:
    """The container's path does not exist on the submitting machine."""
    settings = conf(kind, combination)
    assert settings["spark.pyspark.python"] == PYTHON[kind]
    assert settings["spark.pyspark.driver.python"] == "{driver_python}"
    plan = plan_launch(artifact(kind), combination)
    assert isinstance(plan, Launch)
    assert {setting.key for setting in plan.env} == {"PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON", "PYTHONHASHSEED"}


def test_executor_variables_never_name_the_interpreter() -> None:
    """spark.executorEnv.PYSPARK_PYTHON is inert."""
    for kind in PYTHON:
        for combination in WORKING:
            assert "spark.executorEnv.PYSPARK_PYTHON" not in conf(kind, combination)


def test_a_packed_pex_is_an_archive_that_is_run_by_its_main() -> None:
    """YARN unpacks `.pex.zip`, executable bits kept; Spark's own unpacking keeps them from Spark 4 on."""
    assert conf("packed", Combination.YARN_CLIENT)["spark.yarn.dist.archives"] == "{uri}#pyenv"
    assert conf("packed", Combination.YARN_CLUSTER)["spark.yarn.appMasterEnv.PEX_ROOT"] == "./.pex"
    on_yarn, on_kubernetes = (
        "\n".join(requires("packed", each)) for each in (Combination.YARN_CLUSTER, Combination.KUBERNETES_CLUSTER)
    )
    assert "Spark 4" not in on_yarn and on_kubernetes.count("Spark 4: ") == 1


def test_a_script_of_a_pex_does_not_run_in_place_of_the_daemon() -> None:
    """As with an entry point."""
    settings = conf("pex", Combination.YARN_CLUSTER, script="tool")
    assert settings["spark.executorEnv.PEX_INTERPRETER"] == settings["spark.yarn.appMasterEnv.PEX_INTERPRETER"] == "1"


def test_a_pex_unpacks_inside_its_container() -> None:
    """HOME may be missing; the driver on the cluster needs it as well."""
    settings = conf("pex", Combination.YARN_CLUSTER)
    assert settings["spark.executorEnv.PEX_ROOT"] == settings["spark.yarn.appMasterEnv.PEX_ROOT"] == "./.pex"
    assert "spark.executorEnv.PEX_ROOT" not in conf("venv", Combination.YARN_CLUSTER)


def test_an_entry_point_does_not_replace_the_daemon() -> None:
    """PEX_INTERPRETER lets pyspark.daemon start."""
    assert conf("pex", Combination.YARN_CLIENT, entry_point="app")["spark.executorEnv.PEX_INTERPRETER"] == "1"
    assert "spark.executorEnv.PEX_INTERPRETER" not in conf("pex", Combination.YARN_CLIENT)


def test_a_driver_pod_gets_the_variables_of_a_pex() -> None:
    """On Kubernetes the driver has a key of its own; on YARN it is the application master's."""
    settings = conf("pex", Combination.KUBERNETES_CLUSTER, entry_point="app")
    assert settings["spark.kubernetes.driverEnv.PEX_ROOT"] == "./.pex"
    assert settings["spark.kubernetes.driverEnv.PEX_INTERPRETER"] == "1"
    assert settings["spark.pyspark.python"] == "./{file}"
    assert not [key for key in settings if key.startswith("spark.yarn.")]


@pytest.mark.parametrize("kind", ["pex", "packed", "venv"])
def test_a_local_cluster_is_a_cluster_with_a_local_driver(kind: str) -> None:
    """It has executors of their own, so it ships as a standalone master does, without a host to name."""
    plan = plan_launch(artifact(kind), Combination.LOCAL_CLUSTER)
    assert isinstance(plan, Launch)
    assert (plan.master, plan.deploy_mode) == ("local-cluster[2,1,1024]", "client")
    assert conf(kind, Combination.LOCAL_CLUSTER) == conf(kind, Combination.STANDALONE_CLIENT)


@pytest.mark.parametrize(
    ("kind", "combination", "changes", "what"),
    [
        ("venv", Combination.LOCAL_CLUSTER, {}, "python3.11 on the PATH of every container"),
        ("venv", Combination.YARN_CLIENT, {}, "yarn.nodemanager.admin-env"),
        ("pex", Combination.YARN_CLIENT, {}, "a local Python 3.11 for the driver"),
        ("pex", Combination.YARN_CLUSTER, {}, "win over spark.yarn.appMasterEnv"),
        ("pex", Combination.KUBERNETES_CLUSTER, {}, "spark.kubernetes.file.upload.path"),
        ("pex", Combination.YARN_CLIENT, {"distributions": {"pyspark": "3.5.6"}}, "Spark 3.5.6 on the cluster"),
        ("pex", Combination.YARN_CLIENT, {"inherit_path": "prefer"}, "no packages in the nodes' Python"),
    ],
)
def test_what_no_property_can_give_is_said_once_and_only_where_it_holds(
    kind: str, combination: Combination, changes: dict[str, Any], what: str
) -> None:
    """A person reads it before the job fails."""
    assert len([line for line in requires(kind, combination, **changes) if what in line]) == 1
    bundled = requires("venv", Combination.STANDALONE_CLIENT, bundled_interpreter=True)
    assert bundled == ("a local Python 3.11 for the driver: the versions must agree in major and minor",)


def test_python_in_cluster_mode_is_refused_on_standalone() -> None:
    """spark-submit refuses it; the end-to-end test shows that it does."""
    assert "refuses Python applications in cluster mode" in refusal("venv", Combination.STANDALONE_CLUSTER)


@pytest.mark.parametrize(
    ("changes", "what"),
    [({"inherit_path": "false"}, "drops PYTHONPATH"), ({"hermetic_scripts": True}, "are hermetic")],
)
def test_a_pex_that_cannot_see_pyspark_is_refused(changes: dict[str, Any], what: str) -> None:
    """spark.md §3; with pyspark inside it is not refused."""
    assert what in refusal("pex", Combination.YARN_CLIENT, **changes)
    assert conf("pex", Combination.YARN_CLIENT, distributions={"pyspark": "3.5.6"}, **changes)


@pytest.mark.parametrize("platform", ["cp311-win_amd64", "cp311-macosx_14_0_arm64"])
def test_an_artifact_for_another_system_is_refused(platform: str) -> None:
    """Executors run on Linux."""
    assert platform in refusal("venv", Combination.YARN_CLIENT, platform=platform)


def test_placeholders_are_filled() -> None:
    """A file keeps the last part of its URI, which deploy makes from the digest."""
    text = filled(
        "{uri} ./{file} {driver_python} {master}", uri="hdfs://n/e/a-12.pex", driver_python="py", master="h:1"
    )
    assert text == "hdfs://n/e/a-12.pex ./a-12.pex py h:1"


def write(folder: Path, reports: dict[str, dict[str, Any]], *combinations: str, options: Sequence[str] = ()) -> int:
    """Run the command as the rule does."""
    words = ["--name", "a", "--output", str(folder / "a.launcher.json")]
    for name, content in reports.items():
        (folder / name).write_text(json.dumps(content))
        words += ["--report", str(folder / name)]
    for combination in combinations:
        words += ["--combination", combination]
    return main(["launcher", "write", *words, *options])


def test_the_manifest_holds_launches_and_refusals(tmp_path: Path) -> None:
    """Every combination stands in one of the two lists; each key has a reason and a page."""
    assert write(tmp_path, {"p.json": report("pex"), "v.json": report("venv")}) == 0
    manifest = json.loads((tmp_path / "a.launcher.json").read_text())
    assert len(manifest["launches"]) + len(manifest["refused"]) == 2 * len(Combination)
    for launch in manifest["launches"]:
        for setting in (*launch["conf"].values(), *launch["env"].values()):
            assert setting["reason"] and setting["page"]
    assert sorted(manifest["parents"]) == ["pex", "venv"]


def test_renderings_are_what_spark_submit_reads(tmp_path: Path) -> None:
    """One argument per line; properties below their reasons."""
    assert write(tmp_path, {"v.json": report()}, "yarn-cluster") == 0
    folder = tmp_path / "a.launcher/venv/yarn-cluster"
    words = (folder / "spark-submit.args").read_text().splitlines()
    assert words[:4] == ["--master", "yarn", "--deploy-mode", "cluster"]
    assert words[4::2] == ["--conf"] * (len(words[4:]) // 2)
    properties = [
        line.split(" ", 1) for line in (folder / "spark-defaults.conf").read_text().splitlines() if line[0] != "#"
    ]
    assert ["spark.yarn.dist.archives", "{uri}#pyenv"] in properties
    assert not (tmp_path / "a.launcher/pex").exists()


def test_an_environment_file_is_read_by_a_shell(tmp_path: Path) -> None:
    """What it exports is what the manifest says."""
    assert write(tmp_path, {"v.json": report()}, "yarn-client") == 0
    file = tmp_path / "a.launcher/venv/yarn-client/environment.sh"
    script = f'. "{file}" && echo "$PYSPARK_PYTHON $PYSPARK_DRIVER_PYTHON $PYTHONHASHSEED"'
    done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=True, env={})
    assert done.stdout == "./pyenv/bin/python {driver_python} 0\n"


def test_a_driver_on_the_cluster_has_no_environment_file(tmp_path: Path) -> None:
    """There is nothing to source before a `python app.py` that cannot start it."""
    assert write(tmp_path, {"v.json": report()}, "yarn-cluster", "kubernetes-cluster", "local-cluster") == 0
    files = {path.relative_to(tmp_path / "a.launcher").as_posix() for path in tmp_path.rglob("environment.sh")}
    assert files == {"venv/local-cluster/environment.sh"}
    assert (tmp_path / "a.launcher/venv/kubernetes-cluster/spark-defaults.conf").exists()


def test_an_artifact_that_nothing_can_start_still_has_a_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was asked for, so nothing fails: the manifest and a warning say why there is no launch."""
    assert write(tmp_path, {"v.json": report(platform="cp311-win_amd64")}) == 0
    manifest = json.loads((tmp_path / "a.launcher.json").read_text())
    assert manifest["launches"] == [] and len(manifest["refused"]) == len(Combination)
    assert list((tmp_path / "a.launcher").iterdir()) == []
    warning = capsys.readouterr().err
    assert "warning: a.launcher.json holds no launch: Spark's executors run on Linux" in warning
    assert "fix:   build for a Linux platform tag" in warning


@pytest.mark.parametrize(
    ("combination", "what"),
    [
        ("standalone-cluster", "standalone-cluster cannot start the venv: spark-submit refuses Python applications"),
        ("local", "local cannot start the venv"),
        ("mesos", "unknown combination 'mesos'"),
    ],
)
def test_what_was_asked_for_and_cannot_work_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], combination: str, what: str
) -> None:
    """With reason and alternative; nothing is written."""
    assert write(tmp_path, {"v.json": report()}, combination) == 2
    error = capsys.readouterr().err
    assert what in error and "fix:   " in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["v.json"]


def test_artifacts_of_two_environments_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One manifest, one environment."""
    assert write(tmp_path, {"p.json": report("pex", env_id="other"), "v.json": report("venv")}) == 2
    assert "environment" in capsys.readouterr().err


def test_a_report_without_a_field_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The field is named."""
    broken = report()
    del broken["python_path"]
    assert write(tmp_path, {"v.json": broken}) == 2
    assert "where: v.json: python_path" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"artifact": "../../escaped"}, "artifact"),
        ({"artifact": "zip"}, "artifact"),
        ({"python_path": "bin/python\nspark.evil 1"}, "python_path"),
        ({"python_path": "'; touch owned; '"}, "python_path"),
        ({"inherit_path": "maybe"}, "inherit_path"),
        ({"python": "3.12"}, "python"),
        ({"platform": "plan9"}, "platform"),
        ({"file": "a,b #c.pex"}, "file"),
        ({"file": "../a.pex"}, "file"),
        ({"entry_point": "app\r"}, "entry_point"),
        ({"name": "a\u2028b"}, "name"),
        ({"distributions": {"pyspark": 5}}, "distributions.pyspark"),
        ({"distributions": {"pyspark": "3.5\rspark.evil true"}}, "distributions.pyspark"),
    ],
)
def test_a_report_with_a_value_that_no_artifact_has_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], field: str
) -> None:
    """Values enter paths, properties and shell text: nothing is written, inside the folder or outside."""
    assert write(tmp_path, {"v.json": report(**changes)}) == 2
    error = capsys.readouterr().err
    assert f"{field}" in error and "\n  fix:   " in error
    assert [path.name for path in tmp_path.rglob("*")] == ["v.json"]


@pytest.mark.parametrize("name", ["environment.sh", "spark-defaults.conf", "spark-submit.args"])
def test_a_rendering_never_has_a_control_character(name: str) -> None:
    """Java's properties end at CR, too: a value that has one would be two lines."""
    setting = Setting(key="spark.key", value="a\rspark.evil true", reason="r", page="p")
    launch = Launch(
        artifact=ArtifactKind.VENV,
        combination=Combination.YARN_CLIENT,
        master="yarn",
        deploy_mode="client",
        conf=(setting,),
        env=(setting,),
    )
    with pytest.raises(ToolError, match="has a control character"):
        renderings(launch)[name]


def test_a_value_is_quoted_for_the_shell(tmp_path: Path) -> None:
    """Whatever it holds, it stays the value."""
    value = "it's; $(touch owned) `x`"
    setting = Setting(key="KEY", value=value, reason="r", page="p")
    launch = Launch(
        artifact=ArtifactKind.VENV,
        combination=Combination.LOCAL,
        master="m",
        deploy_mode="client",
        conf=(),
        env=(setting,),
    )
    (tmp_path / "e.sh").write_text(renderings(launch)["environment.sh"])
    script = '. ./e.sh && printf %s "$KEY"'
    done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=True, env={}, cwd=tmp_path)
    assert done.stdout == value


def test_a_second_run_replaces_the_first_ones_renderings(tmp_path: Path) -> None:
    """What is no longer asked for does not stay."""
    assert write(tmp_path, {"v.json": report()}, "yarn-client", "yarn-cluster") == 0
    assert write(tmp_path, {"v.json": report()}, "yarn-cluster") == 0
    files = [path for path in (tmp_path / "a.launcher").rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {"skein", "yarn-cluster"}


@pytest.mark.parametrize("combination", Combination)
def test_a_folder_is_refused(combination: Combination) -> None:
    """Spark ships files; the remedy names the format that works everywhere."""
    plan = plan_launch(artifact("venv", container="dir", file="a.venv"), combination)
    assert isinstance(plan, Refusal)
    if combination not in (Combination.STANDALONE_CLUSTER, Combination.LOCAL):
        assert plan.reason.startswith("a folder is not an archive") and plan.alternative.startswith('format = "tar.gz"')


def test_a_zip_asks_for_a_new_spark_but_on_yarn() -> None:
    """Older ones lose the right to execute when they unpack it; a NodeManager does not."""
    said = requires("venv", Combination.KUBERNETES_CLUSTER, container="zip", file="a.venv.zip")
    assert [line for line in said if line.startswith("Spark 4: ")]
    for combination, container in ((Combination.YARN_CLUSTER, "zip"), (Combination.KUBERNETES_CLUSTER, "tar.gz")):
        said = requires("venv", combination, container=container, file=f"a.venv.{container}")
        assert not [line for line in said if line.startswith("Spark 4: ")]


def test_an_interpreter_inside_asks_for_none_on_the_nodes() -> None:
    """Only a driver on the submitting machine still wants a Python of the same version."""
    inside = {"bundled_interpreter": True, "interpreter": "3.11.9"}
    assert not [line for line in requires("venv", Combination.YARN_CLUSTER, **inside) if "PATH" in line]
    assert requires("venv", Combination.YARN_CLIENT, **inside) == (
        "a local Python 3.11 for the driver: the versions must agree in major and minor",
    )


def test_a_library_that_the_inner_interpreter_wants_is_asked_of_the_nodes() -> None:
    """With the modules that cannot be imported without it; in every mode."""
    inside = {
        "bundled_interpreter": True,
        "interpreter": "3.11.9",
        "node_libraries": {"libz.so.1": ("binascii", "zlib")},
    }
    for combination in (Combination.YARN_CLUSTER, Combination.LOCAL_CLUSTER):
        said = [line for line in requires("venv", combination, **inside) if line.startswith("libz.so.1 on every node")]
        assert said == [
            "libz.so.1 on every node: binascii, zlib of the interpreter inside cannot be imported without it"
        ]
