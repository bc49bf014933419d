"""The tables of docs/launcher.md say all that the rules can, with a reason, a page, an alternative and a proof."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from python_env.artifacts.model import Container, InheritPath, Report
from python_env.launcher.model import Combination, Launch, Profile, parse_cluster
from python_env.launcher.profiles import profiled
from python_env.launcher.renderings.skein import skein_settings
from python_env.launcher.rules import plan_launch
from python_env.launcher.table import avoided_rows, refusal_rows, setting_rows
from support.reports import REPORTS

SETTINGS = {(key, value, why, page) for key, value, _, why, page in setting_rows()}
PEXES = [
    replace(REPORTS[name], entry_point=entry, inherit_path=inherit, venv_mode=venv, distributions=inside)
    for name, entry, inherit, venv, inside in itertools.product(
        ("pex", "packed"), ("", "app"), InheritPath, (True, False), ({"numpy": "2.0"}, {"pyspark": "4.0.0"})
    )
]


def rows_of(artifact: Report, *, split: bool) -> set[tuple[str, ...]]:
    """Return the rows of all that is emitted for an artifact, by both profiles and in Skein's specification."""
    found = list(skein_settings(artifact, split=split))
    for combination, profile in itertools.product(Combination, Profile):
        plan = profiled(plan_launch(artifact, combination, split=split), artifact, profile, split=split)
        if isinstance(plan, Launch):
            found += [*plan.conf, *plan.env]
    return {(f"`{each.key}`", f"`{each.value}`", each.reason, each.page) for each in found}


@pytest.mark.parametrize("artifact", [REPORTS["venv"], *PEXES], ids=str)
@pytest.mark.parametrize("split", [False, True])
def test_every_emitted_key_stands_in_the_table(artifact: Report, split: bool) -> None:
    """With its value, its reason and its page, whatever the artifact's options are."""
    assert not rows_of(artifact, split=split) - SETTINGS


def test_no_cell_is_empty() -> None:
    """Neither a key without a reason nor a refusal without an alternative and a proof."""
    rows = (*setting_rows(), *refusal_rows(), *avoided_rows())
    assert rows and all(cell.strip() for row in rows for cell in row)


VENV, PEX = REPORTS["venv"], REPORTS["pex"]
UNUSUAL = (
    replace(VENV, container=Container.DIR),
    replace(VENV, platform="cp311-win_amd64"),
    replace(PEX, inherit_path=InheritPath.FALSE, distributions={"pyspark": "4.0.0"}, ignored={"numpy": "2.0"}),
    replace(PEX, hermetic_scripts=True),
    replace(VENV, file="a.venv"),
    replace(VENV, python="3.9"),
    replace(VENV, distributions={"pyarrow": "17.0.0"}),
    replace(VENV, distributions={"pandas": "2.1.4"}),
)
"""What only one rule refuses."""


def rule(reason: str) -> str:
    """Return a reason without the versions and names of one artifact."""
    return re.sub(r"\b[ax]\.[a-z.]+|\d+(\.\d+)*", "_", reason)


def test_the_table_of_refusals_has_every_rule_and_no_other() -> None:
    """Each reason that some artifact, cluster and code is refused for; beside those of cluster-pack's profile."""
    refused = [
        plan_launch(artifact, combination, split=split, cluster=parse_cluster([spark], ""), code_file=code)
        for artifact in [*PEXES, *REPORTS.values(), *UNUSUAL]
        for combination in Combination
        for split, code in ((False, ""), (True, "x.code.tar.gz"), (True, artifact.file))
        for spark in ("3.0.3", "3.4.4", "3.5.6", "4.3.0")
    ]
    rules = {rule(plan.reason) for plan in refused if not isinstance(plan, Launch)}
    assert rules == {rule(reason) for _, _, reason, _, _ in refusal_rows() if not reason.startswith("cluster-pack ")}
