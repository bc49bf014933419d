"""A client of Spark Connect: what it adds to its session, and what it sets there."""

from __future__ import annotations

from python_env.launcher.model import Launch
from python_env.launcher.renderings.text import heading, joined


def render_connect(launch: Launch) -> str:
    """Return a Python snippet that opens a session and gives it the environment; only local files can be added."""
    lines = [
        *heading(launch, "SparkSession of a client of Spark Connect"),
        "from pyspark.sql import SparkSession",
        "",
        f"spark = SparkSession.builder.remote({launch.master!r}).getOrCreate()",
    ]
    for item in launch.added:
        lines += [
            f"# {item.reason}",
            f"spark.addArtifact({item.value!r}, {'archive' if item.archive else 'file'}=True)",
        ]
    for setting in launch.conf:
        lines += [f"# {setting.reason}", f"spark.conf.set({setting.key!r}, {setting.value!r})"]
    return joined(lines)
