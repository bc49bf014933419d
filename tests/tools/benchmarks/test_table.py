"""The benchmarks' tables: medians, ratios and whether an aim is reached."""

from __future__ import annotations

import pytest
from measure import Measured, Subject
from table import AIMS, Aim, Kind, outcomes, ratio_table, raw, table


def subject(name: str, *seconds: float, memory: float = 50, size: int = 1_000_000) -> Subject:
    """Return a subject that was run."""
    results = [Measured(each, memory) for each in seconds]
    return Subject(name, lambda _: (), "out", len(seconds), results=results, size=size)


def test_a_ratio_is_of_the_medians_and_of_the_best_runs() -> None:
    """One slow run of either side moves neither figure."""
    found = outcomes([subject("a", 2, 1, 90), subject("b", 40, 20, 800)], [Aim("a", "b", 1 / 20)])
    assert [(each.median, each.best, each.reached) for each in found] == [(1 / 20, 1 / 20, True)]


@pytest.mark.parametrize(("seconds", "reached"), [(1.0, True), (1.3, True), (1.31, False)])
def test_a_difference_is_in_seconds(seconds: float, reached: bool) -> None:
    """`+ 0.3 s` means at most so much more than the other."""
    found = outcomes([subject("a", seconds), subject("b", 1.0)], [Aim("a", "b", 0.3001, Kind.DIFFERENCE)])
    assert found[0].median == pytest.approx(seconds - 1) and found[0].reached is reached


def test_a_size_is_compared_as_bytes_not_as_seconds() -> None:
    """An archive that is small and slow reaches its size."""
    sides = [subject("a", 9, size=104), subject("b", 1, size=100)]
    assert outcomes(sides, [Aim("a", "b", 1.05, Kind.SIZE)])[0].median == 1.04


def test_an_aim_whose_peer_was_not_run_is_left_out() -> None:
    """`--only` and a missing zstd give a shorter table, no ratio from nothing."""
    assert outcomes([subject("a", 1), subject("b")], [Aim("a", "b", 1), Aim("a", "c", 1)]) == []


def test_memory_is_judged_of_ours_alone_by_the_largest() -> None:
    """A peer may take what it wants; of ours the one that takes most is told."""
    sides = [subject("our PEX", 1, memory=60), subject("our venv.zip", 1, memory=151), subject("pex", 1, memory=900)]
    found = outcomes(sides, [])
    assert [(each.aim.ours, each.median, each.reached) for each in found] == [("our venv.zip", 151, False)]


def test_the_tables_say_median_spread_peak_and_size() -> None:
    """The row of a subject, and no row for one that was not run."""
    lines = table([subject("a", 3, 1, 2, memory=7.4, size=2_500_000), subject("b")]).splitlines()
    assert lines[2:] == ["| a | 3 | 2.00 | 1.00-3.00 | 7 | 2 |"]


def test_ratios_below_one_are_told_as_parts() -> None:
    """As the issue has its aims: 1/30, 4 x, + 0.3 s."""
    sides = [subject("a", 1), subject("b", 32), subject("c", 0.5)]
    aims = [Aim("a", "b", 1 / 30), Aim("a", "c", 4), Aim("a", "c", 0.3, Kind.DIFFERENCE)]
    lines = ratio_table(outcomes(sides, aims)).splitlines()
    assert lines[2:] == [
        "| a: time | b | 1/32.0 | 1/32.0 | 1/30 | yes |",
        "| a: time | c | 2.00 x | 2.00 x | 4 x | yes |",
        "| a: time | c | +0.50 s | +0.50 s | + 0.3 s | no |",
    ]


def test_every_aim_of_the_issue_names_two_subjects_that_exist() -> None:
    """A subject that is renamed cannot lose its aim silently."""
    import table as names

    subjects = {value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)}
    assert {side for aim in AIMS for side in (aim.ours, aim.other)} <= subjects


def test_the_raw_data_hold_every_run() -> None:
    """What was said in a page can be computed again."""
    document = raw([subject("a", 1, 2)], {"cpus": 2})
    assert document["about"] == {"cpus": 2}
    assert document["subjects"] == [
        {
            "name": "a",
            "size": 1_000_000,
            "runs": [
                {"load": 0.0, "memory_mb": 50, "seconds": 1},
                {"load": 0.0, "memory_mb": 50, "seconds": 2},
            ],
        }
    ]
