"""The launcher manifest `<env>.launcher.json` (docs/formats/launcher.md): placeholders, writer, reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from python_env.artifacts.model import ArtifactKind, Report
from python_env.base.documents import Reader, parse_document
from python_env.launcher.model import Added, Cluster, Combination, Launch, Profile, Refusal, Setting, parse_cluster

SCHEMA = 1

ALIAS = "pyenv"
"""Name of the unpacked archive's folder in every container's working directory."""

CODE_ALIAS = "pycode"
"""Name of the unpacked code's folder beside it, where the environment is split."""

URI = "{uri}"
"""Where the artifact lies; known after it was uploaded."""

FILE = "{file}"
"""The last part of the URI: a file keeps its name in the container."""

CODE_URI = "{code_uri}"
"""Where the archive of the code lies."""

DRIVER_PYTHON = "{driver_python}"
"""The interpreter of a driver that runs on the submitting machine: a local copy of the environment."""

DRIVER_CODE = "{driver_code}"
"""The code of a driver that runs on the submitting machine: a local, unpacked copy."""

MASTER = "{master}"
"""Host and port of the master."""

PLACEHOLDERS = (URI, FILE, CODE_URI, DRIVER_PYTHON, DRIVER_CODE, MASTER)
"""What values and renderings hold for what is known later only."""

_PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS)))
_FIX = "build the :<name>_launcher target again"


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders filled, all at once; those that `values` (by name) does not have stay."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[0][1:-1], found[0]), text)


def unfilled(text: str) -> list[str]:
    """Return the names of the placeholders in a text."""
    return sorted({found[1:-1] for found in _PLACEHOLDER.findall(text)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """How an environment's artifacts are started, and what does not start them."""

    name: str
    env_id: str
    platform: str
    parents: Mapping[str, str]
    """Artifact kind to the sha256 of its report."""
    launches: tuple[Launch, ...]
    refused: tuple[Refusal, ...]
    """Their proofs do not stand in the document."""
    cluster: Cluster
    """What the plans were made for."""
    profile: Profile


def make_manifest(
    artifacts: Sequence[Report],
    launches: Iterable[Launch],
    refused: Iterable[Refusal],
    *,
    cluster: Cluster,
    profile: Profile = Profile.OWN,
) -> Manifest:
    """Return the manifest of an environment's artifacts; `cluster` and `profile` are what the plans were made for."""
    return Manifest(
        name=artifacts[0].name,
        env_id=artifacts[0].env_id,
        platform=artifacts[0].platform,
        parents={artifact.kind: artifact.digest for artifact in artifacts},
        launches=tuple(launches),
        refused=tuple(refused),
        cluster=cluster,
        profile=profile,
    )


def manifest_document(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as a document."""
    hadoop = manifest.cluster.hadoop
    return {
        "alias": ALIAS,
        "code_alias": CODE_ALIAS if ArtifactKind.CODE in manifest.parents else "",
        "env_id": manifest.env_id,
        "hadoop_version": hadoop.text if hadoop else "",
        "kind": "launcher",
        "launches": [_launch_document(launch) for launch in manifest.launches],
        "name": manifest.name,
        "parents": dict(manifest.parents),
        "platform": manifest.platform,
        "profile": manifest.profile,
        "refused": [_refusal_document(refusal) for refusal in manifest.refused],
        "schema": SCHEMA,
        "spark_versions": [spark.text for spark in manifest.cluster.spark],
    }


def _launch_document(launch: Launch) -> dict[str, Any]:
    return {
        "added": [
            {"archive": item.archive, "page": item.page, "reason": item.reason, "value": item.value}
            for item in launch.added
        ],
        "artifact": launch.artifact,
        "combination": launch.combination.value,
        "conf": _settings_document(launch.conf),
        "deploy_mode": launch.deploy_mode,
        "env": _settings_document(launch.env),
        "master": launch.master,
        "requires": list(launch.requires),
    }


def _settings_document(settings: Iterable[Setting]) -> dict[str, dict[str, str]]:
    return {item.key: {"page": item.page, "reason": item.reason, "value": item.value} for item in settings}


def _refusal_document(refusal: Refusal) -> dict[str, str]:
    return {
        "alternative": refusal.alternative,
        "artifact": refusal.artifact,
        "combination": refusal.combination.value,
        "reason": refusal.reason,
    }


def parse_manifest(data: bytes, *, where: str) -> Manifest:
    """Return the manifest in `data`; raises ToolError when it is none."""
    document = parse_document(data, where=where, kind="launcher", schema=SCHEMA, fix=_FIX)
    reader = Reader(where, _FIX)
    parents = reader.take(document, "parents", dict)
    launches = enumerate(reader.items(document, "launches", dict))
    refused = enumerate(reader.items(document, "refused", dict))
    return Manifest(
        name=reader.text(document, "name"),
        env_id=reader.text(document, "env_id"),
        platform=reader.text(document, "platform"),
        parents={kind: reader.text(parents, kind, "parents") for kind in parents},
        launches=tuple(_parse_launch(reader, row, f"launches[{i}]") for i, row in launches),
        refused=tuple(_parse_refusal(reader, row, f"refused[{i}]") for i, row in refused),
        cluster=parse_cluster(reader.strings(document, "spark_versions"), reader.text(document, "hadoop_version")),
        profile=reader.choice(document, "profile", Profile),
    )


def _parse_launch(reader: Reader, row: Mapping[str, Any], path: str) -> Launch:
    added = enumerate(reader.items(row, "added", dict, path))
    return Launch(
        artifact=reader.choice(row, "artifact", ArtifactKind, path),
        combination=_parse_combination(reader, row, path),
        master=reader.text(row, "master", path),
        deploy_mode=reader.text(row, "deploy_mode", path),
        conf=_parse_settings(reader, reader.take(row, "conf", dict, path), f"{path}.conf"),
        env=_parse_settings(reader, reader.take(row, "env", dict, path), f"{path}.env"),
        added=tuple(_parse_added(reader, item, f"{path}.added[{i}]") for i, item in added),
        requires=reader.strings(row, "requires", path),
    )


def _parse_combination(reader: Reader, row: Mapping[str, Any], path: str) -> Combination:
    return Combination(reader.choice(row, "combination", [each.value for each in Combination], path))


def _parse_settings(reader: Reader, found: Mapping[str, Any], path: str) -> tuple[Setting, ...]:
    return tuple(
        _parse_setting(reader, reader.take(found, key, dict, path), key=key, path=f"{path}.{key}")
        for key in sorted(found)
    )


def _parse_setting(reader: Reader, row: Mapping[str, Any], *, key: str, path: str) -> Setting:
    value, reason, page = (reader.text(row, field, path) for field in ("value", "reason", "page"))
    return Setting(key=key, value=value, reason=reason, page=page)


def _parse_added(reader: Reader, row: Mapping[str, Any], path: str) -> Added:
    texts = {field: reader.text(row, field, path) for field in ("value", "reason", "page")}
    return Added(archive=reader.take(row, "archive", bool, path), **texts)


def _parse_refusal(reader: Reader, row: Mapping[str, Any], path: str) -> Refusal:
    return Refusal(
        artifact=reader.choice(row, "artifact", ArtifactKind, path),
        combination=_parse_combination(reader, row, path),
        reason=reader.text(row, "reason", path),
        alternative=reader.text(row, "alternative", path),
        proof="",
    )
