"""Builds of several configurations are compared file by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.same_bytes import SameBytes


def built(folder: Path, text: str) -> dict[str, Path]:
    """Return a report that was built, and another file."""
    (folder / "a.json").write_text(text)
    (folder / "b").write_text("b")
    return {"a.json": folder / "a.json", "b": folder / "b"}


def test_the_file_and_its_first_difference_are_named(tmp_path: Path) -> None:
    """Although the first one's file was overwritten since; modes do not count."""
    same = SameBytes()
    same.add("one", built(tmp_path, '{"size": 1}'))
    (tmp_path / "b").chmod(0o755)
    same.add("two", built(tmp_path, '{"size": 1}'))
    same.check(["two", "one"])
    same.add("three", built(tmp_path, '{"size": 2}'))
    with pytest.raises(AssertionError, match=r"a.json: one \| three: : \$.size: 1 \| 2"):
        same.check(["one", "two", "three"])


def test_all_must_have_been_built(tmp_path: Path) -> None:
    """One that did not run is no equal one."""
    same = SameBytes()
    same.add("one", built(tmp_path, "{}"))
    with pytest.raises(AssertionError, match="must run first"):
        same.check(["one", "two"])
