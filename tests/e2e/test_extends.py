"""Environments that are derived from another, in a workspace of their own, with both resolvers and real wheels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from python_env.lock.document import parse_lock
from python_env.lock.model import Lock, SourceKind
from support.bazel import OLDER, Workspace, scratch_workspace
from support.git_repository import git, make_repository

LINUX, WINDOWS = "cp311-manylinux_2_28_x86_64", "cp311-win_amd64"
FLAG = f"--@rules_python_env//rules/platforms:platform={LINUX}"

ENVIRONMENT = """
python_env(
    name = "{name}",
    lock = "{name}.lock.json",
    lock_repo = "@{name}_lock",
    platforms = {platforms},
    requirements = ["{name}.in"],
    {more}
)
"""

STATED = 'marker_values = {"python_full_version": "3.11.9"},'
ENVIRONMENTS = {
    "base": ("click<8.2\n", [LINUX, WINDOWS], ""),
    "derived": (
        'click\nsix; python_full_version >= "3.11.9"\n',
        [LINUX, WINDOWS],
        f'extends = "//envs:base", {STATED}',
    ),
    "by_pip": ("click\nsix\n", [WINDOWS], 'extends = ":base", resolver = "pip-tools",'),
    "third": ("idna\n", [LINUX], 'extends = "//envs:derived",'),
    "built": (
        "docopt\n-e ../libs/folder\ncommit @ git+file://{repository}@v1\n",
        [LINUX, WINDOWS],
        'sdists = ["docopt"], local_sources = ["//libs:folder"],',
    ),
    "on_built": ("six\n", [LINUX], 'extends = "//envs:built", local_sources = ["//libs:folder"],'),
}
"""Name to requirements, platforms and further attributes; each has its lock and requirement file."""

PROJECT = """\
[build-system]
requires = ["setuptools>=40.8.0"]
build-backend = "setuptools.build_meta"
[project]
name = "{name}"
version = "1.0"
[tool.setuptools]
py-modules = ["{name}"]
"""


@pytest.fixture(scope="module", params=list(OLDER))
def workspace(request: pytest.FixtureRequest, repository: Path) -> Iterator[Workspace]:
    """Give a workspace with all environments, locked, on each configuration, and stop its server."""
    slug = re.sub(r"\W+", "-", request.param)
    made = scratch_workspace(f"extends-{slug}", OLDER[request.param])
    _write(made, repository)
    for name in ENVIRONMENTS:
        made.bazel("run", f"//envs:{name}.update")
    yield made
    made.bazel("shutdown", check=False)


def _project(name: str) -> dict[str, str]:
    """Return the files of a project of one module."""
    return {"pyproject.toml": PROJECT.format(name=name), f"{name}.py": ""}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a git repository with a tag."""
    made = make_repository(tmp_path_factory.mktemp("repository") / "commit", _project("commit"))
    git(made, "tag", "v1")
    return made


def _write(workspace: Workspace, repository: Path) -> None:
    folder = workspace.path / "libs/folder"
    folder.mkdir(parents=True)
    for file, text in _project("folder").items():
        (folder / file).write_text(text)
    files = 'filegroup(name = "folder", srcs = glob(["folder/**"]), visibility = ["//visibility:public"])\n'
    (workspace.path / "libs/BUILD").write_text(files)
    build = 'load("@rules_python_env//rules:defs.bzl", "python_env")\n'
    for name, (requirements, platforms, more) in ENVIRONMENTS.items():
        (workspace.path / f"envs/{name}.in").write_text(requirements.format(repository=repository))
        (workspace.path / f"envs/{name}.lock.json").write_text("{}\n")
        build += ENVIRONMENT.format(name=name, platforms=platforms, more=more)
    (workspace.path / "envs/BUILD").write_text(build.replace("'", '"'))
    for file, first in (("WORKSPACE", "python_env_lock("), ("MODULE.bazel", "python_env.lock(")):
        head = (workspace.path / file).read_text().partition(first)[0]
        (workspace.path / file).write_text(head + "".join(_declared(file, name) for name in ENVIRONMENTS))


def _declared(file: str, name: str) -> str:
    """Return the lines that declare an environment's lock."""
    words = f'name = "{name}_lock", lock = "//envs:{name}.lock.json"'
    if file == "MODULE.bazel":
        return f'python_env.lock({words})\nuse_repo(python_env, "{name}_lock")\n'
    load = f'load("@{name}_lock//:wheels.bzl", {name}_wheels = "wheel_repositories")'
    return f"python_env_lock({words})\n{load}\n{name}_wheels()\n"


def lock_of(workspace: Workspace, name: str) -> Lock:
    """Return a written lock."""
    lock = parse_lock((workspace.path / f"envs/{name}.lock.json").read_bytes(), where=name, fix="none")
    assert lock is not None
    return lock


def files(lock: Lock, tag: str) -> dict[str, str]:
    """Return by name the digest of the locked file."""
    return {package.name: lock.files[package.file].sha256 for package in lock.sections[tag].packages}


def assert_pins_are_kept(workspace: Workspace) -> None:
    """Check that every derived lock has the files of its base on each of its platforms."""
    for name, base in (("derived", "base"), ("by_pip", "base"), ("third", "derived")):
        derived, kept = lock_of(workspace, name), lock_of(workspace, base)
        assert derived.inputs.extends == ((f"//envs:{base}", kept.env_id),)
        for tag in derived.sections:
            assert files(kept, tag).items() < files(derived, tag).items(), (name, tag)


def test_derived_environments_keep_their_bases_pins(workspace: Workspace) -> None:
    """With both resolvers, over two hops, on a platform that another does not have; all are fresh and can be built."""
    assert_pins_are_kept(workspace)
    versions = {package.name: package.version for package in lock_of(workspace, "third").sections[LINUX].packages}
    assert versions["click"].startswith("8.1.") and {"six", "idna"} < versions.keys()
    assert "colorama" in files(lock_of(workspace, "by_pip"), WINDOWS)
    workspace.bazel("test", *(f"//envs:{name}.lock_test" for name in ENVIRONMENTS))
    workspace.bazel("build", FLAG, "//envs:derived_pex", "//envs:third")


def test_what_the_base_builds_is_kept(workspace: Workspace) -> None:
    """Of an sdist, a commit and a folder: build requirements and their wheels, for the derived platforms alone."""
    base, derived = lock_of(workspace, "built"), lock_of(workspace, "on_built")
    assert {source.kind for source in base.sources.values()} == {*SourceKind}
    assert base.sources and derived.sources.keys() == base.sources.keys()
    for key, source in derived.sources.items():
        assert source == replace(base.sources[key], tools={LINUX: base.sources[key].tools[LINUX]})
    used = {*derived.files} - {package.file for package in derived.sections[LINUX].packages if package.name == "six"}
    assert {name: derived.files[name] for name in used} == {name: base.files[name] for name in used}
    workspace.bazel("test", "//envs:on_built.lock_test")
    workspace.bazel("build", FLAG, "//envs:on_built_pex")


def test_a_requirement_against_the_base_is_refused(workspace: Workspace) -> None:
    """Base, pin and requirement are named, and the lock stays as it was."""
    requirements, lock = workspace.path / "envs/derived.in", workspace.path / "envs/derived.lock.json"
    before, locked = requirements.read_text(), lock.read_bytes()
    requirements.write_text("click>=8.2\nsix\n")
    try:
        done = workspace.bazel("run", "//envs:derived.update", check=False)
    finally:
        requirements.write_text(before)
    assert done.returncode == 2, done.stdout
    assert "error: click>=8.2 contradicts the base //envs:base, which pins click 8.1." in done.stdout
    assert "where: envs/derived.in:1" in done.stdout and "run: bazel run //envs:base.update" in done.stdout
    assert lock.read_bytes() == locked


@pytest.mark.parametrize("name", ["derived", "by_pip"])
def test_a_dependency_against_the_base_is_explained(workspace: Workspace, name: str) -> None:
    """The resolver's reason, and the base's pin."""
    requirements = workspace.path / f"envs/{name}.in"
    before = requirements.read_text()
    requirements.write_text("flask==1.1.4\n")  # which needs click<8
    try:
        done = workspace.bazel("run", f"//envs:{name}.update", check=False)
    finally:
        requirements.write_text(before)
    assert done.returncode == 2, done.stdout
    assert "the base //envs:base pins" in done.stdout and "click 8.1." in done.stdout
    assert "<8.0" in done.stdout and "Traceback" not in done.stdout


def test_a_platform_that_the_base_lacks_is_refused(workspace: Workspace) -> None:
    """There would be no pins for it."""
    build = workspace.path / "envs/BUILD"
    before = build.read_text()
    build.write_text(before.replace(f'["{LINUX}"]', '["cp312-win_amd64"]'))
    try:
        done = workspace.bazel("run", "//envs:third.update", check=False)
    finally:
        build.write_text(before)
    assert "error: the base //envs:derived does not lock cp312-win_amd64" in done.stdout, done.stdout


def test_environments_that_extend_each_other_are_refused(workspace: Workspace) -> None:
    """Bazel shows the circle, locked or not; an environment that extends itself is named when it is loaded."""
    build = workspace.path / "envs/BUILD"
    before = build.read_text()
    ring = ""
    for name, base in (("one", "two"), ("two", "three"), ("three", "one")):
        more = f'extends = ":{base}",'
        ring += ENVIRONMENT.format(name=name, platforms=f'["{LINUX}"]', more=more).replace(f"{name}.in", "base.in")
    build.write_text(before + ring)
    try:
        done = workspace.bazel("run", "//envs:one.update", check=False)
        build.write_text(before + ring.replace(":two", ":one"))
        itself = workspace.bazel("run", "//envs:one.update", check=False)
    finally:
        build.write_text(before)
    circle = re.search(r"cycle in dependency graph:(.*?)\n\S*ERROR", done.stdout + "\nERROR", re.DOTALL)
    assert circle and {f"//envs:{name}.lock" for name in ("one", "two", "three")} <= set(circle[1].split()), done.stdout
    assert "//envs:one extends itself" in itself.stdout, itself.stdout


def test_a_changed_base_makes_derived_locks_stale(workspace: Workspace) -> None:
    """The test says which base changed and the command; after it the pins are equal again."""
    (workspace.path / "envs/base.in").write_text("click>=8.2\n")
    workspace.bazel("run", "//envs:base.update")
    done = workspace.bazel("test", "--test_output=errors", "//envs:derived.lock_test", check=False)
    assert done.returncode != 0
    assert "the lock is stale: the base //envs:base changed: environment " in done.stdout, done.stdout
    assert "fix:   bazel run //envs:derived.update" in done.stdout
    for name in ("derived", "by_pip", "third"):
        workspace.bazel("run", f"//envs:{name}.update")
    assert_pins_are_kept(workspace)
    workspace.bazel("test", *(f"//envs:{name}.lock_test" for name in ENVIRONMENTS))
