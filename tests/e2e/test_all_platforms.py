"""All platforms in one invocation, on both engines; one platform, and queries, ask for no other file."""

from __future__ import annotations

import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from python_env.lock.document import render_lock
from support.bazel import ENGINES, Workspace, scratch_workspace
from support.generated_locks import make_lock
from support.index_server import index_server

FLAG = "--@rules_python_env//rules/platforms:platform"
TAGS = ("cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64", "cp311-win_amd64")
"""Those of examples/consumer."""

PURE, NATIVE = 4, 1
"""Of the five packages of the lock."""

FORMS = {
    "training": ("training.env.json",),
    "training_pex": ("training.pex", "training.pex.json"),
    "training_venv": ("training.venv.tar.gz", "training.venv.tar.gz.json"),
    "training_launcher": ("training.launcher.json", "training.launcher"),
}
"""Target to its files."""

TARGETS = [f"//envs:{target}.all_platforms" for target in FORMS]


@dataclass(frozen=True, slots=True)
class Wheels:
    """A workspace whose wheels lie in a folder."""

    workspace: Workspace

    @property
    def folder(self) -> Path:
        """Return the folder of the wheels."""
        return self.workspace.path / "wheels"

    def lock(self, made: Sequence[str] = TAGS) -> None:
        """Write the lock; of tags that are not `made` the native wheel is nowhere."""
        for wheel in self.folder.glob("*.whl"):
            wheel.unlink()
        lock = make_lock(range(PURE + NATIVE), self.folder, tags=TAGS, made=made)
        (self.workspace.path / "envs/training.lock.json").write_bytes(render_lock(lock))

    def bazel(self, command: str, *words: str, check: bool = True, **environment: str) -> str:
        """Run Bazel, which finds the wheels without an index, and return what it said."""
        options = [f"--distdir={self.folder}", *words]
        return self.workspace.bazel(command, *options, check=check, **environment).stdout

    def place(self, target: str, tag: str, file: str) -> Path:
        """Return a file of a tag."""
        return self.workspace.output(f"envs/{target}.all_platforms/{tag}/{file}")


@pytest.fixture(scope="module", params=list(ENGINES))
def wheels(request: pytest.FixtureRequest) -> Iterator[Wheels]:
    """Give a workspace on each engine in which nothing is fetched yet, and stop its server."""
    slug = re.sub(r"\W+", "-", request.param)
    workspace = scratch_workspace(f"platforms-{slug}", ENGINES[request.param])
    (workspace.path / "envs/requirements.in").write_text("package-0000\n")
    made = Wheels(workspace)
    made.folder.mkdir()
    made.lock()
    workspace.bazel("clean", "--expunge")
    yield made
    workspace.bazel("clean", "--expunge", check=False)


def about_us(said: str) -> list[str]:
    """Return the lines of warnings and notes in which our files stand."""
    ours = re.compile(r"(WARNING|DEBUG).*(python_env|\.bzl|envs/BUILD|whl_)")
    return [line for line in said.splitlines() if ours.search(line)]


def test_queries_fetch_nothing_and_no_file_of_ours_is_warned_of(wheels: Wheels) -> None:
    """An index counts: loading asks it for nothing, nor does the analysis of its targets with PYTHON_ENV_FETCH=no."""
    rules = [f"@rules_python_env//{folder}/..." for folder in ("rules", "tools")]
    everything = " + ".join(["//...", *rules])
    with index_server() as index:
        away = {"PIP_INDEX_URL": index.url}
        cold = f"--repository_cache={wheels.workspace.path / 'empty_cache'}"
        said = wheels.bazel("query", cold, everything, **away)
        graph = wheels.bazel("cquery", cold, "--repo_env=PYTHON_ENV_FETCH=no", "//...", **away)
    assert index.asked == []
    assert "//envs:training_pex\n" in said and "//envs:training_pex.all_platforms\n" in said
    assert "//envs:training_pex (" in graph
    assert about_us(said + graph) == []


def test_nothing_is_built_from_what_was_not_fetched(wheels: Wheels) -> None:
    """The error names the option that is to be left out."""
    said = wheels.bazel("build", "--repo_env=PYTHON_ENV_FETCH=no", "//envs:training_pex", check=False)
    assert re.search(r"error: \S+\.whl was not fetched, as PYTHON_ENV_FETCH=no asks", said)
    assert "fix:   build without --repo_env=PYTHON_ENV_FETCH=no" in said


def test_all_platforms_are_built_at_once(wheels: Wheels) -> None:
    """Each artifact is the one of its tag, below a folder of its name, the same as with the platform flag."""
    assert about_us(wheels.bazel("build", *TARGETS)) == []
    for tag in TAGS:
        for target, files in FORMS.items():
            assert all(wheels.place(target, tag, file).exists() for file in files)
        assert json.loads(wheels.place("training_pex", tag, "training.pex.json").read_text())["platform"] == tag
        native = f"package_0000-1.0.0-cp311-cp311-{tag.partition('-')[2]}.whl"
        with zipfile.ZipFile(wheels.place("training_pex", tag, "training.pex")) as pex:
            assert f".deps/{native}" in pex.namelist()
        with tarfile.open(wheels.place("training_venv", tag, "training.venv.tar.gz")) as venv:
            assert any("package_0004" in name for name in venv.getnames())
    one = wheels.place("training_pex", TAGS[2], "training.pex").read_bytes()
    wheels.bazel("build", f"{FLAG}={TAGS[2]}", "//envs:training_pex")
    assert wheels.workspace.output("envs/training.pex").read_bytes() == one


def test_an_output_group_is_one_platform(wheels: Wheels) -> None:
    """Its folder alone is made."""
    wheels.bazel("clean")
    wheels.bazel("build", f"--output_groups={TAGS[1]}", "//envs:training_pex.all_platforms")
    assert wheels.place("training_pex", TAGS[1], "training.pex").exists()
    assert not wheels.place("training_pex", TAGS[2], "training.pex").exists()


def test_nothing_is_done_once_per_platform_that_no_platform_changes(wheels: Wheels) -> None:
    """One check for each wheel of the lock, and one for each of the tools' wheels at the most."""
    said = wheels.bazel("aquery", f"mnemonic(PyEnvWheelCheck, deps({' + '.join(TARGETS)}))")
    checked = re.findall(r"^ +Outputs: \[.*/([^/]*)\.check\.json\]$", said, re.MULTILINE)
    assert sorted({each for each in checked if checked.count(each) > 1}) == []
    assert len([each for each in checked if each.startswith("package_")]) == PURE + NATIVE * len(TAGS)


def test_a_dead_file_of_another_platform_matters_to_all_platforms_alone(wheels: Wheels) -> None:
    """One platform is built, and everything that `...` names; what needs the file says which."""
    wheels.lock()
    wheels.bazel("build", "//...")  # the wheels of the tools come from the index of the machine, once
    wheels.lock(made=TAGS[:1])
    with index_server() as index:
        away = {"PIP_INDEX_URL": index.url}
        wheels.bazel("build", "//envs:training_pex", **away)
        wheels.bazel("build", "//...", **away)
        asked = [path for path in index.asked if "package" in path]
        said = wheels.bazel("build", "//envs:training_pex.all_platforms", check=False, **away)
    assert asked == []
    assert re.search(r"package_0000-1\.0\.0-cp311-cp311-(win_amd64|manylinux_2_28_aarch64)\.whl is not to be had", said)


def test_a_tag_that_is_not_locked_is_named(wheels: Wheels) -> None:
    """All others are, and the error says which one is missing and where."""
    wheels.lock()
    build = wheels.workspace.path / "envs/BUILD"
    before = build.read_text()
    build.write_text(before.replace('"cp311-win_amd64"', '"cp311-win_amd64", "cp313-win_amd64"'))
    try:
        said = wheels.bazel("build", "//envs:training_pex.all_platforms", check=False)
    finally:
        build.write_text(before)
    assert "error: no locked platform is selected: the platform flag (or `platforms` of a wheelhouse or of" in said
    assert ".all_platforms) names cp313-win_amd64" in said
    assert "where: //envs:training.lock.json locks cp311-manylinux_2_28_x86_64" in said
