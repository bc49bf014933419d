"""bazelw: which Bazel it runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.bazel import ROOT

BAZELW = ROOT / "bazelw"


def fake(folder: Path, name: str, version: str = "bazel 7.7.1") -> Path:
    """Write a Bazel that tells its name and arguments."""
    folder.mkdir(exist_ok=True)
    script = folder / name
    script.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}" || echo "{name}: $*"\n')
    script.chmod(0o755)
    return script


def run(
    *words: str, path: str, home: Path, folder: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run bazelw with a PATH of its own."""
    variables = {"PATH": path, "HOME": str(home), **environment}
    command = ["bash", str(BAZELW), *words]
    return subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Return a folder with the few programs that bazelw needs before it has chosen."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("bash", "dirname", "realpath", "env", "sh", "id"):
        found = next(place for place in ("/bin", "/usr/bin") if (Path(place) / name).exists())
        (folder / name).symlink_to(Path(found) / name)
    return folder


def test_the_variable_wins(tmp_path: Path, tools: Path) -> None:
    """$BAZEL is run with the arguments as they are."""
    mine = fake(tmp_path / "mine", "mine")
    fake(tools, "bazelisk")
    done = run("build", "//x", path=str(tools), home=tmp_path, BAZEL=str(mine))
    assert done.stdout == "mine: build //x\n", done.stderr


def test_bazelisk_is_preferred_to_bazel(tmp_path: Path, tools: Path) -> None:
    """Both on PATH."""
    fake(tools, "bazel")
    fake(tools, "bazelisk")
    assert run("info", path=str(tools), home=tmp_path).stdout == "bazelisk: info\n"


def test_workspace_mode_adds_its_flags_behind_the_command(tmp_path: Path, tools: Path) -> None:
    """Startup options stay in front."""
    fake(tools, "bazel")
    done = run("--host_jvm_args=-Xmx1g", "build", "//x", path=str(tools), home=tmp_path, BAZELW_MODE="workspace")
    assert done.stdout == "bazel: --host_jvm_args=-Xmx1g build --noenable_bzlmod --enable_workspace //x\n"


def test_startup_options_may_stand_in_a_variable(tmp_path: Path, tools: Path) -> None:
    """They come before those that are typed, and before the command in either mode."""
    fake(tools, "bazel")
    said = {"BAZELW_STARTUP": "--batch  --host_jvm_args=-Xmx1g", "BAZELW_MODE": "workspace"}
    done = run("--home_rc", "build", "//x", path=str(tools), home=tmp_path, **said)
    words = "--batch --host_jvm_args=-Xmx1g --home_rc build --noenable_bzlmod --enable_workspace //x"
    assert done.stdout == f"bazel: {words}\n", done.stderr


def test_a_distributions_bootstrap_build_is_passed_over(tmp_path: Path, tools: Path) -> None:
    """Debian's Bazel 4 is the second engine; without another one that is said, and the error names bazelisk."""
    passed_over = fake(tools, "bazel", version="bazel no_version")
    done = run("build", path=str(tools), home=tmp_path)
    assert done.returncode == 2
    assert f"bazelw: {passed_over} is a distribution's build of Bazel 4" in done.stderr
    assert "error: no Bazel on this machine" in done.stderr and "bazelisk" in done.stderr


@pytest.mark.parametrize(("name", "value"), [("BAZELW_ENGINE", "5"), ("BAZELW_MODE", "module")])
def test_unknown_settings_are_refused(tmp_path: Path, tools: Path, name: str, value: str) -> None:
    """The error names the variable."""
    done = run("build", path=str(tools), home=tmp_path, **{name: value})
    assert done.returncode == 2 and f"where: {name}" in done.stderr


def test_it_runs_in_the_callers_folder(tmp_path: Path, tools: Path) -> None:
    """From a nested workspace that is called by a relative path."""
    script = fake(tools, "bazel")
    script.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "bazel 7" || pwd\n')
    place = ROOT / "examples/consumer"
    assert run("info", path=str(tools), home=tmp_path, folder=place).stdout == f"{place}\n"
