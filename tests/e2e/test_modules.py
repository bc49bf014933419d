"""Several modules bring environments: what is shared, who decides, and what Bazel writes of it (7.7.1, bzlmod)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from python_env.env.model import parse_env
from support.bazel import CONFIGURATIONS, ROOT, Workspace
from support.buildozer import buildozer, buildozer_module
from support.cache import cache_of_the_tests
from support.determinism.builds import Checkout, other_checkout
from support.generated_locks import make_lock, write_env

pytestmark = pytest.mark.skipif("7.7.1 bzlmod" not in CONFIGURATIONS, reason="needs bzlmod")

TAG = "cp311-manylinux_2_28_x86_64"
EXTENSION = "@rules_python_env//rules:extensions.bzl"

_MODULE = """\
module(name = "{name}")

bazel_dep(name = "rules_python_env", version = "0.1.0")
python_env = use_extension("{extension}", "python_env")
{tags}
"""

_ROOT = """\
local_path_override(module_name = "rules_python_env", path = "{rules}")
bazel_dep(name = "team_a")
local_path_override(module_name = "team_a", path = "../team_a")
bazel_dep(name = "team_b")
local_path_override(module_name = "team_b", path = "../team_b")
register_toolchains("@rules_python_env//rules/toolchain:host_interpreter_toolchain")
"""

_BUILD = """\
load("@rules_python_env//rules:defs.bzl", "python_env")

package(default_visibility = ["//visibility:public"])

python_env(
    name = "training",
    lock = "training.lock.json",
    lock_repo = "@{repo}",
    platforms = ["{tag}"],
    requirements = ["requirements.in"],
)
"""

NUMBERS = {"root": range(3), "team_a": range(2, 6), "team_b": range(4, 8)}
"""Module to the packages of its lock: neighbours share two."""


def lock_tag(name: str) -> str:
    """Return the lines that bring a module's lock under a name."""
    return f'python_env.lock(name = "{name}", lock = "//envs:training.lock.json")\nuse_repo(python_env, "{name}")'


def interpreter_tag(platform: str) -> str:
    """Return the lines that bring an interpreter for a platform, always under one name."""
    words = f'name = "cpython_3_11", platform = "{platform}", python_version = "3.11"'
    return f'python_env.interpreter({words})\nuse_repo(python_env, "cpython_3_11")'


@dataclass(frozen=True, slots=True)
class Modules:
    """A root module beside two that it depends on."""

    folder: Path

    @property
    def root(self) -> Workspace:
        """Return the workspace."""
        return Workspace(self.folder / "root")

    def write(self, tags: Mapping[str, str], repos: Mapping[str, str]) -> None:
        """Write the modules' files: by module its tags, and the repository of its environment's lock."""
        for name, numbers in NUMBERS.items():
            place = self.folder / name
            text = _MODULE.format(name=name, extension=EXTENSION, tags=tags.get(name, ""))
            place.mkdir(exist_ok=True)
            (place / "MODULE.bazel").write_text(text + (_ROOT.format(rules=ROOT) if name == "root" else ""))
            (place / "WORKSPACE.bzlmod").touch()
            lock = make_lock(numbers, self.folder / "wheels", tags=[TAG], made=[TAG])
            write_env(place / "envs", lock, _BUILD.format(repo=repos[name], tag=TAG))

    def bazel(self, *words: str, check: bool = True) -> str:
        """Run Bazel in the root and return what it said."""
        command, *more = words
        distdir = [f"--distdir={self.folder / 'wheels'}"] if command == "build" else []
        return self.root.bazel(command, *distdir, *more, check=check).stdout

    def packages(self, manifest: str) -> list[str]:
        """Return the names in a built env manifest."""
        (path,) = self.root.path.glob(f"bazel-bin/{manifest}")
        return [wheel.name for wheel in parse_env(path.read_bytes(), where=path.name).wheels]


OWN = {name: f"{name}_lock" for name in NUMBERS}


@pytest.fixture(scope="module")
def modules() -> Iterator[Modules]:
    """Give three modules, and stop the server."""
    folder = cache_of_the_tests() / "workspaces/modules"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    made = Modules(folder)
    yield made
    made.root.bazel("clean", "--expunge", check=False)


def names(numbers: range) -> list[str]:
    """Return names of packages."""
    return [f"package-{number:04d}" for number in numbers]


def test_every_module_brings_its_environment(modules: Modules) -> None:
    """All are built by one command; what two locks name is one repository, and use_repo is as it should be."""
    modules.write({name: lock_tag(repo) for name, repo in OWN.items()}, OWN)
    said = modules.bazel("build", "//envs:training", "@team_a//envs:training", "@team_b//envs:training")
    assert modules.packages("envs/training.env.json") == names(NUMBERS["root"])
    assert modules.packages("external/team_b*/envs/training.env.json") == names(NUMBERS["team_b"])
    assert "use_repo" not in said
    modules.bazel("build", "@team_a//envs:training_pex.all_platforms")
    assert (
        len([*modules.root.path.glob(f"bazel-bin/external/team_a*/envs/training_pex.all_platforms/{TAG}/*.pex")]) == 1
    )
    external = Path(modules.bazel("info", "output_base").split()[-1], "external")
    assert len([path for path in external.glob("*whl_package_*") if path.is_dir()]) == len(range(8))


def test_two_modules_with_one_name_must_agree(modules: Modules) -> None:
    """The error names both modules, and what mends it."""
    tags = {"team_a": lock_tag("shared_lock"), "team_b": lock_tag("shared_lock"), "root": lock_tag("root_lock")}
    modules.write(tags, {"team_a": "shared_lock", "team_b": "shared_lock", "root": "root_lock"})
    said = modules.bazel("build", "//envs:training", check=False)
    assert "error: two locks are to be repository @shared_lock: module team_a says @@team_a" in said
    assert ", module team_b says @@team_b" in said
    assert 'where: python_env.lock(name = "shared_lock") in MODULE.bazel' in said
    assert "fix:   give one of them another name, or decide in the root's MODULE.bazel: python_env.lock(name =" in said


def test_the_root_decides(modules: Modules) -> None:
    """Its lock of the name stands for those of all others: their environments are built from it."""
    tags = dict.fromkeys(NUMBERS, lock_tag("shared_lock"))
    modules.write(tags, dict.fromkeys(NUMBERS, "shared_lock"))
    modules.bazel("build", "//envs:training_pex", "@team_a//envs:training_pex", "@team_b//envs:training")
    for module in ("team_a", "team_b"):
        assert modules.packages(f"external/{module}*/envs/training.env.json") == names(NUMBERS["root"])


def test_a_conflict_of_platforms_is_named(modules: Modules) -> None:
    """Two modules ask for one interpreter on different machines; the root may decide."""
    own = {name: lock_tag(repo) for name, repo in OWN.items()}
    asked = {"team_a": "x86_64-unknown-linux-gnu", "team_b": "aarch64-unknown-linux-gnu"}
    tags = {name: f"{own[name]}\n{interpreter_tag(platform)}" for name, platform in asked.items()}
    modules.write({**own, **tags}, OWN)
    said = modules.bazel("build", "--nobuild", "//envs:training", check=False)
    assert "error: two interpreters are to be repository @cpython_3_11: module team_a says " in said
    assert 'platform = "x86_64-unknown-linux-gnu"' in said and 'platform = "aarch64-unknown-linux-gnu"' in said
    modules.write({**tags, "root": f"{own['root']}\n{interpreter_tag('x86_64-unknown-linux-gnu')}"}, OWN)
    modules.bazel("build", "--nobuild", "//envs:training")


def test_use_repo_is_mended_by_tidy(modules: Modules) -> None:
    """A missing and an extra one are reported with the command, which writes what the root names."""
    wrong = lock_tag("root_lock").replace('use_repo(python_env, "root_lock")', 'use_repo(python_env, "team_a_lock")')
    own = {name: lock_tag(repo) for name, repo in OWN.items()}
    modules.write({**own, "root": wrong}, OWN)
    said = modules.bazel("build", "--nobuild", "//envs:training", check=False)
    assert "bazel mod tidy" in said and "root_lock" in said
    modules.bazel("mod", "tidy", buildozer_module(modules.folder / "buildozer", buildozer()))
    assert 'use_repo(python_env, "root_lock")' in (modules.root.path / "MODULE.bazel").read_text()
    assert "bazel mod tidy" not in modules.bazel("build", "--nobuild", "//envs:training")


def extension_results(checkout: Checkout, path: str, folder: Path) -> tuple[str, bytes]:
    """Return every repository of the extension with its attributes, and MODULE.bazel.lock, under a PATH.

    `folder` is for the stand-in that `bazel mod` wants.
    """
    stand_in = buildozer_module(folder / "buildozer", Path("/bin/false"))
    checkout.bazel("shutdown", PATH=path)
    said = checkout.bazel("mod", "show_extension", stand_in, "<root>//rules:extensions.bzl%python_env", PATH=path)
    made = re.findall(r"^ +- (\w+)", said, re.MULTILINE)
    repos = [f"@@_main~python_env~{name}" for name in made]
    shown = checkout.bazel("mod", "show_repo", stand_in, *repos, PATH=path)
    lines = [line for line in shown.splitlines() if line.startswith(("## ", "  name", "  "))]
    return "\n".join(lines), (checkout.path / "MODULE.bazel.lock").read_bytes()


def test_the_extension_has_the_same_results_for_everyone() -> None:
    """Two users, checkouts and Pythons on PATH: the same repositories with the same attributes, the same lock file."""
    theirs = other_checkout("modules")
    broken = theirs.path.parent / "python"
    broken.mkdir(exist_ok=True)
    for name in ("python", "python3", "python3.11"):
        (broken / name).write_text("#!/bin/sh\nexit 97\n")
        (broken / name).chmod(0o755)
    path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    try:
        first = extension_results(Checkout(), path, cache_of_the_tests() / "workspaces/modules_of_one")
        other = extension_results(theirs, f"{broken}:{path}", theirs.path.parent)
    finally:
        theirs.bazel("shutdown")
        shutil.rmtree(theirs.path)
    assert "whl_numpy" in first[0] and "sha256" in first[0]
    assert str(ROOT) not in first[0]
    assert first == other
