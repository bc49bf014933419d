"""The profile of cluster-pack: its golden rows, byte for byte, and what it cannot ship."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from launcher.test_rules import WORKING, report, write

from python_env.artifacts.model import Report
from python_env.launcher.model import Combination, Launch, Profile, Refusal
from python_env.launcher.profiles import profiled
from python_env.launcher.renderings.files import renderings
from python_env.launcher.rules import plan_launch
from support.filling import filled
from support.reports import REPORTS

GOLDEN = (Path(__file__).parents[1] / "compat/cluster_pack.jsonl").read_text().splitlines()
COMBINATIONS = {
    ("yarn", "client"): Combination.YARN_CLIENT,
    ("yarn", "cluster"): Combination.YARN_CLUSTER,
    ("yarn", None): Combination.YARN_CLIENT,
    ("spark://h:7077", "client"): Combination.STANDALONE_CLIENT,
    ("k8s://https://h", "cluster"): Combination.KUBERNETES_CLUSTER,
    (None, None): Combination.STANDALONE_CLIENT,
}
"""A golden row's master and deploy mode to our name for it; no mode is client, no master is any but YARN."""


def plan(artifact: Report, combination: Combination, *, split: bool = False) -> Launch | Refusal:
    """Return the plan with cluster-pack's settings."""
    own = plan_launch(artifact, combination, split=split)
    return profiled(own, artifact, Profile.CLUSTER_PACK, split=split)


@pytest.mark.parametrize("line", GOLDEN)
def test_a_launch_is_the_golden_row(line: str) -> None:
    """Properties and variables, once the place of the artifact is known."""
    row = json.loads(line)
    artifact = REPORTS["packed" if row["archive"].endswith(".zip") else "pex"]
    launch = plan(artifact, COMBINATIONS[row["master"], row["deployMode"]])
    assert isinstance(launch, Launch)
    for field, settings in (("conf", launch.conf), ("env", launch.env)):
        row[field] = {setting.key: filled(setting.value, uri=row["archive"]) for setting in settings}
    assert json.dumps(row) == line


@pytest.mark.parametrize("kind", ["pex", "packed"])
@pytest.mark.parametrize("combination", WORKING)
def test_the_order_is_stable(kind: str, combination: Combination) -> None:
    """Sorted, in every rendering."""
    launch = plan(REPORTS[kind], combination)
    assert isinstance(launch, Launch)
    keys = [setting.key for setting in launch.conf]
    assert keys == sorted(keys) and "environment.sh" in renderings(launch)


@pytest.mark.parametrize(
    ("artifact", "combination", "options", "what"),
    [
        (REPORTS["venv"], Combination.YARN_CLIENT, {}, "knows .pex and .pex.zip only"),
        (REPORTS["pex"], Combination.YARN_CLIENT, {"split": True}, "not code beside it"),
        (REPORTS["pex"], Combination.CONNECT, {}, "no Spark Connect"),
        (REPORTS["pex"], Combination.LOCAL, {}, "in local mode"),
        (replace(REPORTS["pex"], hermetic_scripts=True), Combination.YARN_CLIENT, {}, "are hermetic"),
    ],
)
def test_what_cluster_pack_cannot_ship_is_refused(
    artifact: Report, combination: Combination, options: dict[str, Any], what: str
) -> None:
    """As is what no settings can start."""
    refused = plan(artifact, combination, **options)
    assert isinstance(refused, Refusal) and what in refused.reason and refused.alternative


def test_the_manifest_names_its_profile(tmp_path: Path) -> None:
    """Who reads it knows whose settings these are; Skein's specification is ours, so it is not there."""
    assert write(tmp_path, {"p.json": report("pex")}, options=["--profile=cluster-pack"]) == 0
    manifest = json.loads((tmp_path / "a.launcher.json").read_text())
    assert manifest["profile"] == "cluster-pack"
    assert {tuple(launch["env"]) for launch in manifest["launches"]} == {("PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON")}
    assert not (tmp_path / "a.launcher/pex/skein").exists()
