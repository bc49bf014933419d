"""A launcher's manifest and renderings, in the words of docs/formats/launcher.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SETTING = {"page": "p", "reason": "r"}


def launch(artifact: str, combination: str, conf: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Return a launch of a manifest."""
    mode = "cluster" if combination.endswith("-cluster") and combination != "local-cluster" else "client"
    return {
        "added": [],
        "artifact": artifact,
        "combination": combination,
        "conf": {key: {"value": value, **SETTING} for key, value in conf.items()},
        "deploy_mode": mode,
        "env": {},
        "master": "yarn",
        "requires": [],
        **more,
    }


def manifest(*launches: dict[str, Any], **parents: str) -> dict[str, Any]:
    """Return a manifest."""
    refused = {"alternative": "standalone-client", "artifact": "venv", "combination": "standalone-cluster"}
    return {
        "env_id": "e",
        "hadoop_version": "",
        "kind": "launcher",
        "launches": list(launches),
        "name": "training",
        "parents": parents,
        "platform": "cp311-manylinux_2_28_x86_64",
        "profile": "",
        "refused": [{**refused, "reason": "spark-submit refuses it"}],
        "schema": 1,
        "spark_versions": [],
    }


def write(folder: Path, document: dict[str, Any], files: Mapping[str, str]) -> list[str]:
    """Write a manifest and its renderings; return the options that name them."""
    path, renderings = folder / "training.launcher.json", folder / "training.launcher"
    renderings.mkdir(parents=True)
    path.write_text(json.dumps(document))
    for name, text in files.items():
        (renderings / name).parent.mkdir(parents=True, exist_ok=True)
        (renderings / name).write_text(text)
    return ["--launcher", str(path), "--renderings", str(renderings)]
