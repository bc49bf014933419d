"""Same bytes under every variation, by the tools alone and by whole builds; and a lock that shows no host.

`-s` prints the tables of digests that docs/determinism.md has. CPython 3.14 is Maven's (tests/support/interpreters.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.bazel import CONFIGURATIONS, ROOT, Workspace
from support.determinism.builds import (
    HELLO,
    HELLO_TARGETS,
    TRAINING,
    TRAINING_TARGETS,
    Checkout,
    hello_wheels,
    other_checkout,
)
from support.determinism.matrix import Matrix
from support.determinism.tools import tools_matrix
from support.generated_locks import SIX_TAGS
from support.interpreters import cpythons

SURROUNDINGS = (
    {"TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "", "USER": "one", "LOGNAME": "one"},
    {"TZ": "Asia/Kolkata", "LANG": "C", "LC_ALL": "POSIX", "USER": "zw\u00f6lf", "LOGNAME": "zw\u00f6lf"},
)
ELSEWHERE = {"TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C"}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Checkout]:
    """Give another user's checkout, and stop its server."""
    checkout = other_checkout("where else")
    yield checkout
    checkout.bazel("shutdown")


@pytest.fixture(scope="module")
def elsewhere4() -> Iterator[Checkout]:
    """Give one for Bazel 4.2.3, which refuses paths with spaces."""
    other = other_checkout("where_else")
    checkout = replace(other, environment={**other.environment, **CONFIGURATIONS["4.2.3 WORKSPACE"]})
    yield checkout
    checkout.bazel("shutdown")


def check(matrix: Matrix, rows: int) -> None:
    """Print the table and fail with the first difference of each cell that is another one."""
    print(f"\n{matrix.markdown()}")
    assert matrix.differences == []
    assert len(matrix.rows) >= rows, matrix.skipped


def test_the_tools_write_the_same_bytes() -> None:
    """Interpreters, users, umasks, locales, clocks, orders, processors, and the state of the input files."""
    matrix = tools_matrix()
    check(matrix, 25)
    assert {f"CPython 3.{minor}" for minor in (12, 13, 14)} <= matrix.rows.keys()
    needed = os.environ.get("CI") == "true" and os.geteuid() == 0
    assert not needed or not matrix.skipped, "a CI tries them all"


def test_whole_builds_have_the_same_bytes(kept: Path, elsewhere: Checkout, elsewhere4: Checkout) -> None:
    """Engines, two users with a checkout and output base each, umask, time zone, jobs, order of fetching."""
    matrix = Matrix(HELLO)
    mine = Checkout()
    first = kept / "0"
    for number, (name, told) in enumerate(CONFIGURATIONS.items()):
        mine.bazel("build", *HELLO_TARGETS, **told)
        matrix.add(name, mine.keep(HELLO, kept / str(number)), first)
    elsewhere.bazel("build", "--jobs=8", *reversed(HELLO_TARGETS), umask=0o077, **ELSEWHERE)
    name = "another user, checkout and output base, umask 077, Pacific/Kiritimati, 8 jobs"
    matrix.add(name, elsewhere.keep(HELLO, kept / "other"), first)
    elsewhere4.bazel("clean", "--expunge")
    for repository in reversed(hello_wheels().values()):  # WORKSPACE names repositories as they are
        elsewhere4.bazel("fetch", f"{repository}//:all", **ELSEWHERE)
    elsewhere4.bazel("build", "--jobs=1", *HELLO_TARGETS, umask=0o077, **ELSEWHERE)
    matrix.add("the same on 4.2.3, 1 job, wheels fetched in reverse order", elsewhere4.keep(HELLO, kept / "4"), first)
    check(matrix, len(CONFIGURATIONS) + 2)


def test_two_users_build_a_large_environment(kept: Path, elsewhere: Checkout) -> None:
    """The same bytes of examples/training, and of the other engine."""
    matrix = Matrix(TRAINING)
    mine = Checkout()
    mine.bazel("build", *TRAINING_TARGETS)
    first = mine.keep(TRAINING, kept / "mine")
    matrix.add("7.7.1 bzlmod", first, first)
    mine.bazel("build", *TRAINING_TARGETS, **CONFIGURATIONS["4.2.3 WORKSPACE"])
    matrix.add("4.2.3 WORKSPACE", mine.keep(TRAINING, kept / "mine4"), first)
    elsewhere.bazel("build", "--jobs=8", *TRAINING_TARGETS, umask=0o077, **ELSEWHERE)
    matrix.add("another user, umask 077, 8 jobs", elsewhere.keep(TRAINING, kept / "theirs"), first)
    check(matrix, 3)


def test_the_lock_does_not_show_who_wrote_it(tmp_path: Path) -> None:
    """Six tags from nothing, under CPython 3.11 and 3.13, with other time zone, locale, user name, path and cache."""
    Workspace(ROOT).bazel("build", "//tools:uv", "//tools:tools.lock_test", "//examples/training:training.update")
    runfiles = ROOT / "bazel-bin/examples/training/training.update.runfiles"
    wheels = sorted(runfiles.glob("*whl_*/*.whl"))
    assert len(wheels) >= 5
    results = set()
    pythons = [cpythons()[version] for version in ("3.11", "3.13")]
    for python, surroundings, name in zip(pythons, SURROUNDINGS, ("a", "b c/d\u00e9"), strict=True):
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
