"""The benchmarks' starts: the table, and what is said of each aim."""

from __future__ import annotations

from pathlib import Path

from bench_start import COLUMNS, PLAIN, Starter, aims, table
from measure import Measured


def starter(name: str, *seconds: float, kept: Path | None = None) -> Starter:
    """Return a subject that was started once."""
    results = {column: [Measured(each, 9)] for column, each in zip(COLUMNS, seconds, strict=True)}
    return Starter(name, lambda _: (), kept=kept, size=2_000_000, results=results)


PLAIN_ONE = starter(PLAIN, 9, 9, 0.1, 0.5, kept=Path("/plain"))


def test_first_starts_of_the_venv_that_stays_are_left_out() -> None:
    """It is installed before, untimed, and compiled by its first run: these figures would say nothing."""
    assert table([PLAIN_ONE]).splitlines()[-1] == f"| {PLAIN} |  |  | 0.10 | 0.50 | 9 | 2 |"


def test_warm_starts_are_judged_by_the_plain_venv_and_first_ones_by_pex() -> None:
    """At most 0.2 s more; for the first start there is no figure to reach."""
    lines = aims([starter("our PEX", 4, 1, 0.25, 0.8), starter("pex, default", 2, 1, 1, 1), PLAIN_ONE]).splitlines()
    assert lines[2:] == [
        f"| our PEX: warm start | {PLAIN} | +0.15 s | + 0.2 s | yes |",
        f"| our PEX: warm import | {PLAIN} | +0.30 s | + 0.2 s | no |",
        "| our PEX: first start | pex, default | 2.00 x | beside |  |",
    ]
