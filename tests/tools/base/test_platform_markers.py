"""Platform tags as markers."""

from __future__ import annotations

import pytest

from python_env.base.platform_markers import marker_of, stated_markers
from support.told_apart import TAGS, holds


@pytest.mark.parametrize("tag", TAGS)
def test_the_marker_of_a_platform_holds_there_and_nowhere_else(tag: str) -> None:
    """Evaluated by `packaging` in every platform's environment."""
    marker = marker_of(stated_markers(tag).items())
    assert [other for other in TAGS if holds(marker, other)] == [tag]


@pytest.mark.parametrize("tag", ["cp311-manylinux_2_28_i686", "cp311-win32", "cp312-macosx_11_0_universal2"])
def test_a_cpu_that_the_kernel_may_call_otherwise_is_not_stated(tag: str) -> None:
    """A 32-bit Python on a 64-bit kernel reports the kernel's cpu; universal2 runs on two."""
    assert "platform_machine" not in stated_markers(tag)
