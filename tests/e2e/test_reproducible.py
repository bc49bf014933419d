"""Same bytes: two users, two checkouts, two output bases, other surroundings; and a lock that shows no host."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from support.bazel import ROOT, Workspace
from support.cache import cache_of_the_tests

TARGETS = [f"//examples/{env}:{env}_{kind}" for env in ("hello", "training") for kind in ("pex", "venv", "launcher")]
FILES = [
    f"examples/{env}/{env}{suffix}"
    for env in ("hello", "training")
    for suffix in (".env.json", ".pex", ".pex.json", ".venv.tar.gz", ".venv.tar.gz.json", ".launcher.json")
]
USER = "rules-python-env-test"
SIX_TAGS = (
    "cp311-manylinux_2_28_x86_64",
    "cp311-manylinux_2_28_aarch64",
    "cp311-win_amd64",
    "cp312-manylinux_2_28_x86_64",
    "cp313-manylinux_2_28_x86_64",
    "cp313-manylinux_2_28_aarch64",
)
SURROUNDINGS = (
    {"TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "", "USER": "one", "LOGNAME": "one"},
    {"TZ": "Asia/Kolkata", "LANG": "C", "LC_ALL": "POSIX", "USER": "zw\u00f6lf", "LOGNAME": "zw\u00f6lf"},
)


@pytest.fixture(scope="module")
def other_checkout() -> Iterator[tuple[Path, list[str]]]:
    """Give another checkout and the words that run a command there as another user (or with another HOME)."""
    if os.geteuid() == 0 and shutil.which("useradd"):
        subprocess.run(["useradd", "-m", USER], check=False, capture_output=True)
        home = Path("~" + USER).expanduser()
        prefix = ["runuser", "-u", USER, "--"]
    else:
        home = cache_of_the_tests() / "other_home"
        home.mkdir(exist_ok=True)
        prefix = []
    place = home / "some" / "where else"
    shutil.rmtree(place.parent, ignore_errors=True)
    ignored = shutil.ignore_patterns("bazel-*", ".git", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, place, ignore=ignored, symlinks=True)
    if prefix:
        subprocess.run(["chown", "-R", USER, home], check=True)
    yield place, [*prefix, "env", f"HOME={home}", f"XDG_CACHE_HOME={home}/.cache", f"USER={USER}"]
    command = [*prefix, "env", f"HOME={home}", f"XDG_CACHE_HOME={home}/.cache", place / "bazelw", "shutdown"]
    subprocess.run(command, cwd=place, check=False)


def test_two_users_build_the_same_bytes(other_checkout: tuple[Path, list[str]]) -> None:
    """Another user, path, output base, umask, time zone and locale: every artifact has the same sha256."""
    mine = Workspace(ROOT)
    mine.bazel("build", *TARGETS)
    place, prefix = other_checkout
    surroundings = "umask 077; export TZ=Asia/Kolkata LANG=C LC_ALL=C; exec ./bazelw build "
    done = subprocess.run(
        [*prefix, "bash", "-c", surroundings + " ".join(TARGETS)],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    assert Workspace(place).digests(*FILES) == mine.digests(*FILES)


def test_the_lock_does_not_show_who_wrote_it(tmp_path: Path) -> None:
    """Six tags from nothing, under CPython 3.11 and 3.13, with other time zone, locale, user name, path and cache."""
    Workspace(ROOT).bazel("build", "//tools:uv", "//tools:tools.lock_test", "//examples/training:training.update")
    runfiles = ROOT / "bazel-bin/examples/training/training.update.runfiles"
    wheels = sorted(runfiles.glob("*whl_*/*.whl"))
    assert len(wheels) >= 5
    results = set()
    for python, surroundings, name in zip(
        interpreters(places_of_interpreters()), SURROUNDINGS, ("a", "b c/d\u00e9"), strict=True
    ):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        shutil.copy(ROOT / "examples/training/requirements.in", folder)
        words = [python, "-I", "-S", str(ROOT / "tools/run.py")]
        for wheel in wheels:
            words += ["--path", str(wheel)]
        words += ["lock", "update", "--lock", "a.lock.json", "--name", "a", "--update-command", "x"]
        words += ["--requirements", f"examples/training/requirements.in={folder}/requirements.in"]
        for tag in SIX_TAGS:
            words += ["--locked-platform", tag]
        words += ["--uv", str(ROOT / "bazel-bin/tools/uv")]
        environment = {**os.environ, **surroundings, "XDG_CACHE_HOME": str(folder / "cache")}
        subprocess.run(words, cwd=folder, check=True, env=environment)
        results.add((folder / "a.lock.json").read_bytes())
    assert len(results) == 1
    assert b"://" not in results.pop()


def places_of_interpreters() -> list[Path]:
    """Return where this machine may have some."""
    return [Path("/usr/bin"), Path("/usr/local/bin"), *sorted(Path("~/.pyenv/versions").expanduser().glob("*/bin"))]


def interpreters(places: Sequence[Path]) -> list[str]:
    """Return CPython 3.11 and 3.13; where one is missing, another >= 3.11. Fails in a CI (CI=true) without two."""
    by_name = {
        name: str(place / name)
        for name in ("python3.11", "python3.12", "python3.14", "python3.13")
        for place in places
        if (place / name).exists()
    }
    found = [path for path in by_name.values() if subprocess.run([path, "-c", ""], check=False).returncode == 0]
    if len(found) < 2:
        what = (
            f"fewer than two minor versions of CPython >= 3.11 are here ({', '.join(found) or 'none'}): none to compare"
        )
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)
    return [found[0], found[-1]]


@pytest.mark.parametrize(("told", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_ci_must_have_two_interpreters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, outcome: type[BaseException]
) -> None:
    """Elsewhere the comparison is skipped; the message says what is here."""
    monkeypatch.setenv("CI", told)
    (tmp_path / "python3.12").symlink_to(sys.executable)
    with pytest.raises(outcome, match=r"fewer than two minor versions of CPython >= 3.11 are here \(.*python3.12\)"):
        interpreters([tmp_path])
