"""Which files a launch has, each by the module that renders it."""

from __future__ import annotations

from collections.abc import Callable

from python_env.launcher.model import Combination, Launch
from python_env.launcher.renderings.airflow import render_arguments, render_task
from python_env.launcher.renderings.connect import render_connect
from python_env.launcher.renderings.environment import render_environment
from python_env.launcher.renderings.spark_application import render_application
from python_env.launcher.renderings.spark_defaults import render_defaults
from python_env.launcher.renderings.spark_submit import render_submit

_SUBMITTED: dict[str, Callable[[Launch], str]] = {
    "spark-defaults.conf": render_defaults,
    "spark-submit.args": render_submit,
}
_SCHEDULED: dict[str, Callable[[Launch], str]] = {"airflow.json": render_arguments, "airflow.py": render_task}


def renderings(launch: Launch, *, name: str = "", spark_version: str = "") -> dict[str, str]:
    """Return file name to text, for every reader that can start this launch.

    `name` is the environment's; `spark_version` the stated one, empty where none or several are.
    """
    if launch.combination is Combination.CONNECT:
        return {"connect.py": render_connect(launch)}
    writers = dict(_SUBMITTED)
    if launch.env:
        writers["environment.sh"] = render_environment
    if launch.combination is not Combination.LOCAL_CLUSTER:
        writers.update(_SCHEDULED)
    files = {file: write(launch) for file, write in writers.items()}
    if launch.combination is Combination.KUBERNETES_CLUSTER:
        files["spark-application.yaml"] = render_application(launch, name=name, spark_version=spark_version)
    return files
