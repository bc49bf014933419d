"""Through Bazel, three configurations: a wheel with the locked digest and a corrupt stream; two wheels with one path."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.bazel import CONFIGURATIONS, Workspace, scratch_workspace
from support.wheels import deflated, make_wheel, wheel_members, write_raw

SANDBOX = ("--spawn_strategy=linux-sandbox", "--sandbox_default_allow_network=false")
CONTENT = b"X = 1\n" * 99
BUILD = """\
load("@rules_python_env//rules:defs.bzl", "python_env")

python_env(
    name = "training",
    collisions = {collisions},
    local_sources = {wheels},
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    platforms = ["cp311-manylinux_2_28_x86_64"],
    requirements = ["requirements.in"],
)
"""


def fill(workspace: Workspace, names: list[str], collisions: dict[str, str]) -> None:
    """Write an environment of these wheels."""
    files = [f"{name}-1.0-py3-none-any.whl" for name in names]
    labels = [f"//libs:{file}" for file in files]
    (workspace.path / "libs/BUILD").write_text(f'exports_files({files}, visibility = ["//visibility:public"])\n')
    (workspace.path / "envs/BUILD").write_text(BUILD.format(collisions=collisions, wheels=labels))
    (workspace.path / "envs/requirements.in").write_text("".join(f"../libs/{file}\n" for file in files))


@pytest.fixture(scope="module", params=list(CONFIGURATIONS))
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """Give a workspace with three wheels on each configuration, and stop its server."""
    slug = re.sub(r"\W+", "-", request.param)
    made = scratch_workspace(f"damaged-{slug}", CONFIGURATIONS[request.param])
    libs = made.path / "libs"
    libs.mkdir()
    for name in ("one", "two"):
        make_wheel(libs, name, files={"shared.py": f"OWNER = {name!r}\n".encode()})
    members = wheel_members("corrupt", "1.0", {"corrupt.py": CONTENT})
    stream = bytearray(deflated(CONTENT))
    stream[len(stream) // 2] ^= 0xFF
    write_raw(libs / "corrupt-1.0-py3-none-any.whl", members, {"corrupt.py": (bytes(stream), CONTENT)})
    yield made
    made.bazel("shutdown", check=False)


def test_a_corrupt_stream_is_noticed_by_the_check(workspace: Workspace) -> None:
    """The lock has the wheel's digest; the action that reads every byte fails, and no artifact is begun."""
    fill(workspace, ["corrupt"], {})
    workspace.bazel("run", "//envs:training.update")
    done = workspace.bazel(
        "build", *SANDBOX, "--keep_going", "//envs:training_pex", "//envs:training_venv", check=False
    )
    assert done.returncode != 0 and "corrupt-1.0-py3-none-any.whl: corrupt.py" in done.stdout, done.stdout
    assert re.search(r"error: a member('s content does not fit its size and CRC| cannot be inflated)", done.stdout)
    assert "Checking corrupt-1.0-py3-none-any.whl" in done.stdout and "Assembling" not in done.stdout
    assert not workspace.output("envs/training.pex").exists()
    assert not workspace.output("envs/training.venv.tar.gz").exists()


def test_collisions_decide_for_both_artifacts(workspace: Workspace, tmp_path: Path) -> None:
    """Refused with both owners and the attribute that settles it; settled by it; an idle entry is an error."""
    targets = ("//envs:training_pex", "//envs:training_venv")
    fill(workspace, ["one", "two"], {})
    workspace.bazel("run", "//envs:training.update")
    done = workspace.bazel("build", *SANDBOX, *targets, check=False)
    assert 'collisions = {"site-packages/shared.py": "two"}' in done.stdout, done.stdout
    for winner in ("one", "two"):
        fill(workspace, ["one", "two"], {"site-packages/shared.py": winner})
        workspace.bazel("build", *SANDBOX, *targets)
        place = tmp_path / winner
        place.mkdir()
        subprocess.run(["tar", "-xzf", workspace.output("envs/training.venv.tar.gz"), "-C", place], check=True)
        for python in (place / "bin/python", workspace.output("envs/training.pex")):
            words = [python, "-c", "import shared; print(shared.OWNER)"]
            assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == f"{winner}\n"
    fill(workspace, ["one", "two"], {"site-packages/shared.py": "two", "site-packages/idle.py": "two"})
    done = workspace.bazel("build", *SANDBOX, *targets, check=False)
    assert "which does not own it; owned by no wheel" in done.stdout, done.stdout
