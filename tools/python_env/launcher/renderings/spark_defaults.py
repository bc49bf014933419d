"""A properties file, for `spark-submit --properties-file` or as Spark's own defaults."""

from __future__ import annotations

from python_env.launcher.model import Launch
from python_env.launcher.renderings.text import heading, joined


def render_defaults(launch: Launch) -> str:
    """Return a spark-defaults file; each property stands below its reason."""
    lines = heading(launch, "spark-submit --properties-file")
    lines += [f"spark.master {launch.master}", f"spark.submit.deployMode {launch.deploy_mode}"]
    for setting in launch.conf:
        lines += [f"# {setting.reason}", f"{setting.key} {setting.value}"]
    return joined(lines)
