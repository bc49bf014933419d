"""The manifest's writer and its reader."""

from __future__ import annotations

from dataclasses import replace

import pytest

from python_env.base.documents import render_document
from python_env.base.errors import ToolError
from python_env.launcher.manifest.model import Manifest, make_manifest, manifest_document, parse_manifest
from python_env.launcher.model import Combination, Launch, Refusal, parse_cluster
from python_env.launcher.rules import plan_launch
from support.reports import REPORTS

CLUSTER = parse_cluster(["3.5.6"], "3.3.6")


def manifest() -> Manifest:
    """Return the manifest of all reports and combinations."""
    reports = list(REPORTS.values())
    plans = [plan_launch(report, each, cluster=CLUSTER) for report in reports for each in Combination]
    launches = [plan for plan in plans if isinstance(plan, Launch)]
    return make_manifest(reports, launches, [plan for plan in plans if isinstance(plan, Refusal)], cluster=CLUSTER)


def test_what_was_written_is_read() -> None:
    """All but a refusal's proof, and what a variable does to its old value, which no reader needs."""
    wrote = manifest()
    read = parse_manifest(render_document(manifest_document(wrote)), where="x")
    assert read.launches and read.refused
    assert read.launches == tuple(
        replace(launch, env=tuple(replace(each, before_others=False) for each in launch.env))
        for launch in wrote.launches
    )
    assert read.refused == tuple(replace(refusal, proof="") for refusal in wrote.refused)
    assert manifest_document(read) == manifest_document(wrote)


def test_a_combination_that_nobody_knows_is_named_by_its_place() -> None:
    """With what it may be."""
    document = manifest_document(manifest())
    document["launches"][0]["combination"] = "mesos"
    with pytest.raises(ToolError, match=r"expected one of yarn-client, .*mesos") as error:
        parse_manifest(render_document(document), where="x")
    assert error.value.faults[0].where == "x: launches[0].combination"
