"""The arguments of spark-submit."""

from __future__ import annotations

from python_env.launcher.model import Launch
from python_env.launcher.renderings.text import joined


def render_submit(launch: Launch) -> str:
    """Return a spark-submit argument file: one argument per line, no quoting."""
    lines = ["--master", launch.master, "--deploy-mode", launch.deploy_mode]
    for setting in launch.conf:
        lines += ["--conf", f"{setting.key}={setting.value}"]
    return joined(lines)
