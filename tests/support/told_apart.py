"""Platforms that markers tell apart."""

from __future__ import annotations

from packaging.markers import Environment, Marker

from python_env.base.platforms import marker_environment, parse_platform

TAGS = (
    "cp311-macosx_14_0_arm64",
    "cp311-manylinux_2_28_aarch64",
    "cp311-manylinux_2_28_x86_64",
    "cp311-win_amd64",
    "cp312-manylinux_2_17_x86_64",
    "cp313-win_arm64",
)
"""Of three systems, two Pythons and two cpus."""


def holds(marker: str, tag: str) -> bool:
    """Return whether a marker is true on a platform."""
    environment: Environment = marker_environment(parse_platform(tag))  # type: ignore[assignment]  # all keys are there
    return Marker(marker).evaluate(environment)
