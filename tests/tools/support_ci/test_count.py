"""The count at the end of .ci/run."""

from __future__ import annotations

from pathlib import Path

from support.ci.count import Count, count_text, junit_files

JUNIT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><error/></testcase>
<testcase name="d"><skipped/></testcase><testcase name="e"><system-out>x</system-out></testcase>
</testsuite></testsuites>"""


def test_cases_are_counted_by_outcome() -> None:
    """Errors are failures."""
    assert count_text(JUNIT) == Count(2, 2, 1)


def test_a_cut_document_is_a_failure() -> None:
    """A runner that died did not pass."""
    assert count_text(JUNIT[:50]) == Count(0, 1, 0)


def test_folders_are_searched(tmp_path: Path) -> None:
    """Bazel's testlogs lie one folder deep per package; other files do not count."""
    (tmp_path / "logs/a/b").mkdir(parents=True)
    (tmp_path / "logs/a/b/test.xml").write_text(JUNIT)
    (tmp_path / "logs/a/b/other.xml").write_text(JUNIT)
    (tmp_path / "own.xml").write_text(JUNIT)
    places = [tmp_path / "logs", tmp_path / "own.xml", tmp_path / "missing"]
    assert [file.name for file in junit_files(places)] == ["test.xml", "own.xml"]
