"""Projects locked by uv, taken over from their files: the same versions and files on every platform, and in Bazel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.pylock import Pylock
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.__main__ import main
from python_env.base.platforms import marker_environment, parse_platform
from python_env.base.wheel_tags import supported_tags
from python_env.lock.index import default_index
from support.bazel import ROOT, Workspace, scratch_workspace
from support.git_repository import git, make_repository

TAGS = ("cp311-manylinux_2_28_x86_64", "cp312-macosx_14_0_arm64", "cp313-win_amd64")
PROJECT = """
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["requests>=2.30", "httpx[http2]", "pandas>=2,<3", "click"]
[project.optional-dependencies]
plot = ["contourpy", "shop[speed]"]
speed = ["numexpr; sys_platform != 'darwin'"]
all = ["shop[plot]"]
[dependency-groups]
test = ["pytest>=8"]
dev = [{include-group = "test"}]
docs = ["markdown"]
[tool.uv]
package = false
"""
CHOICE = ("--extra", "all", "--group", "dev")


@pytest.fixture(scope="module")
def uv() -> Path:
    """Return the resolver that the rules run."""
    Workspace(ROOT).bazel("build", "//tools:uv")
    return ROOT / "bazel-bin/tools/uv"


@pytest.fixture(scope="module")
def project(uv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the project and its three locks."""
    place = tmp_path_factory.mktemp("project")
    (place / "pyproject.toml").write_text(PROJECT)
    environment = {**os.environ, "UV_DEFAULT_INDEX": default_index(os.environ).url, "UV_PYTHON_DOWNLOADS": "never"}
    compiled = ["pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "pyproject.toml"]
    for words in (
        ["lock"],
        ["export", "--format", "pylock.toml", *CHOICE, "-o", "pylock.toml"],
        [*compiled, *CHOICE, "-o", "requirements.txt"],
    ):
        subprocess.run([uv, *words, "--quiet"], cwd=place, env=environment, check=True, stdout=subprocess.DEVNULL)
    return place


def taken_over(place: Path, uv: Path, file: str, *choice: str) -> dict[str, dict[str, tuple[str, str]]]:
    """Return by tag and name the version and digest that are locked."""
    rule = ["--lock", str(place / f"{file}.lock.json"), "--name", "shop", "--update-command", "update", "--uv", str(uv)]
    tags = [word for tag in TAGS for word in ("--locked-platform", tag)]
    assert main(["lock", "update", *rule, *tags, "--requirements", f"{file}={place / file}", *choice]) == 0
    lock = json.loads((place / f"{file}.lock.json").read_bytes())
    assert "://" not in json.dumps(lock)
    return {
        tag: {each["name"]: (each["version"], lock["files"][each["file"]]["sha256"]) for each in section["packages"]}
        for tag, section in lock["platforms"].items()
    }


def of_pylock(path: Path, tag: str) -> dict[str, tuple[str, set[str]]]:
    """Return what packaging selects from a lock: by name the version and all digests of its wheels."""
    platform = parse_platform(tag)
    chosen = Pylock.from_dict(tomllib.loads(path.read_text())).select(
        environment=marker_environment(platform),  # type: ignore[arg-type]  # complete, but a plain dictionary
        tags=supported_tags(platform),
    )
    return {
        package.name: (str(package.version), {wheel.hashes["sha256"] for wheel in package.wheels or ()})
        for package, _ in chosen
    }


def of_requirements(path: Path, tag: str) -> dict[str, tuple[str, set[str]]]:
    """Return what a hashed requirement file pins for a platform."""
    pins = {}
    for line in re.sub(r"\\\n", " ", path.read_text()).splitlines():
        text, *hashes = line.partition("#")[0].split("--hash=sha256:")
        requirement = Requirement(text) if text.strip() else None
        if requirement and (not requirement.marker or requirement.marker.evaluate(target(tag))):
            version = str(requirement.specifier).removeprefix("==")
            pins[str(canonicalize_name(requirement.name))] = (version, {each.strip() for each in hashes})
    return pins


def target(tag: str) -> dict[str, str]:
    """Return a platform's marker environment."""
    return marker_environment(parse_platform(tag))


@pytest.mark.parametrize("file", ["uv.lock", "pylock.toml", "requirements.txt"])
def test_every_pin_is_that_of_the_source(project: Path, uv: Path, file: str) -> None:
    """One by one, on three platforms: no package more or less, no other version, no file that the lock has not."""
    locked = taken_over(project, uv, file, *(CHOICE if file == "uv.lock" else ()))
    for tag in TAGS:
        name = "requirements.txt" if file == "requirements.txt" else "pylock.toml"
        source = (of_requirements if file == "requirements.txt" else of_pylock)(project / name, tag)
        assert len(source) > 20
        assert {key: version for key, (version, _) in locked[tag].items()} == {key: v for key, (v, _) in source.items()}
        assert [key for key, (_, digest) in locked[tag].items() if digest not in source[key][1]] == []


def test_a_project_asks_for_what_its_lock_holds(project: Path, uv: Path) -> None:
    """Resolved from pyproject.toml, the same distributions; those of a group that is not chosen are none of them."""
    resolved = taken_over(project, uv, "pyproject.toml", *CHOICE)
    for tag in TAGS:
        assert resolved[tag].keys() == of_pylock(project / "pylock.toml", tag).keys()
        assert "markdown" not in resolved[tag]


def test_bazel_takes_over_a_uv_lock(project: Path) -> None:
    """`.update`, `.lock_test` and the artifact, with extras and groups as attributes; another choice is stale."""
    workspace = scratch_workspace("foreign-lock")
    (workspace.path / "envs/uv.lock").write_text((project / "uv.lock").read_text())
    build = workspace.path / "envs/BUILD"
    text = re.sub(r"platforms = \[.*?\]", f"platforms = {json.dumps(list(TAGS))}", build.read_text(), flags=re.DOTALL)
    words = 'requirements = ["uv.lock"],\n    extras = ["all"],\n    groups = ["dev"]'
    build.write_text(text.replace('requirements = ["requirements.in"]', words))
    try:
        workspace.bazel("run", "//envs:training.update")
        workspace.bazel("test", "//envs:training.lock_test")
        workspace.bazel("build", "//envs:training_venv")
        build.write_text(build.read_text().replace('groups = ["dev"]', 'groups = ["docs"]'))
        stale = workspace.bazel("test", "--test_output=errors", "//envs:training.lock_test", check=False)
        assert "group docs is not in the lock" in stale.stdout
        assert re.search(r"requirement markdown==\S+ .* is not in the lock", stale.stdout)
    finally:
        workspace.bazel("shutdown", check=False)


BACKEND = """
[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"
[tool.setuptools]
py-modules = ["{name}"]
[project]
name = "{name}"
version = "1.2"
dependencies = {needs}
"""
SOURCES = """
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["commit>=1", "folder", "docopt==0.6.2"]
[tool.uv]
package = false
[tool.uv.sources]
commit = {{ git = "file://{repository}", tag = "v1" }}
folder = {{ path = "../libs/folder", editable = true }}
"""
ENVIRONMENT = """
load("@rules_python_env//rules:defs.bzl", "python_env")

python_env(
    name = "training",
    local_sources = ["//libs:folder"],
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    platforms = {tags},
    requirements = ["{file}"],
    sdists = ["docopt"],
)
"""
FOLDER = 'filegroup(name = "folder", srcs = glob(["folder/**"]), visibility = ["//visibility:public"])\n'


def sources_of(lock: Path) -> dict[str, tuple[str, str]]:
    """Return by name the version and the identity of what is built."""
    rows = json.loads(lock.read_bytes())["sources"].values()
    return {each["name"]: (each["version"], each.get("commit") or each["sha256"]) for each in rows}


def test_bazel_takes_over_sources(tmp_path: Path, uv: Path) -> None:
    """A commit, a folder and an sdist of uv.lock are built and run; pyproject.toml and pylock.toml have the same."""

    def project(name: str, needs: str) -> dict[str, str]:
        return {"pyproject.toml": BACKEND.format(name=name, needs=needs), f"{name}.py": f"VALUE = {name!r}\n"}

    repository = make_repository(tmp_path / "commit", project("commit", '["idna"]'))
    git(repository, "tag", "v1")
    workspace = scratch_workspace("foreign-lock-sources")
    envs, folder, lock = (workspace.path / name for name in ("envs", "libs/folder", "envs/training.lock.json"))
    folder.mkdir(parents=True)
    for file, text in project("folder", "[]").items():
        (folder / file).write_text(text)
    (workspace.path / "libs/BUILD").write_text(FOLDER)
    (envs / "pyproject.toml").write_text(SOURCES.format(repository=repository))
    environment = {**os.environ, "UV_DEFAULT_INDEX": default_index(os.environ).url, "UV_PYTHON_DOWNLOADS": "never"}
    for words in (["lock"], ["export", "--format", "pylock.toml", "-o", "pylock.toml"]):
        subprocess.run([uv, *words, "--quiet"], cwd=envs, env=environment, check=True, stdout=subprocess.DEVNULL)
    try:
        found = {}
        for file in ("pyproject.toml", "pylock.toml", "uv.lock"):
            (envs / "BUILD").write_text(ENVIRONMENT.format(tags=json.dumps(TAGS[:2]), file=file))
            workspace.bazel("run", "//envs:training.update")
            found[file] = sources_of(lock)
        assert found["uv.lock"] == found["pylock.toml"] == found["pyproject.toml"]
        assert found["uv.lock"].keys() == {"commit", "docopt", "folder"}
        assert found["uv.lock"]["commit"] == ("1.2", git(repository, "rev-parse", "HEAD"))
        workspace.bazel("test", "//envs:training.lock_test")
        workspace.bazel("build", "//envs:training_pex")
        code = "import commit, folder, docopt, idna; print(commit.VALUE, folder.VALUE, docopt.__version__)"
        done = subprocess.run(
            [workspace.output("envs/training.pex"), "-c", code], capture_output=True, text=True, check=False
        )
        assert done.stdout == "commit folder 0.6.2\n", done.stderr
    finally:
        workspace.bazel("shutdown", check=False)
