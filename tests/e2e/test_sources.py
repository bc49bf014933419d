"""An environment from an sdist, a git repository, a project and a wheel of the workspace, and a wheel by URL."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from support.bazel import NEWER, ROOT, Workspace, scratch_workspace
from support.remote.casd import USR, casd
from support.remote.spawns import read_spawns, runners
from support.wheels import make_wheel

LINUX, WINDOWS = "cp311-manylinux_2_28_x86_64", "cp311-win_amd64"
FLAG = "--@rules_python_env//rules/platforms:platform"
SANDBOX = ("--spawn_strategy=linux-sandbox", "--sandbox_default_allow_network=false")
BUILD = """\
load("@rules_python_env//rules:defs.bzl", "python_env")

python_env(
    name = "training",
    local_sources = ["//libs:project", "//libs:inhouse-2.0-py3-none-any.whl"],
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    platforms = ["cp311-manylinux_2_28_x86_64", "cp311-win_amd64"],
    requirements = ["requirements.in"],
    sdists = ["docopt"{more}],
)
"""
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "mylib"
version = "0.3"
dependencies = ["idna"]
[tool.hatch.build.targets.wheel]
packages = ["src/mylib"]
"""
OUTER = """\
module(name = "outer")
bazel_dep(name = "rules_python_env", version = "0.1.0")
local_path_override(module_name = "rules_python_env", path = "{rules}")
bazel_dep(name = "consumer")
local_path_override(module_name = "consumer", path = "{consumer}")
register_toolchains("@rules_python_env//rules/toolchain:host_interpreter_toolchain")
"""
SCM = """\
[build-system]
requires = ["setuptools>=64", "setuptools_scm>=8"]
build-backend = "setuptools.build_meta"
[project]
name = "gitlib"
dynamic = ["version"]
dependencies = ["click"]
[tool.setuptools]
packages = ["gitlib"]
[tool.setuptools_scm]
"""


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a git repository whose version comes from a tag, and from the commit that follows it on `main`."""
    folder = tmp_path_factory.mktemp("gitlib")
    (folder / "gitlib").mkdir()
    (folder / "gitlib/__init__.py").write_text("VALUE = 'git'\n")
    (folder / "pyproject.toml").write_text(SCM)
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    commit = [*who, "commit", "--allow-empty", "-qm", "one"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], commit, ["tag", "v1.2"], commit):
        subprocess.run(["git", "-C", folder, *words], check=True)
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve a wheel, and give its URL and its sha256."""
    folder = tmp_path_factory.mktemp("files")
    wheel = make_wheel(folder, "direct", version="3.0", files={"direct.py": b"VALUE = 'url'\n"})
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}/{wheel.name}", hashlib.sha256(wheel.read_bytes()).hexdigest()
        httpd.shutdown()


def fill(workspace: Workspace, requirements: str, *more: str) -> None:
    """Write the environment, its project and its wheel."""
    libs = workspace.path / "libs"
    (libs / "mylib/src/mylib").mkdir(parents=True, exist_ok=True)
    (libs / "mylib/src/mylib/__init__.py").write_text("VALUE = 'project'\n")
    (libs / "mylib/pyproject.toml").write_text(PROJECT)
    make_wheel(libs, "inhouse", version="2.0", files={"inhouse.py": b"VALUE = 'wheel'\n"})
    visible = 'package(default_visibility = ["//visibility:public"])\n'
    files = 'exports_files(["inhouse-2.0-py3-none-any.whl"])\nfilegroup(name = "project", srcs = glob(["mylib/**"]))\n'
    (libs / "BUILD").write_text(visible + files)
    (workspace.path / "envs/BUILD").write_text(BUILD.format(more="".join(f', "{name}"' for name in more)))
    (workspace.path / "envs/requirements.in").write_text(requirements)


@pytest.fixture(scope="module", params=list(NEWER))
def workspace(request: pytest.FixtureRequest, repository: Path, server: tuple[str, str]) -> Iterator[Workspace]:
    """Give a locked workspace on each configuration, and stop its server."""
    slug = re.sub(r"\W+", "-", request.param)
    made = scratch_workspace(f"sources-{slug}", NEWER[request.param])
    lines = [
        "docopt==0.6.2",
        f"gitlib @ git+file://{repository}@main",
        "-e ../libs/mylib",
        "../libs/inhouse-2.0-py3-none-any.whl",
        f"direct @ {server[0]}#sha256={server[1]}",
    ]
    fill(made, "\n".join(lines) + "\n")
    made.bazel("run", "//envs:training.update")
    yield made
    made.bazel("shutdown", check=False)


DIGESTS: dict[str, str] = {}
"""sha256 of the venv tarball by workspace."""


def test_it_is_locked_builds_without_a_network_and_runs(workspace: Workspace, tmp_path: Path) -> None:
    """Every distribution is there, with the version of its source, in PEX and venv; that of a commit without a tag."""
    workspace.bazel("test", "//envs:training.lock_test")
    workspace.bazel("build", *SANDBOX, "//envs:training_venv", "//envs:training_pex")
    venv = workspace.output("envs/training.venv.tar.gz")
    subprocess.run(["tar", "-xzf", venv, "-C", tmp_path], check=True)
    code = (
        "import importlib.metadata as m, docopt, gitlib, mylib, inhouse, direct;"
        "print(gitlib.VALUE, mylib.VALUE, inhouse.VALUE, direct.VALUE, m.version('gitlib'), m.version('docopt'))"
    )
    for python in (tmp_path / "bin/python", workspace.output("envs/training.pex")):
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        assert re.fullmatch(r"git project wheel url 1\.3\.dev1\+g[0-9a-f]+ 0\.6\.2\n", done.stdout), done.stderr
    DIGESTS[workspace.path.name] = hashlib.sha256(venv.read_bytes()).hexdigest()
    assert len(set(DIGESTS.values())) == 1, DIGESTS


@pytest.fixture
def expected(workspace: Workspace) -> str:
    """Return the sha256 of the venv of a local build."""
    workspace.bazel("build", "//envs:training_venv")
    return workspace.digests("envs/training.venv.tar.gz")["envs/training.venv.tar.gz"]


def test_they_are_built_remotely(workspace: Workspace, expected: str, tmp_path: Path) -> None:
    """An sdist, a commit and a project in a root of inputs and /usr, without a network: the bytes of a local build."""
    if "BAZELW_ENGINE" in workspace.environment:
        pytest.skip("Bazel 4 expects that the server makes the folders of outputs: REAPI 2.0 does not")
    log = tmp_path / "execution.log.json"
    workspace.bazel("clean")
    with casd(tmp_path / "store", mounts=USR) as url:
        remotely = (f"--remote_executor={url}", "--spawn_strategy=remote", f"--execution_log_json_file={log}")
        workspace.bazel("build", *remotely, "--remote_download_outputs=all", "//envs:training_venv")
    built = [each for each in read_spawns(log) if each.mnemonic == "PyEnvBuildWheel"]
    assert runners(built) == {"remote": 3}
    assert workspace.digests("envs/training.venv.tar.gz") == {"envs/training.venv.tar.gz": expected}


def test_a_module_that_depends_on_it_builds_the_same(workspace: Workspace, expected: str) -> None:
    """There, local_sources lie in another repository than that of the invocation; the lock's paths are of their own."""
    if workspace.environment:
        pytest.skip("of bzlmod alone")
    outer = Workspace(workspace.path.with_name("sources-outer"))
    shutil.rmtree(outer.path, ignore_errors=True)
    outer.path.mkdir()
    (outer.path / "WORKSPACE.bzlmod").touch()
    (outer.path / "MODULE.bazel").write_text(OUTER.format(rules=ROOT, consumer=workspace.path))
    try:
        outer.bazel("build", *SANDBOX, "@consumer//envs:training_venv")
        [venv] = outer.path.glob("bazel-bin/external/consumer*/envs/training.venv.tar.gz")
        assert hashlib.sha256(venv.read_bytes()).hexdigest() == expected
    finally:
        outer.bazel("clean", "--expunge", check=False)


def test_pure_sources_are_built_for_a_foreign_platform(workspace: Workspace) -> None:
    """The wheels are the same bytes as those of this platform."""
    workspace.bazel("build", *SANDBOX, f"{FLAG}={WINDOWS}", "//envs:training_venv")
    assert json.loads(workspace.output("envs/training.env.json").read_text())["platform"]["tag"] == WINDOWS


def test_a_refresh_moves_nothing(workspace: Workspace) -> None:
    """The second one finds the lock as it is, byte for byte."""
    before = (workspace.path / "envs/training.lock.json").read_bytes()
    workspace.bazel("run", "//envs:training.update")
    assert (workspace.path / "envs/training.lock.json").read_bytes() == before


def without_resolver(data: bytes) -> dict[str, Any]:
    """Return a lock without the resolver, and without the digests that it is part of."""
    found = json.loads(data)
    found["inputs"].pop("resolver", None)
    return {key: value for key, value in found.items() if key not in ("content", "request_id", "resolver")}


def test_both_resolvers_lock_the_same(workspace: Workspace) -> None:
    """pip-tools from nothing, for this platform and a foreign one; only what names the resolver differs."""
    lock, build = workspace.path / "envs/training.lock.json", workspace.path / "envs/BUILD"
    by_uv, text = lock.read_bytes(), build.read_text()
    try:
        build.write_text(text.replace("    requirements =", '    resolver = "pip-tools",\n    requirements ='))
        lock.write_text("{}")
        workspace.bazel("run", "//envs:training.update")
        by_pip = lock.read_bytes()
        workspace.bazel("test", "//envs:training.lock_test")
    finally:
        lock.write_bytes(by_uv)
        build.write_text(text)
    assert json.loads(by_pip)["resolver"]["name"] == "pip-tools"
    assert without_resolver(by_pip) == without_resolver(by_uv)


def test_a_changed_project_makes_the_lock_stale(workspace: Workspace) -> None:
    """What says how it is built counts; its code does not, and is in the next build."""
    project = workspace.path / "libs/mylib"
    (project / "src/mylib/__init__.py").write_text("VALUE = 'changed'\n")
    workspace.bazel("test", "//envs:training.lock_test")
    workspace.bazel("build", *SANDBOX, "//envs:training")
    wheel = next(workspace.output("envs/training.wheels").rglob("mylib-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("mylib/__init__.py") == b"VALUE = 'changed'\n"
    (project / "pyproject.toml").write_text(PROJECT.replace("idna", "idna<4"))
    done = workspace.bazel("test", "//envs:training.lock_test", "--test_output=errors", check=False)
    (project / "pyproject.toml").write_text(PROJECT)
    assert done.returncode != 0 and "mylib @ ./libs/mylib" in done.stdout
    assert "bazel run //envs:training.update" in done.stdout


def test_a_wheelhouse_holds_what_is_built(workspace: Workspace) -> None:
    """Sdist, commit, project and wheels beside those of the index, for both platforms, every file once."""
    workspace.bazel("build", *SANDBOX, "//envs:training_wheelhouse")
    with zipfile.ZipFile(workspace.output("envs/training.wheelhouse.zip")) as archive:
        wheels = [name.split("/")[1] for name in archive.namelist() if name.startswith("wheels/")]
        platforms = json.loads(archive.read("manifest.json"))["platforms"]
    assert {"docopt", "gitlib", "mylib", "inhouse", "direct"} <= {name.split("-")[0] for name in wheels}
    assert len(set(wheels)) == len(wheels) and sorted(platforms) == [LINUX, WINDOWS]
    for platform in platforms.values():
        assert {package["file"] for package in platform["packages"]} <= set(wheels)
