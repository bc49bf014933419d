"""Launches as files: the manifest, and what spark-submit and a shell read."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from python_env.artifacts.model import ArtifactKind, Report
from python_env.base.documents import has_control_character
from python_env.base.errors import ToolError
from python_env.launcher.model import Launch, Refusal, Setting
from python_env.launcher.rules import ALIAS, CODE_ALIAS

SCHEMA = 1


def _settings(settings: Iterable[Setting]) -> dict[str, dict[str, str]]:
    return {item.key: {"page": item.page, "reason": item.reason, "value": item.value} for item in settings}


def manifest_document(
    artifacts: Sequence[Report], launches: Sequence[Launch], refusals: Sequence[Refusal]
) -> dict[str, Any]:
    """Return `<env>.launcher.json` (docs/formats/launcher.md)."""
    return {
        "alias": ALIAS,
        "code_alias": CODE_ALIAS if any(artifact.kind is ArtifactKind.CODE for artifact in artifacts) else "",
        "env_id": artifacts[0].env_id,
        "kind": "launcher",
        "launches": [
            {
                "artifact": launch.artifact,
                "combination": launch.combination.value,
                "conf": _settings(launch.conf),
                "deploy_mode": launch.deploy_mode,
                "env": _settings(launch.env),
                "master": launch.master,
                "requires": list(launch.requires),
            }
            for launch in launches
        ],
        "name": artifacts[0].name,
        "parents": {artifact.kind: artifact.digest for artifact in artifacts},
        "platform": artifacts[0].platform,
        "refused": [
            {
                "alternative": refusal.alternative,
                "artifact": refusal.artifact,
                "combination": refusal.combination.value,
                "reason": refusal.reason,
            }
            for refusal in refusals
        ],
        "schema": SCHEMA,
    }


def _joined(lines: Sequence[str]) -> str:
    """Return lines as a text; raises ToolError for one that a reader would take for more than one."""
    for line in lines:
        if has_control_character(line):
            raise ToolError.one(
                f"{line!r} has a control character",
                where="the launcher's renderings",
                fix="build the artifact again; its report is written with it",
            )
    return "\n".join(lines) + "\n"


def render_defaults(launch: Launch) -> str:
    """Return a spark-defaults file; each property stands below its reason."""
    lines = [f"# {launch.artifact}, {launch.combination.value}: spark-submit --properties-file", *_heading(launch)]
    lines += [f"spark.master {launch.master}", f"spark.submit.deployMode {launch.deploy_mode}"]
    for setting in launch.conf:
        lines += [f"# {setting.reason}", f"{setting.key} {setting.value}"]
    return _joined(lines)


def render_submit(launch: Launch) -> str:
    """Return a spark-submit argument file: one argument per line, no quoting."""
    lines = ["--master", launch.master, "--deploy-mode", launch.deploy_mode]
    for setting in launch.conf:
        lines += ["--conf", f"{setting.key}={setting.value}"]
    return _joined(lines)


def render_environment(launch: Launch) -> str:
    """Return a shell file that exports what a driver without spark-submit needs."""
    lines = [f"# {launch.artifact}, {launch.combination.value}: source it before `python app.py`", *_heading(launch)]
    for setting in launch.env:
        behind = f'"${{{setting.key}:+:${setting.key}}}"' if setting.before_others else ""
        lines += [f"# {setting.reason}", f"export {setting.key}={shlex.quote(setting.value)}{behind}"]
    return _joined(lines)


def _heading(launch: Launch) -> list[str]:
    return [f"# requires {requirement}" for requirement in launch.requires]


def renderings(launch: Launch) -> dict[str, str]:
    """Return file name to text; variables only where a driver can be started without spark-submit."""
    files = {"spark-defaults.conf": render_defaults(launch), "spark-submit.args": render_submit(launch)}
    return {**files, "environment.sh": render_environment(launch)} if launch.env else files
