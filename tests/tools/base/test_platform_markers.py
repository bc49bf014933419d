"""Platform tags as markers."""

from __future__ import annotations

import pytest
from packaging.markers import Environment, Marker

from python_env.base.platform_markers import marker_of, stated_markers
from python_env.base.platforms import marker_environment, parse_platform

TAGS = (
    "cp311-macosx_14_0_arm64",
    "cp311-manylinux_2_28_aarch64",
    "cp311-manylinux_2_28_x86_64",
    "cp311-win_amd64",
    "cp312-manylinux_2_17_x86_64",
    "cp313-win_arm64",
)
"""Platforms that markers tell apart."""


def holds(marker: str, tag: str) -> bool:
    """Return whether a marker is true on a platform."""
    environment: Environment = marker_environment(parse_platform(tag))  # type: ignore[assignment]  # all keys are there
    return Marker(marker).evaluate(environment)


@pytest.mark.parametrize("tag", TAGS)
def test_the_marker_of_a_platform_holds_there_and_nowhere_else(tag: str) -> None:
    """Evaluated by `packaging` in every platform's environment."""
    marker = marker_of(stated_markers(tag).items())
    assert [other for other in TAGS if holds(marker, other)] == [tag]


@pytest.mark.parametrize("tag", ["cp311-manylinux_2_28_i686", "cp311-win32", "cp312-macosx_11_0_universal2"])
def test_a_cpu_that_the_kernel_may_call_otherwise_is_not_stated(tag: str) -> None:
    """A 32-bit Python on a 64-bit kernel reports the kernel's cpu; universal2 runs on two."""
    assert "platform_machine" not in stated_markers(tag)
