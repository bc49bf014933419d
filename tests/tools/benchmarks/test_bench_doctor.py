"""The doctor's benchmark: its table."""

from __future__ import annotations

from pathlib import Path

from bench_doctor import rows
from measure import Measured


def test_a_row_has_median_spread_and_peak() -> None:
    """One slow run moves the spread and not the median."""
    results = {Path("/x/a.pex"): [Measured(1.0, 50), Measured(9.0, 70), Measured(1.2, 60)]}
    assert list(rows(results))[-1] == "| a.pex | 3 | 1.20 | 1.00-9.00 | 70 |"
