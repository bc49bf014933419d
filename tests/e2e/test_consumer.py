"""examples/consumer, its commands typed as the documentation has them."""

from __future__ import annotations

import subprocess

import pytest

from support.bazel import EVERY, NEWER, ROOT, Workspace
from support.engines import several_engines
from support.same_bytes import SameBytes

CONSUMER = ROOT / "examples/consumer"
ARTIFACTS = (
    "envs/training.env.json",
    "envs/training.pex",
    "envs/training.pex.json",
    "envs/training.venv.tar.gz",
    "envs/training.venv.tar.gz.json",
    "envs/training.launcher.json",
)
TARGETS = ("//envs:training_pex", "//envs:training_venv", "//envs:training_launcher")
FLAG = "--@rules_python_env//rules/platforms:platform"
BUILT = SameBytes()


@pytest.mark.parametrize("name", NEWER)
def test_a_user_builds_and_tests(name: str) -> None:
    """Build, lock test and update, in sandboxes without a network; the lock stays as it is, byte for byte."""
    workspace = Workspace(CONSUMER, NEWER[name])
    workspace.bazel("build", "--spawn_strategy=linux-sandbox", "--sandbox_default_allow_network=false", *TARGETS)
    code = "import pandas, sklearn, xgboost; print(pandas.__version__)"
    done = subprocess.run(
        [workspace.output("envs/training.pex"), "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    BUILT.add(name, {path: workspace.output(path) for path in ARTIFACTS})
    workspace.bazel("test", "//envs:training.lock_test")
    before = (CONSUMER / "envs/training.lock.json").read_bytes()
    said = workspace.bazel("run", "//envs:training.update").stdout
    assert "nothing changed" in said, said[-3000:]
    assert (CONSUMER / "envs/training.lock.json").read_bytes() == before


@several_engines
def test_all_engines_build_the_same_bytes() -> None:
    """The digests of the runs above are equal."""
    BUILT.check(NEWER)


@pytest.mark.parametrize("tag", ["cp311-win_amd64", *(["cp311-manylinux_2_28_aarch64"] if EVERY else [])])
def test_foreign_platforms_are_built_here(tag: str) -> None:
    """The flag names another platform; what is built holds that platform's wheels."""
    workspace = Workspace(CONSUMER)
    workspace.bazel("build", f"{FLAG}={tag}", *TARGETS)
    assert f'"platform": "{tag}"' in workspace.output("envs/training.pex.json").read_text()
