"""A wheelhouse of several platforms: checked, unpacked, installed without an index."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.tags import sys_tags

from support.bazel import NEWER, ROOT, Workspace
from support.cache import cache_of_the_tests
from support.engines import several_engines
from support.installers import Venv, normalised, run
from support.same_bytes import SameBytes

HELLO = "examples/hello/hello.wheelhouse.zip"
TRAINING = "examples/training/training.wheelhouse.zip"
SANDBOX = ("--spawn_strategy=linux-sandbox", "--sandbox_default_allow_network=false")
BUILT = SameBytes()


@pytest.mark.parametrize("name", NEWER)
def test_all_platforms_are_built_here(name: str) -> None:
    """Six platforms of examples/hello, in sandboxes without a network."""
    workspace = Workspace(ROOT, NEWER[name])
    workspace.bazel("build", *SANDBOX, "//examples/hello:hello_wheelhouse")
    BUILT.add(name, {path: workspace.output(path) for path in (HELLO, f"{HELLO}.json")})
    report = json.loads(workspace.output(f"{HELLO}.json").read_text())
    lock = json.loads((ROOT / "examples/hello/hello.lock.json").read_text())
    assert sorted(report["platforms"]) == sorted(lock["inputs"]["platforms"])


@several_engines
def test_all_engines_build_the_same_bytes() -> None:
    """The digests of the runs above are equal."""
    BUILT.check(NEWER)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Give a folder that is emptied: half a gigabyte does not stay behind."""
    folder = cache_of_the_tests() / "wheelhouse"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def hello(place: Path) -> Path:
    """Return a copy of the small archive, with six platforms, away from its report."""
    Workspace(ROOT).bazel("build", "//examples/hello:hello_wheelhouse", "//tools:uv")
    return Path(shutil.copy(ROOT / "bazel-bin" / HELLO, place))


@pytest.fixture(scope="module")
def unpacked(hello: Path, place: Path) -> Path:
    """Return it unpacked by its own program."""
    run([sys.executable, hello, "extract", place / "unpacked"], place)
    return place / "unpacked"


def here(house: Path | zipfile.Path) -> tuple[str, dict[str, str]]:
    """Return the tag of a wheelhouse that this Python is, and the platform's versions by name."""
    platforms = json.loads((house / "manifest.json").read_text())["platforms"]
    taken = {str(tag) for tag in sys_tags()}
    tag = next((tag for tag, row in platforms.items() if row["wheel_tag"] in taken), "")
    if not tag:
        pytest.skip("this Python is none of the platforms")
    return tag, {package["name"]: package["version"] for package in platforms[tag]["packages"]}


def verified(path: Path, *words: str | Path) -> tuple[int, list[str]]:
    """Return the exit code of `verify`, and the words before the colon in each of its lines."""
    done = subprocess.run([sys.executable, path, "verify", *words], capture_output=True, text=True, check=False)
    return done.returncode, [" ".join(line.split(":")[0].split()) for line in done.stdout.splitlines()]


def test_a_whole_one_is_fine(hello: Path, unpacked: Path) -> None:
    """Zip and folder, each also by the other's manifest."""
    results = [verified(hello), verified(unpacked), verified(hello, unpacked), verified(unpacked, hello)]
    assert results == [(0, ["ok"])] * 4


def test_flipped_removed_and_added_are_found_in_a_folder(unpacked: Path, place: Path) -> None:
    """All three at once, by their names."""
    house = place / "damaged"
    shutil.copytree(unpacked, house, copy_function=os.link)
    one, other = sorted(path.name for path in (house / "wheels").iterdir())[:2]
    data = bytearray((house / "wheels" / one).read_bytes())
    data[len(data) // 2] ^= 1
    (house / "wheels" / one).unlink()
    (house / "wheels" / one).write_bytes(data)
    (house / "wheels" / other).unlink()
    (house / "simple/added").write_text("")
    expected = (1, ["extra simple/added", f"changed wheels/{one}", f"missing wheels/{other}"])
    assert verified(house) == expected
    assert verified(house.parent / "hello.wheelhouse.zip", house) == expected


def test_a_flipped_byte_is_found_in_the_zip(hello: Path) -> None:
    """In the middle of the archive: the wheel that it belongs to."""
    copy = hello.parent / "flipped.zip"
    data = bytearray(hello.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    code, lines = verified(copy)
    assert code == 1 and len(lines) == 1 and lines[0].startswith("changed wheels/")


def test_three_platforms_of_the_main_example(place: Path) -> None:
    """136 wheels for each: whole, and a new venv has what is locked for this Python and nothing else."""
    workspace = Workspace(ROOT)
    workspace.bazel("build", "//examples/training:training_wheelhouse")
    archive, venv = workspace.output(TRAINING), Venv(place / "venv")
    assert verified(archive) == (0, ["ok"])
    tag, pins = here(zipfile.Path(archive))
    said = run([sys.executable, archive, "install", venv.path], place)
    assert f"{tag}: {len(pins)} distributions" in said
    assert venv.installed() == pins
    assert run([venv.python, "-c", "import pandas, sklearn; print('runs')"], place) == "runs\n"


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_it_installs_into_a_venv_that_is_there(hello: Path, unpacked: Path, place: Path, kind: str) -> None:
    """Without pip in it, as uv makes them; what the other Python has beside its pip counts for nothing."""
    _, pins = here(unpacked)
    venv = Venv.create(place / f"venv_{kind}")
    run([sys.executable, hello if kind == "zip" else unpacked, "install", venv.path], place)
    assert venv.installed() == pins


def test_a_named_platform_is_pips_to_judge(hello: Path, place: Path) -> None:
    """One for Windows is refused by pip itself, and no venv is left behind."""
    words = [sys.executable, hello, "install", place / "foreign", "--platform", "cp311-win_amd64"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "No matching distribution" in done.stderr, done.stderr
    assert not (place / "foreign").exists()


def uv(*words: str | Path) -> list[str | Path]:
    """Return a command of the locked uv that knows no index."""
    return [ROOT / "bazel-bin/tools/uv", "pip", "install", "-q", "--offline", *words]


WAYS = {
    "find-links": ["--no-index", "--find-links", "wheels", "{asked}"],
    "simple": ["--index-url", "{simple}", "{asked}"],
    "hashes": ["--no-index", "--find-links", "wheels", "--require-hashes", "--no-deps", "-r", "requirements.{tag}.txt"],
    "pylock": ["--no-index", "-r", "pylock.{tag}.toml"],
}
"""What a person gives pip or uv who has nothing but the unpacked folder."""


def words_of(way: str, house: Path) -> list[str]:
    """Return the words, filled in."""
    tag, _ = here(house)
    asked = json.loads((house / "manifest.json").read_text())["platforms"][tag]["requirements"]
    filled = (word.format(tag=tag, simple=(house / "simple").as_uri(), asked="{asked}") for word in WAYS[way])
    return [each for word in filled for each in (asked if word == "{asked}" else [word])]


@pytest.mark.parametrize("way", WAYS)
def test_uv_installs_from_the_folder(unpacked: Path, place: Path, way: str) -> None:
    """Exactly what is locked."""
    venv = Venv.create(place / f"uv_{way}")
    run(uv("--python", venv.python, *words_of(way, unpacked)), unpacked)
    assert venv.installed() == here(unpacked)[1]


@pytest.mark.parametrize("way", [way for way in WAYS if way != "pylock"])
def test_pip_installs_from_the_folder(unpacked: Path, place: Path, way: str) -> None:
    """Exactly what is locked, by any pip; test_exports has the pylock file, for which pip must be 26.1."""
    target = place / f"pip_{way}"
    run([sys.executable, "-m", "pip", "install", "-q", "--target", target, *words_of(way, unpacked)], unpacked)
    infos = [path.name.removesuffix(".dist-info").split("-") for path in target.glob("*.dist-info")]
    assert {normalised(name): version for name, version in infos} == here(unpacked)[1]


def test_a_changed_wheel_is_not_installed(hello: Path, place: Path) -> None:
    """The digest is compared before pip sees it; no venv is left behind."""
    copy = place / "bad.zip"
    data = bytearray(hello.read_bytes())
    with zipfile.ZipFile(hello) as archive:
        member = next(info for info in archive.infolist() if info.filename.startswith("wheels/click-8"))
    data[member.header_offset + 2000] ^= 1
    copy.write_bytes(data)
    words = [sys.executable, copy, "install", place / "none"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "wheels/click-8" in done.stderr, done.stderr
    assert not (place / "none").exists()


OLDER = sorted(Path("~/.pyenv/versions").expanduser().glob("3.[89].*/bin/python"))


@pytest.mark.parametrize("python", OLDER, ids=[path.parts[-3] for path in OLDER])
def test_older_interpreters_verify_and_are_told_what_there_is(hello: Path, place: Path, python: Path) -> None:
    """CPython 3.8 and 3.9, where this machine has one: no platform fits them, and all are named."""
    assert subprocess.run([python, hello, "verify"], stdout=subprocess.DEVNULL, check=False).returncode == 0
    done = subprocess.run([python, hello, "install", place / "old"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "cp313-musllinux_1_2_x86_64" in done.stderr, done.stderr
    assert not (place / "old").exists()
