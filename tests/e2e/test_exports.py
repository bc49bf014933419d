"""What `:<name>.pylock` exports: pip and uv, told nothing else, come to exactly what is locked.

For each platform tag there is a folder with that platform's locked wheels, laid out as a wheelhouse; there is no index.

pip has options for a foreign platform (`--platform`, `--python-version`, `--implementation`, `--abi`), but it evaluates
markers with the Python that runs it, whatever the options say (https://github.com/pypa/pip/issues/11664). On Linux it
looks for what only Linux needs among the wheels for Windows, does not find it and fails. So each tag is proven so:

- plain pip, hashed requirements with `--no-deps`: each locked wheel fits the tag in pip's own judgement, by its digest;
- pip resolves the requested requirements in full, but is told the target's marker values in place of this machine's;
- plain pip resolves the requested requirements in full, on every tag where the markers happen to say the same here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.tags import sys_tags

from python_env.base.platforms import marker_environment, parse_platform
from python_env.base.wheel_tags import supported_tags
from python_env.lock.document import parse_lock
from python_env.lock.model import Lock
from support.bazel import ROOT, Workspace
from support.installers import Pins, Pip, Venv, run

ENVS = ("hello", "training")


@cache
def lock_of(env: str) -> Lock:
    """Return the lock of an example."""
    lock = parse_lock((ROOT / f"examples/{env}/{env}.lock.json").read_bytes(), where=env, fix="none")
    assert lock is not None
    return lock


CASES = [(env, tag) for env in ENVS for tag in lock_of(env).inputs.platforms]

BEYOND_PIP = {("training", "cp311-win_amd64")}
"""Where markers of the closure differ between Linux and the tag: plain pip on Linux asks for pexpect (IPython)."""


def locked_files(env: str, tag: str) -> dict[str, str]:
    """Return by file name the digests of one platform."""
    lock = lock_of(env)
    return {package.file: lock.files[package.file].sha256 for package in lock.sections[tag].packages}


def locked_pins(env: str, tag: str) -> Pins:
    """Return the versions of one platform."""
    return {package.name: package.version for package in lock_of(env).sections[tag].packages}


def host_tag(env: str) -> str:
    """Return the first tag of an example whose best wheels run on this Python."""
    here = set(sys_tags())
    fitting = [tag for tag in lock_of(env).inputs.platforms if supported_tags(parse_platform(tag))[0] in here]
    if not fitting:
        pytest.skip(f"{env} is locked for no platform that this Python is")
    return fitting[0]


@pytest.fixture(scope="session")
def houses(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Return by example and tag a folder with the exported files, and in `wheels` the platform's wheels."""
    workspace = Workspace(ROOT)
    sections = [f"@{env}_lock//:{tag}" for env, tag in CASES]
    workspace.bazel("build", "//tools:uv", *[f"//examples/{env}:{env}.pylock" for env in ENVS], *sections)
    # the last line: the others are what Bazel says while it starts
    base = Path(workspace.bazel("info", "output_base").stdout.split()[-1])
    fetched = {path.name: path for path in base.glob("external/*whl_*/*.whl")}
    found = {}
    for env, tag in CASES:
        house = tmp_path_factory.mktemp("houses") / env / tag
        shutil.copytree(workspace.output(f"examples/{env}/{env}.export"), house)
        (house / "wheels").mkdir()
        for file in locked_files(env, tag):
            (house / "wheels" / file).symlink_to(fetched[file])
        shutil.copy(ROOT / f"examples/{env}/requirements.in", house)
        found[env, tag] = house
    return found


@pytest.fixture(scope="session")
def pip(tmp_path_factory: pytest.TempPathFactory) -> Pip:
    """Return a pip that reads pylock files."""
    return Pip.install("pip>=26.1", tmp_path_factory.mktemp("pip"))


@pytest.fixture(scope="session")
def uv() -> Path:
    """Return the locked uv."""
    return ROOT / "bazel-bin/tools/uv"


@pytest.fixture
def venv(tmp_path: Path) -> Iterator[Venv]:
    """Give a clean venv; a gigabyte of wheels does not stay behind."""
    yield Venv.create(tmp_path / "venv")
    shutil.rmtree(tmp_path / "venv")


def platform_options(tag: str) -> list[str]:
    """Return pip's words for a platform; pip takes a list of names where a tag says the highest."""
    platform = parse_platform(tag)
    names = dict.fromkeys(each.platform for each in supported_tags(platform) if each.platform != "any")
    options = ["--python-version", platform.python_version, "--implementation", "cp", "--abi", platform.abi]
    return [*options, *(word for name in names for word in ("--platform", name))]


def foreign(tag: str) -> list[str]:
    """Return what pip asks for beside a platform."""
    return ["--find-links", "wheels", *platform_options(tag), "--only-binary=:all:", "--target", "x"]


@pytest.mark.parametrize(("env", "tag"), CASES)
def test_every_locked_wheel_fits_its_platform(
    houses: dict[tuple[str, str], Path], pip: Pip, env: str, tag: str
) -> None:
    """Plain pip takes exactly the locked files for the tag, each with its digest."""
    words = [*foreign(tag), "--no-deps", "--require-hashes", "-r", f"requirements.{tag}.txt"]
    assert pip.dry_run(*words, folder=houses[env, tag]) == locked_files(env, tag)


@pytest.mark.parametrize(("env", "tag"), CASES)
def test_what_was_asked_for_is_had_from_the_locked_files(
    houses: dict[tuple[str, str], Path], pip: Pip, env: str, tag: str
) -> None:
    """pip, told the target's markers, resolves the requested requirements to all locked files and nothing else."""
    markers = marker_environment(parse_platform(tag))
    found = pip.dry_run(*foreign(tag), "-r", "requirements.in", folder=houses[env, tag], markers=markers)
    assert found == locked_files(env, tag)


@pytest.mark.parametrize(("env", "tag"), [case for case in CASES if case not in BEYOND_PIP])
def test_plain_pip_resolves_what_was_asked_for(
    houses: dict[tuple[str, str], Path], pip: Pip, env: str, tag: str
) -> None:
    """Nothing but the requested requirements, the folder and the platform: exactly the locked files."""
    assert pip.dry_run(*foreign(tag), "-r", "requirements.in", folder=houses[env, tag]) == locked_files(env, tag)


@pytest.mark.parametrize("env", ENVS)
def test_plain_pip_resolves_for_this_machine(houses: dict[tuple[str, str], Path], pip: Pip, env: str) -> None:
    """Without a word about the platform."""
    tag = host_tag(env)
    found = pip.dry_run("--find-links", "wheels", "-r", "requirements.in", folder=houses[env, tag])
    assert found == locked_files(env, tag)


@pytest.mark.parametrize("env", ENVS)
def test_uv_installs_the_pylock_file(houses: dict[tuple[str, str], Path], uv: Path, env: str, venv: Venv) -> None:
    """`uv pip install -r pylock.<tag>.toml` into a clean venv: the lock's distributions."""
    tag = host_tag(env)
    words = [uv, "pip", "install", "-q", "--offline", "--no-index", "--python", venv.python]
    run([*words, "-r", f"pylock.{tag}.toml"], houses[env, tag])
    assert venv.installed() == locked_pins(env, tag)


@pytest.mark.parametrize("env", ENVS)
def test_pip_installs_the_pylock_file(houses: dict[tuple[str, str], Path], pip: Pip, env: str, venv: Venv) -> None:
    """`pip install -r pylock.<tag>.toml`, its experimental reader, into a clean venv: the lock's distributions."""
    tag = host_tag(env)
    pip.fill(venv, "-r", f"pylock.{tag}.toml", folder=houses[env, tag])
    assert venv.installed() == locked_pins(env, tag)


@pytest.mark.parametrize("env", ENVS)
def test_pip_installs_the_hashed_requirements(
    houses: dict[tuple[str, str], Path], pip: Pip, env: str, venv: Venv
) -> None:
    """`pip install --require-hashes --no-deps` into a clean venv: the lock's distributions."""
    tag = host_tag(env)
    words = ["--find-links", "wheels", "--require-hashes", "--no-deps", "-r", f"requirements.{tag}.txt"]
    pip.fill(venv, *words, folder=houses[env, tag])
    assert venv.installed() == locked_pins(env, tag)


def test_a_wheel_with_another_digest_is_refused(
    houses: dict[tuple[str, str], Path], pip: Pip, uv: Path, venv: Venv, tmp_path: Path
) -> None:
    """Neither pip nor uv installs it from the pylock file or the hashed requirements: both check the digests."""
    tag = host_tag("hello")
    house = tmp_path / "house"
    shutil.copytree(houses["hello", tag], house, symlinks=True)
    digest = next(value for name, value in locked_files("hello", tag).items() if name.startswith("click-"))
    words = [uv, "pip", "install", "--offline", "--no-index", "-f", "wheels", "--python", venv.python]
    for file in (f"pylock.{tag}.toml", f"requirements.{tag}.txt"):
        (house / file).write_text((house / file).read_text().replace(digest, "0" * 64))
        with pytest.raises(AssertionError, match=r"(?i)hash"):
            pip.fill(venv, "--find-links", "wheels", "-r", file, folder=house)
        with pytest.raises(AssertionError, match=r"(?i)hash"):
            run([*words, "-r", file], house)
    assert venv.installed() == {}


@pytest.mark.parametrize("env", ENVS)
def test_the_constraints_hold_in_pip_and_uv(houses: dict[tuple[str, str], Path], pip: Pip, uv: Path, env: str) -> None:
    """Both read the one file for all platforms, and come to the locked versions."""
    tag = host_tag(env)
    house = houses[env, tag]
    words: list[str | Path] = ["--find-links", "wheels", "-c", "constraints.txt", "-r", "requirements.in"]
    assert pip.dry_run(*words, folder=house) == locked_files(env, tag)
    compiled = [uv, "pip", "compile", "-q", "--offline", "--no-index", "-f", "wheels", "--no-annotate", "--no-header"]
    said = run([*compiled, "-c", "constraints.txt", "requirements.in", "-p", os.fspath(pip.python)], house)
    pins = dict(line.split("==") for line in said.splitlines() if "==" in line)
    assert pins == locked_pins(env, tag)
