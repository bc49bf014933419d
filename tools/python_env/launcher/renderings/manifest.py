"""The launcher manifest `<env>.launcher.json` (docs/formats/launcher.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from python_env.artifacts.model import ArtifactKind, Report
from python_env.launcher.model import Cluster, Launch, Profile, Refusal, Setting
from python_env.launcher.rules import ALIAS, CODE_ALIAS

SCHEMA = 1


def _settings(settings: Iterable[Setting]) -> dict[str, dict[str, str]]:
    return {item.key: {"page": item.page, "reason": item.reason, "value": item.value} for item in settings}


def _launch(launch: Launch) -> dict[str, Any]:
    return {
        "added": [
            {"archive": item.archive, "page": item.page, "reason": item.reason, "value": item.value}
            for item in launch.added
        ],
        "artifact": launch.artifact,
        "combination": launch.combination.value,
        "conf": _settings(launch.conf),
        "deploy_mode": launch.deploy_mode,
        "env": _settings(launch.env),
        "master": launch.master,
        "requires": list(launch.requires),
    }


def _refusal(refusal: Refusal) -> dict[str, str]:
    return {
        "alternative": refusal.alternative,
        "artifact": refusal.artifact,
        "combination": refusal.combination.value,
        "reason": refusal.reason,
    }


def manifest_document(
    artifacts: Sequence[Report],
    launches: Sequence[Launch],
    refusals: Sequence[Refusal],
    *,
    cluster: Cluster,
    profile: Profile = Profile.OWN,
) -> dict[str, Any]:
    """Return `<env>.launcher.json`; `cluster` and `profile` are what the plans were made for."""
    return {
        "alias": ALIAS,
        "code_alias": CODE_ALIAS if any(artifact.kind is ArtifactKind.CODE for artifact in artifacts) else "",
        "env_id": artifacts[0].env_id,
        "hadoop_version": cluster.hadoop.text if cluster.hadoop else "",
        "kind": "launcher",
        "launches": [_launch(launch) for launch in launches],
        "name": artifacts[0].name,
        "parents": {artifact.kind: artifact.digest for artifact in artifacts},
        "platform": artifacts[0].platform,
        "profile": profile,
        "refused": [_refusal(refusal) for refusal in refusals],
        "schema": SCHEMA,
        "spark_versions": [spark.text for spark in cluster.spark],
    }
