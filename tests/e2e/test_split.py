"""Through Bazel: a change of code leaves the heavy archives as they are; artifacts without, and beside, the closure."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.bazel import OLDER, Workspace, scratch_workspace
from support.wheels import make_wheel, sha256

PEX, VENV, CODE = "envs/training.pex", "envs/training.venv.tar.gz", "envs/training.code.tar.gz"
TARGETS = ("//envs:training_pex", "//envs:training_venv", "//envs:training_code")
LAUNCHER = "//envs:training_launcher"
JOB = "from pathlib import Path\nimport one\nTEXT = (Path(__file__).parent / 'words.txt').read_text()\n"
BUILD = """\
load("@rules_python_env//rules:defs.bzl", "python_env")

python_env(
    name = "training",
    local_sources = ["//libs:one-1.0-py3-none-any.whl", "//libs:two-1.0-py3-none-any.whl"],
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    platforms = ["cp311-manylinux_2_28_x86_64"],
    requirements = ["requirements.in"],
    {more}
)
"""
SPLIT = 'split = True, src_root = "src", srcs = glob(["src/**"]),'


def declare(workspace: Workspace, more: str) -> None:
    """Write the environment with further attributes."""
    (workspace.path / "envs/BUILD").write_text(BUILD.format(more=more))


@pytest.fixture(scope="module", params=list(OLDER))
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """Give a locked workspace with code beside two wheels on each configuration, and stop its server."""
    made = scratch_workspace("split-" + re.sub(r"\W+", "-", request.param), OLDER[request.param])
    libs, code = made.path / "libs", made.path / "envs/src/job"
    libs.mkdir()
    code.mkdir(parents=True)
    files = [make_wheel(libs, "one", requires=("two",)), make_wheel(libs, "two"), make_wheel(libs, "three")]
    files.append(make_wheel(libs, "strict", requires=("two>=9", "gone")))
    (libs / "BUILD").write_text(
        f'exports_files({[file.name for file in files]}, visibility = ["//visibility:public"])\n'
    )
    (made.path / "envs/requirements.in").write_text("".join(f"../libs/{file.name}\n" for file in files[:2]))
    (code / "__init__.py").write_text(JOB)
    (code / "words.txt").write_text("first")
    declare(made, SPLIT)
    made.bazel("run", "//envs:training.update")
    yield made
    made.bazel("shutdown", check=False)


def built(workspace: Workspace, *targets: str) -> list[str]:
    """Build targets and return the mnemonics of what was run for it, sorted."""
    log = workspace.path / "executed.json"
    workspace.bazel("build", f"--execution_log_json_file={log}", *targets)
    return sorted(re.findall(r'"mnemonic": *"(\w+)"', log.read_text()))


def report(workspace: Workspace, file: str) -> dict[str, Any]:
    """Return the report of an artifact."""
    found: dict[str, Any] = json.loads(workspace.output(f"{file}.json").read_text())
    return found


def test_a_change_of_code_runs_the_action_of_the_code(workspace: Workspace, tmp_path: Path) -> None:
    """The heavy archives keep their digests; the launcher reads only the reports. Code and data are the new ones."""
    declare(workspace, SPLIT)
    workspace.bazel("build", *TARGETS, LAUNCHER)
    before = workspace.digests(PEX, VENV, CODE)
    (workspace.path / "envs/src/job/words.txt").write_text("second")
    assert built(workspace, *TARGETS) == ["PyEnvCode"]
    assert built(workspace, LAUNCHER) == ["PyEnvLauncher"]
    after = workspace.digests(PEX, VENV, CODE)
    assert {path for path in before if before[path] != after[path]} == {CODE}
    for name, file in (("venv", VENV), ("code", CODE)):
        (tmp_path / name).mkdir()
        subprocess.run(["tar", "-xzf", workspace.output(file), "-C", tmp_path / name], check=True)
    for python in (tmp_path / "venv/bin/python", workspace.output(PEX)):
        command = ["env", f"PYTHONPATH={tmp_path}/code", python, "-c", "import job; print(job.TEXT, job.one.NAME)"]
        assert subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout == "second one\n"


def test_code_that_hides_a_wheel_fails_alone(workspace: Workspace) -> None:
    """The heavy artifacts do not depend on the code, so that they are built all the same."""
    hiding = workspace.path / "envs/src/one.py"
    hiding.write_text("")
    declare(workspace, SPLIT)
    workspace.bazel("build", *TARGETS[:2])
    done = workspace.bazel("build", *TARGETS, check=False)
    hiding.unlink()
    assert done.returncode != 0
    assert "one is in first-party code (one.py) and in one-1.0-py3-none-any.whl" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("split = True,", "split = True has nothing to lay apart: srcs is empty"),
        (f'{SPLIT} entry_point = "job:main",', "split = True leaves srcs out of the PEX"),
        ('pex = {"ignored": ["thre"]},', "thre is not in the closure for cp311-manylinux_2_28_x86_64"),
        ('pex = {"additional": ["//libs:one-1.0-py3-none-any.whl"]},', "of the closure are both one"),
    ],
    ids=["no code", "entry point of the code", "unknown", "twice"],
)
def test_what_cannot_be_is_refused(workspace: Workspace, more: str, says: str) -> None:
    """In three parts."""
    declare(workspace, more)
    done = workspace.bazel("build", TARGETS[0], check=False)
    assert done.returncode != 0 and says in done.stdout, done.stdout
    assert "where:" in done.stdout and "fix:" in done.stdout


def test_one_artifact_holds_less_and_more_than_the_closure(workspace: Workspace) -> None:
    """The venv leaves out two, which one requires; the PEX holds three beside the closure."""
    declare(workspace, 'pex = {"additional": ["//libs:three-1.0-py3-none-any.whl"]}, venv = {"ignored": ["two"]},')
    workspace.bazel("build", *TARGETS[:2], LAUNCHER)
    venv, pex = report(workspace, VENV), report(workspace, PEX)
    assert (sorted(venv["distributions"]), venv["ignored"]) == (["one"], {"two": "1.0"})
    assert venv["warnings"] == ["one 1.0 requires two, which the artifact leaves out (1.0 is locked)"]
    assert sorted(pex["distributions"]) == ["one", "three", "two"]
    assert pex["additional"][0]["sha256"] == sha256(workspace.path / "libs/three-1.0-py3-none-any.whl")
    command = [workspace.output(PEX), "-c", "import one, three; print(three.NAME)"]
    assert subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout == "three\n"
    launcher = json.loads(workspace.output("envs/training.launcher.json").read_text())
    said = [text for launch in launcher["launches"] if launch["artifact"] == "venv" for text in launch["requires"]]
    assert any(text.startswith("two 1.0 on the PYTHONPATH of the cluster's Python") for text in said)


def test_artifacts_work_where_the_lock_decides_against_metadata(workspace: Workspace, tmp_path: Path) -> None:
    """strict requires what the lock excludes and overrides; it is the last test here, because it locks anew."""
    (workspace.path / "envs/requirements.in").write_text("strict\n")
    policy = 'excludes = ["gone"], overrides = ["two<9"],'
    declare(workspace, policy + 'index_urls = {"made": "libs"}, indexes = ["made"],')
    workspace.bazel("run", "//envs:training.update")
    workspace.bazel("build", *TARGETS[:2])
    told = ["strict 1.0 requires gone, which the lock leaves out"]
    told.append("strict 1.0 requires two>=9, which the lock overrides: two 1.0 is inside")
    assert report(workspace, PEX)["warnings"] == report(workspace, VENV)["warnings"] == told
    subprocess.run(["tar", "-xzf", workspace.output(VENV), "-C", tmp_path], check=True)
    for python in (tmp_path / "bin/python", workspace.output(PEX)):
        command = [python, "-c", "import strict, two; print(strict.NAME, two.NAME)"]
        assert subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout == "strict two\n"
