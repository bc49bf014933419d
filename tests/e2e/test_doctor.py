"""The doctor's verdicts beside what the real unpackers, and the archives' own interpreters, then do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from python_env.__main__ import main
from support.broken_artifacts import CONTAINERS, LINKS, MODES, Broken, Node, conda, sound, venv, write_tree
from support.interpreters import cpython_tarball
from support.spark.install import pyspark_home
from support.unpacking import Unpacked, unpack

SPARKS = {"3.5.6": "3.3.4", "4.3.0": "3.5.0"}
"""Version of Spark to the Hadoop that its jars hold."""

MASTERS = {"yarn": "yarn", "spark": "standalone"}
UNPACKED = tuple(broken for broken in (*LINKS, *CONTAINERS, *MODES) if broken.check != "file-name")
PLATFORM = "cp311-manylinux_2_28_x86_64"
PEX, VENV_PACK = "pex==2.105.2", "venv-pack==0.2.0"


def says_it_runs(capfd: pytest.CaptureFixture[str], path: Path, *words: str) -> bool:
    """Return the doctor's verdict, which its exit code says, too."""
    code = main(["doctor", str(path), "--json", "--platform", PLATFORM, *words])
    verdicts = json.loads(capfd.readouterr().out)["files"][0]["verdicts"]
    assert (code == 0) == all(verdict["runs"] for verdict in verdicts)
    return code == 0


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the broken archives, and two sound ones, each in a folder of its own, by title."""
    base = tmp_path_factory.mktemp("archives")
    found = {}
    for broken in UNPACKED:
        place = base / broken.title
        place.mkdir()
        found[broken.title] = broken.write(place / broken.file, broken.tree)
    for name, tree in {"sound": venv(), "conda": conda()}.items():
        (base / name).mkdir()
        found[name] = write_tree(base / name / "a.tar.gz", tree)
    return found


@pytest.fixture(scope="module", params=SPARKS)
def unpacked(
    request: pytest.FixtureRequest, archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[tuple[str, str], Unpacked]]:
    """Return a version of Spark, and what its real classes made of every archive."""
    folder = tmp_path_factory.mktemp(f"unpacked_{request.param}")
    return request.param, unpack(pyspark_home(request.param) / "jars", archives.values(), folder)


@pytest.mark.parametrize("way", MASTERS)
def test_the_verdicts_are_what_the_unpackers_do(
    unpacked: tuple[str, dict[tuple[str, str], Unpacked]],
    archives: dict[str, Path],
    capfd: pytest.CaptureFixture[str],
    way: str,
) -> None:
    """FSDownload or Utils.unpack leaves an interpreter that starts exactly where the doctor says that it runs."""
    spark, found = unpacked
    words = ("--spark", spark, "--hadoop", SPARKS[spark], "--master", MASTERS[way])
    wrong = {}
    for title, path in archives.items():
        real = found[way, str(path)]
        starts = real.starts("bin/python")
        if says_it_runs(capfd, path, *words) != starts:
            wrong[title] = f"it {'starts' if starts else 'does not start'}: {real.outcome}"
    assert not wrong, wrong
    assert sum(each.starts("bin/python") for each in found.values()) > 2
