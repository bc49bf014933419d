"""Conditions of pins: algebra over paths, and markers under chosen extras and groups."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker, default_environment

from python_env.requirements.conditions import ALWAYS, NEVER, chosen, condition_marker, either, under

WINDOWS, OLD = 'sys_platform == "win32"', 'python_version < "3.12"'
ATOMS = st.sampled_from(
    [WINDOWS, OLD, '"a" in extras', '"b" not in extras', '"dev" in dependency_groups', "'B' in extras"]
)
MARKERS = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, min_size=2, max_size=3).flatmap(
        lambda parts: st.sampled_from([" and ", " or "]).map(lambda word: f"({word.join(parts)})")
    ),
    max_leaves=8,
)


def test_paths_join_and_narrow() -> None:
    """What always holds swallows the rest; a longer path that a shorter one implies is left out."""
    one = under(ALWAYS, WINDOWS)
    assert either(one, under(one, OLD)) == one
    assert either(one, ALWAYS) == ALWAYS
    assert under(ALWAYS, "") == ALWAYS and under(NEVER, WINDOWS) == NEVER
    both = either(one, under(ALWAYS, OLD))
    assert str(condition_marker(both)) == 'python_version < "3.12" or sys_platform == "win32"'
    assert str(condition_marker(under(one, OLD))) == 'python_version < "3.12" and sys_platform == "win32"'
    assert condition_marker(ALWAYS) is None


@given(text=MARKERS, extras=st.sets(st.sampled_from("ab")), groups=st.sets(st.sampled_from(["dev", "test"])))
def test_what_is_left_of_a_marker_says_the_same(text: str, extras: set[str], groups: set[str]) -> None:
    """As packaging judges the whole marker, on every target."""
    marker = Marker(text)
    left = chosen(marker, extras=extras, groups=groups)
    for system, python in itertools.product(("win32", "linux"), ("3.11", "3.13")):
        target = {**default_environment(), "sys_platform": system, "python_version": python}
        whole = marker.evaluate({**target, "extras": extras, "dependency_groups": groups}, context="lock_file")
        assert whole == (left is None or (not isinstance(left, bool) and left.evaluate(target)))
    assert "extras" not in str(left) and "dependency_groups" not in str(left)


@pytest.mark.parametrize("text", ['extras == "a"', '"a" == extras', '"dev" > dependency_groups'])
def test_sets_are_only_for_membership(text: str) -> None:
    """PEP 751 knows nothing else."""
    with pytest.raises(ValueError, match="may only stand behind `in` or `not in`"):
        chosen(Marker(text), extras=(), groups=())
