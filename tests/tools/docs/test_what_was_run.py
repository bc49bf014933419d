"""The launcher's page tells what the end-to-end tests run."""

from __future__ import annotations

from pathlib import Path

from support.spark.cells import table

PAGE = Path(__file__).parents[3] / "docs" / "launcher.md"


def test_the_table_is_that_of_the_cells() -> None:
    """No cell is told that is not run, and none is left out."""
    assert table() in PAGE.read_text(), table()
