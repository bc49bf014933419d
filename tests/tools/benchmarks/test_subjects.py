"""The benchmarks' commands: those of Bazel's actions, with their own outputs."""

from __future__ import annotations

import json
from pathlib import Path

from subjects import absolute, values, with_pex_options, without

BASE = Path("/base")
EXECROOT = BASE / "execroot/_main"


def test_an_actions_options_are_made_absolute_without_its_outputs() -> None:
    """Repositories where they were fetched, built files in the execution root, sources in the workspace."""
    words = ["--wheel", "external/a/a.whl", "--output", "bazel-out/x.pex", "--report", "bazel-out/x.json"]
    words += ["--env", "bazel-out/x.env.json", "--source=pkg/job.py", "--source-path=src/pkg/job.py"]
    assert absolute(words, EXECROOT, Path("/work")) == [
        *("--wheel", "/base/external/a/a.whl"),
        *("--env", "/base/execroot/_main/bazel-out/x.env.json"),
        *("--source=pkg/job.py", "--source-path=/work/src/pkg/job.py"),
    ]


def test_a_generated_source_is_a_built_file() -> None:
    """A first-party file that a rule made lies in the execution root, too."""
    found = absolute(["--source-path=bazel-out/k8/made.py"], EXECROOT, Path("/work"))
    assert found == ["--source-path=/base/execroot/_main/bazel-out/k8/made.py"]


def test_an_option_is_read_and_left_out_with_all_its_values() -> None:
    """Wheels are read for the copies; checks are left out for the run without them."""
    words = ["--wheel", "a", "--check", "b", "--wheel", "c", "--check", "d"]
    assert values(words, "--wheel") == ["a", "c"]
    assert without(words, "--check") == ["--wheel", "a", "--wheel", "c"]


def test_a_pex_of_another_layout_keeps_its_other_options() -> None:
    """Only what is named changes."""
    words = with_pex_options(["--options=" + json.dumps({"venv": True, "layout": "zipapp"}), "x"], {"layout": "packed"})
    assert words[0] == "x" and json.loads(words[1].partition("=")[2]) == {"venv": True, "layout": "packed"}
