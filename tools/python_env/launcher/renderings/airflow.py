"""Airflow's SparkSubmitOperator: its keyword arguments, as JSON and as Python.

The master is in Airflow's connection, and the operator has no argument for it. Archives and files stay properties: by
`archives` they would be given a second time (docs: apache-airflow-providers-apache-spark, SparkSubmitOperator).
"""

from __future__ import annotations

import json
from typing import Any

from python_env.launcher.model import Launch
from python_env.launcher.renderings.text import heading, joined


def operator_arguments(launch: Launch) -> dict[str, Any]:
    """Return keyword arguments of SparkSubmitOperator; `env_vars` where the submitting process needs a search path."""
    arguments: dict[str, Any] = {
        "conf": {setting.key: setting.value for setting in launch.conf},
        "deploy_mode": launch.deploy_mode,
    }
    paths = {setting.key: setting.value for setting in launch.env if setting.before_others}
    return {**arguments, "env_vars": paths} if paths else arguments


def render_arguments(launch: Launch) -> str:
    """Return the keyword arguments as JSON."""
    return joined(json.dumps(operator_arguments(launch), indent=1, sort_keys=True, ensure_ascii=False).splitlines())


def render_task(launch: Launch) -> str:
    """Return a task for a DAG's file; a reason stands above each property."""
    arguments = operator_arguments(launch)
    lines = [*heading(launch, f"the master of the connection is {launch.master}"), *_TASK, "    conf={"]
    for setting in launch.conf:
        lines += [f"        # {setting.reason}", f"        {setting.key!r}: {setting.value!r},"]
    lines += ["    },", f"    deploy_mode={launch.deploy_mode!r},"]
    if "env_vars" in arguments:
        lines.append(f"    env_vars={arguments['env_vars']!r},")
    return joined([*lines, ")"])


_TASK = (
    "from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator",
    "",
    "task = SparkSubmitOperator(",
    '    task_id="job",',
    '    application="{application}",',
)
