"""The launcher rules for an environment whose code is an archive of its own."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.artifacts.model import ArtifactKind, Container, InheritPath, Report, render_report
from python_env.launcher.model import Combination, Launch, Refusal
from python_env.launcher.renderings.files import renderings
from python_env.launcher.rules import plan_launch
from support import reports
from support.filling import filled

VENV = replace(reports.VENV, distributions={})
CODE = replace(VENV, kind=ArtifactKind.CODE, file="a.code.tar.gz", python_path="")
PEX = replace(reports.PEX, distributions={})
PACKED = replace(reports.PACKED, distributions={})
ALONE = replace(PEX, inherit_path=InheritPath.FALSE, hermetic_scripts=True, distributions={"pyspark": "4.0.0"})
ARTIFACTS = {"venv": VENV, "pex": PEX, "packed": PACKED, "alone": ALONE}
WORKING = [
    each for each in Combination if each not in (Combination.STANDALONE_CLUSTER, Combination.LOCAL, Combination.CONNECT)
]
ARCHIVES = ("spark.yarn.dist.archives", "spark.archives")
ON_CLUSTER = {
    Combination.YARN_CLUSTER: "spark.yarn.appMasterEnv",
    Combination.KUBERNETES_CLUSTER: "spark.kubernetes.driverEnv",
}


def launch(kind: str, combination: Combination, *, split: bool = True) -> Launch:
    """Return how a combination that works starts an artifact."""
    plan = plan_launch(ARTIFACTS[kind], combination, split=split)
    assert isinstance(plan, Launch), plan
    return plan


def conf(kind: str, combination: Combination, *, split: bool = True) -> dict[str, str]:
    """Return its properties."""
    return {setting.key: setting.value for setting in launch(kind, combination, split=split).conf}


@pytest.mark.parametrize("kind", list(ARTIFACTS))
@pytest.mark.parametrize("combination", WORKING)
def test_one_key_ships_all_archives(kind: str, combination: Combination) -> None:
    """Two keys of one meaning would win over each other; a PEX that is a file keeps its own key."""
    settings = conf(kind, combination)
    key = ARCHIVES[0 if combination.manager == "yarn" else 1]
    expected = "{code_uri}#pycode" if kind in ("pex", "alone") else "{uri}#pyenv,{code_uri}#pycode"
    assert settings[key] == expected
    assert not settings.keys() & ({*ARCHIVES} - {key})


@pytest.mark.parametrize("kind", list(ARTIFACTS))
@pytest.mark.parametrize("combination", WORKING)
def test_every_container_finds_the_code(kind: str, combination: Combination) -> None:
    """Executors, and the driver where it runs on the cluster; a PEX that drops PYTHONPATH has its own variable."""
    settings = conf(kind, combination)
    variable, other = ("PEX_EXTRA_SYS_PATH", "PYTHONPATH")[:: 1 if kind == "alone" else -1]
    places = ["spark.executorEnv", *([ON_CLUSTER[combination]] if combination in ON_CLUSTER else [])]
    assert {key: value for key, value in settings.items() if key.endswith(f".{variable}")} == {
        f"{place}.{variable}": "./pycode" for place in places
    }
    assert not [key for key in settings if key.endswith(f".{other}")]


@pytest.mark.parametrize("kind", list(ARTIFACTS))
@pytest.mark.parametrize("combination", WORKING)
def test_a_driver_on_the_submitting_machine_has_its_own_copy(kind: str, combination: Combination) -> None:
    """No property sets its variables: environment.sh does, and the requirements say it to who runs spark-submit."""
    plan = launch(kind, combination)
    said = [text for text in plan.requires if "{driver_code}" in text]
    variables = {setting.key: setting.value for setting in plan.env}
    expected = (0, None) if combination in ON_CLUSTER else (1, "{driver_code}")
    assert (len(said), variables.get("PYTHONPATH")) == expected


@pytest.mark.parametrize("kind", list(ARTIFACTS))
@pytest.mark.parametrize("combination", WORKING)
def test_everything_else_is_as_without_split(kind: str, combination: Combination) -> None:
    """Which interpreter runs does not depend on where the code lies."""
    split, whole = conf(kind, combination), conf(kind, combination, split=False)
    added = {key for key in split if key.endswith(("PYTHONPATH", "PEX_EXTRA_SYS_PATH")) or key in ARCHIVES}
    assert {key: split[key] for key in split.keys() - added} == {key: whole[key] for key in whole.keys() - added}
    assert "pycode" not in json.dumps(whole)


def test_what_is_refused_stays_refused() -> None:
    """A folder is shipped by nothing, and Spark has no Python in standalone's cluster mode."""
    folder = replace(VENV, container=Container.DIR)
    assert plan_launch(folder, Combination.YARN_CLIENT, split=True) == plan_launch(folder, Combination.YARN_CLIENT)
    for combination in (Combination.STANDALONE_CLUSTER, Combination.LOCAL):
        assert plan_launch(VENV, combination, split=True) == plan_launch(VENV, combination)


def test_a_shell_keeps_its_own_pythonpath_behind_the_code() -> None:
    """Sourcing environment.sh takes nothing away; an empty variable adds no empty entry, which is the folder itself."""
    text = renderings(launch("venv", Combination.YARN_CLIENT))["environment.sh"]
    text = filled(text, uri="", driver_code="/my code")
    for before, after in {"PYTHONPATH=/x": "/my code:/x", "PYTHONPATH=": "/my code", "OTHER=": "/my code"}.items():
        command = ["env", "-i", before, "PATH=/usr/bin:/bin", "sh", "-c", f'{text}\nprintf %s "$PYTHONPATH"']
        assert subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout == after


def test_placeholders_are_filled() -> None:
    """Both archives have a place of their own."""
    text = renderings(launch("venv", Combination.YARN_CLIENT))["spark-submit.args"]
    found = filled(text, uri="hdfs:///a", code_uri="hdfs:///b", driver_python="p", driver_code="c")
    assert "spark.yarn.dist.archives=hdfs:///a#pyenv,hdfs:///b#pycode" in found.splitlines()
    assert "{" not in found


def write(folder: Path, *reports: Report) -> int:
    """Write the launcher of artifacts with these reports."""
    words = ["launcher", "write", "--name=a", "--output", f"{folder}/a.launcher.json"]
    for number, report in enumerate(reports):
        (folder / f"{number}.json").write_bytes(render_report(report))
        words += ["--report", f"{folder}/{number}.json"]
    return main(words)


def test_the_manifest_names_the_code_once(tmp_path: Path) -> None:
    """The code is no artifact that is started: it has a folder and a parent, and no launch."""
    assert write(tmp_path, CODE, VENV, PEX) == 0
    manifest = json.loads((tmp_path / "a.launcher.json").read_text())
    assert manifest["code_alias"] == "pycode"
    assert sorted(manifest["parents"]) == ["code", "pex", "venv"]
    assert {each["artifact"] for each in manifest["launches"]} == {"pex", "venv"}
    assert sorted(path.name for path in (tmp_path / "a.launcher").iterdir()) == ["pex", "venv"]


def test_without_code_there_is_no_folder_for_it(tmp_path: Path) -> None:
    """`code_alias` is empty, and no rendering has a placeholder for code."""
    assert write(tmp_path, VENV) == 0
    assert json.loads((tmp_path / "a.launcher.json").read_text())["code_alias"] == ""
    assert not [path for path in (tmp_path / "a.launcher").rglob("*") if path.is_file() and "code" in path.read_text()]


@pytest.mark.parametrize("reports", [(CODE,), (CODE, replace(VENV, env_id="other"))], ids=["alone", "of another"])
def test_code_alone_or_of_another_environment_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reports: tuple[Report, ...]
) -> None:
    """There is nothing that could start it."""
    assert write(tmp_path, *reports) == 2
    assert "not one of each kind from one environment" in capsys.readouterr().err
    assert not (tmp_path / "a.launcher.json").exists()


def test_what_the_artifact_leaves_out_is_required_of_the_cluster() -> None:
    """By version; pyspark is Spark's own."""
    less = replace(VENV, ignored={"numpy": "2.0", "pyspark": "4.0.0"})
    for combination in WORKING:
        plan = plan_launch(less, combination)
        assert isinstance(plan, Launch)
        said = [text for text in plan.requires if "the artifact leaves it out" in text]
        assert [text.partition(" on ")[0] for text in said] == ["numpy 2.0", "pyspark 4.0.0"]
        assert [text.endswith("Spark brings its own") for text in said] == [False, True]


def test_a_pex_that_sees_nothing_of_the_cluster_must_hold_everything() -> None:
    """PYTHONPATH is the only way to what the cluster has."""
    plan = plan_launch(replace(ALONE, ignored={"numpy": "2.0"}), Combination.YARN_CLUSTER)
    assert isinstance(plan, Refusal)
    assert plan.reason == "the PEX leaves out numpy and drops PYTHONPATH, by which the cluster has them"
    assert 'inherit_path = "fallback"' in plan.alternative
