"""The benchmarks' measuring: memory of the whole tree, fresh folders, turns."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from measure import Subject, measure, size_of, take_turns, variables

CHILDREN = """
import subprocess, sys
child = "import time; held = bytearray(60_000_000); time.sleep(0.5)"
for each in [subprocess.Popen([sys.executable, "-c", child]) for _ in range(2)]:
    each.wait()
"""


def test_the_memory_of_children_that_run_at_one_time_is_summed(tmp_path: Path) -> None:
    """Two children with 60 MB each count 120 MB; the kernel alone would say 70."""
    assert measure([sys.executable, "-c", CHILDREN], tmp_path).memory > 115


def test_a_command_that_fails_shows_what_it_said(tmp_path: Path) -> None:
    """A figure of a command that failed is worth nothing."""
    with pytest.raises(AssertionError, match="no such pin"):
        measure([sys.executable, "-c", "import sys; sys.exit('no such pin')"], tmp_path)


def test_a_command_sees_no_setting_of_the_caller(tmp_path: Path) -> None:
    """Home and caches are new, so that no peer profits from a run before; settings of pip and uv are not handed on."""
    given = {"PATH": "/bin", "HOME": "/root", "PIP_INDEX_URL": "x", "UV_CACHE_DIR": "/warm"}
    told = variables(tmp_path, given)
    assert (told["HOME"], told["UV_CACHE_DIR"], "PIP_INDEX_URL" in told) == (str(tmp_path), str(tmp_path / "uv"), False)


def test_subjects_take_turns_and_leave_nothing(tmp_path: Path) -> None:
    """One run of each, then the next, so that a slow minute hits all; what was prepared is not timed."""
    said: list[str] = []
    slow = ["sh", "-c", "sleep 0.3; echo x > given"]
    first = Subject("a", lambda _: [["cp", "given", "out"]], "out", 2, prepare=lambda _: [slow])
    take_turns([first, Subject("b", lambda _: [["touch", "out"]], "out", 1)], tmp_path, say=said.append)
    assert [line.partition(":")[0] for line in said] == ["1/2 a", "1/1 b", "2/2 a"]
    assert max(run.seconds for run in first.results) < 0.3 and first.size == 2
    assert list(tmp_path.iterdir()) == []


def test_the_size_of_a_folder_is_that_of_its_files_once(tmp_path: Path) -> None:
    """A link within an output is no second copy."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a/file")
    assert (size_of(tmp_path), size_of(tmp_path / "a/file")) == (5, 5)
