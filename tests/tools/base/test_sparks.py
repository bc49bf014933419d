"""The table of Sparks."""

from __future__ import annotations

from python_env.base.sparks import SPARKS, spark_of
from python_env.doctor.clusters import DEFAULT_SPARKS
from python_env.launcher.versions import MINIMUMS, PYTHONS


def test_the_row_of_a_version() -> None:
    """That of its minor version; the last row for what is newer than the table."""
    assert spark_of((3, 5, 6)).version == (3, 5)
    assert spark_of((9, 9)).version == SPARKS[-1].version
    assert set(DEFAULT_SPARKS) <= {row.version for row in SPARKS}


def test_the_launcher_refuses_by_the_newest_row_first() -> None:
    """It takes the first that a version is not older than, and none before 3.5."""
    assert MINIMUMS[0][0] == PYTHONS[0][0] == SPARKS[-1].version
    assert MINIMUMS[-1] == ((3, 5), {"pyarrow": "4.0.0", "pandas": "1.0.5"}) and PYTHONS[-1] == ((3, 5), "3.8")
