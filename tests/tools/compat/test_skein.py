"""Specifications of Skein applications, against what cluster-pack 0.3.17 and dask-yarn 0.9 make.

skein.jsonl was made by running them: tests/support/spark/compare_with_skein.py --rows, read by the real Skein.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from python_env.compat import dask_yarn, skein

GOLDEN = [json.loads(line) for line in Path(__file__).with_name("skein.jsonl").read_text().splitlines()]
MIB = {"1 GiB": 1024, "2 GiB": 2048, "3 GiB": 3072, "4 GiB": 4096}


class Client:
    """As much of skein.Client as is used of it."""

    def submit(self, specification: Mapping[str, Any]) -> str:
        """Keep what is sent, and what lies in its index of editable packages at that time."""
        self.sent = specification
        for service in specification["services"].values():
            self.index = Path(service["files"]["editable_packages_index"]).read_bytes()
        return "application_1_0001"


def compared(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Assert that what Skein read of theirs is what ours says, and its defaults where ours is silent."""
    service_keys = {"depends": [], "max_restarts": 0, "node_label": "", "instances": 1, "env": {}}
    for key, default in {"queue": "default", "user": "", "tags": [], "file_systems": [], "max_attempts": 1}.items():
        assert ours.get(key, default) == theirs[key]
    assert ours["name"] == theirs["name"] and list(ours["services"]) == list(theirs["services"])
    for name, service in ours["services"].items():
        wanted = theirs["services"][name]
        assert service["script"] == wanted["script"]
        assert {key: service.get(key, default) for key, default in service_keys.items()} == {
            key: wanted[key] for key in service_keys
        }
        size = {"gpus": 0, "fpgas": 0, **service["resources"]}
        assert {**size, "memory": MIB[size["memory"]]} == wanted["resources"]
        assert list(service["files"]) == list(wanted["files"])
        for file, source in service["files"].items():
            expected = wanted["files"][file]["source"].removeprefix("file://")
            assert source == expected or file == "editable_packages_index"


@pytest.mark.parametrize("row", [row for row in GOLDEN if "archive" in row], ids=str)
def test_an_application_is_cluster_packs(row: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Script, files, variables and sizes for each archive, module and option; the index is empty while it is sent."""
    monkeypatch.setattr(skein, "_ticket", str)  # whatever ticket the one has who runs the tests
    client = Client()
    application = skein.submit(client, row["module"], package_path=row["archive"], **row["options"])
    assert application == "application_1_0001" and client.index == b""
    assert client.sent["acls"] == {"enable": True, "ui_users": ["*"], "view_users": ["*"]}
    compared(client.sent, row["specification"])


@pytest.mark.parametrize("row", [row for row in GOLDEN if "environment" in row], ids=str)
def test_a_cluster_is_dask_yarns(row: dict[str, Any]) -> None:
    """Scheduler and workers for each kind of environment that dask-yarn knows."""
    compared(dask_yarn.make_specification(row["environment"], **row["options"]), row["specification"])


@pytest.mark.parametrize(
    ("archive", "files", "script"),
    [
        ("hdfs:///e/a.pex", {"a.pex": "hdfs:///e/a.pex"}, "./a.pex -m dask_yarn.cli services worker"),
        (
            "hdfs:///e/a.pex.zip",
            {"environment": "hdfs:///e/a.pex.zip"},
            "environment/__main__.py -m dask_yarn.cli services worker",
        ),
        (
            "hdfs:///e/a.venv.tar.gz",
            {"environment": "hdfs:///e/a.venv.tar.gz"},
            "environment/bin/python -m dask_yarn.cli services worker",
        ),
    ],
)
def test_our_artifacts_start_without_activate(archive: str, files: dict[str, str], script: str) -> None:
    """dask-yarn would look for bin/activate, which neither a PEX nor a venv of ours has."""
    worker = dask_yarn.make_specification(archive)["services"]["dask.worker"]
    assert (worker["files"], worker["script"]) == (files, script)


def test_without_an_archive_nothing_is_submitted() -> None:
    """cluster-pack would pack the Python that runs; ours says what to name."""
    client = Client()
    with pytest.raises(ValueError, match="package_path is not given"):
        skein.submit(client, "package.module")
    assert not hasattr(client, "sent")


def test_another_deploy_mode_is_refused_as_dask_yarn_does() -> None:
    """By the same words."""
    with pytest.raises(ValueError, match=r"`deploy_mode` must be one of \{'remote', 'local'\}, got 'cluster'"):
        dask_yarn.make_specification("e.pex", deploy_mode="cluster")


@pytest.mark.parametrize("value", ["FILE:/var/ticket", "/var/ticket"])
def test_the_ticket_goes_with_the_application(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """As cluster-pack does: the container finds it in its own folder."""
    monkeypatch.setenv("KRB5CCNAME", value)
    client = Client()
    skein.submit(client, "package.module", package_path="hdfs:///e/a.pex")
    service = client.sent["services"]["skein_launcher"]
    assert service["files"]["ticket"] == "/var/ticket" and service["env"]["KRB5CCNAME"] == "FILE:ticket"
