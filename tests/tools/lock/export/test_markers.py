"""Markers that tell platforms apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from python_env.lock.export.markers import telling_markers
from support.told_apart import TAGS, holds


@settings(deadline=None)
@given(st.lists(st.sampled_from(range(3)), min_size=len(TAGS), max_size=len(TAGS)))
def test_groups_are_told_apart(choice: list[int]) -> None:
    """However platforms are grouped: a group's marker holds on its platforms and on none of the others."""
    groups = [[tag for tag, group in zip(TAGS, choice, strict=True) if group == number] for number in set(choice)]
    markers = telling_markers(groups)
    assert markers is not None
    for group, marker in zip(groups, markers, strict=True):
        assert [tag for tag in TAGS if marker and holds(marker, tag)] == group


def test_the_fewest_variables_are_used() -> None:
    """A reader sees what the difference hangs on."""
    assert telling_markers([["cp311-win_amd64"], ["cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64"]]) == (
        "sys_platform == 'win32'",
        "sys_platform == 'linux'",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cp311-manylinux_2_28_x86_64", "cp311-musllinux_1_2_x86_64"),
        ("cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_17_x86_64"),
        ("cp313-win_amd64", "cp313-cp313t-win_amd64"),
        ("cp311-macosx_11_0_universal2", "cp311-macosx_11_0_arm64"),
        ("cp311-win32", "cp311-win_amd64"),
    ],
)
def test_what_markers_cannot_say_is_not_told_apart(one: str, other: str) -> None:
    """Libc, floor, ABI, and cpus that a kernel may call otherwise."""
    assert telling_markers([[one], [other]]) is None
