"""Releases as the launcher and the doctor read them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from python_env.base.releases import dotted, is_older, parse_release, release_of
from python_env.base.sparks import SPARKS, spark_of


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3.5", (3, 5)),
        ("3.5.6", (3, 5, 6)),
        ("3.1.1.7.1.7.0-551", (3, 1, 1)),
        ("3.3.0-amzn-1", (3, 3, 0)),
        ("3", None),
        ("3.x", None),
        ("", None),
    ],
)
def test_a_stated_release_may_have_a_vendors_suffix(text: str, numbers: tuple[int, ...] | None) -> None:
    """Which does not count; a single number and words are none."""
    assert parse_release(text) == numbers


@pytest.mark.parametrize(
    ("version", "minimum", "older"),
    [
        ("17.0.0", "18.0.0", True),
        ("18.0", "18.0.0", False),
        ("18", "18.0.1", True),
        ("3.9", "3.10", True),
        ("", "1.0", False),
        ("unknown", "1.0", False),
    ],
)
def test_minimums_are_compared_as_numbers(version: str, minimum: str, older: bool) -> None:
    """Missing parts are zeros, and what is no release is not judged."""
    assert is_older(version, minimum) is older


def test_numbers_of_a_version_are_those_before_its_words() -> None:
    """And are written as they were."""
    assert dotted(release_of("4.0.0.dev1")) == "4.0.0"


def test_each_row_is_newer_and_wants_no_less_than_the_one_before() -> None:
    """A minimum that falls would be a slip; a patch release has its minor's row, a newer Spark the last one."""
    for before, after in pairwise(SPARKS):
        assert before.version < after.version and before.pythons[0] <= after.pythons[0]
        assert not any(is_older(dict(after.minimums)[name], lowest) for name, lowest in before.minimums)
    assert (spark_of((3, 5, 6)).version, spark_of((9, 9))) == ((3, 5), SPARKS[-1])
