"""Our venv of difficult distributions beside the one that pip installs, file by file, minus `DIFFERENCES`."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.base.platforms import parse_platform
from python_env.env.model import Env, Wheel, render_env
from support.cache import cache_of_the_tests
from support.installers import Venv, normalised, run

PINS = Path(__file__).parents[1] / "support/difficult.txt"
TAG = "cp311-manylinux_2_28_x86_64"
SITE = "lib/python3.11/site-packages"

DIFFICULT = {
    "azure-storage-blob": ("namespace package of pkgutil's kind", "azure.storage.blob"),
    "backports-tarfile": ("namespace package of PEP 420 beside others", "backports.tarfile"),
    "black": ("compiled by mypyc, its shared module at the root", "black"),
    "coverage": (".pth file", "coverage"),
    "debugpy": ("programs and sources of others as data", "debugpy"),
    "docutils": ("many scripts, data among the modules", "docutils.core"),
    "google-cloud-core": ("namespace package of many distributions", "google.cloud.client"),
    "greenlet": ("*.data/headers", "greenlet"),
    "jmespath": ("*.data/scripts with a suffix", "jmespath"),
    "jupyterlab-widgets": ("*.data/data", "jupyterlab_widgets"),
    "logilab-common": ("namespace package by nspkg.pth, script of its own", "logilab.common.date"),
    "lxml": ("headers and native modules in packages", "lxml.etree"),
    "ninja": ("native program in *.data/scripts", "ninja"),
    "numpy": ("native libraries found by $ORIGIN, headers, odd modes", "numpy.linalg"),
    "pillow": ("native libraries found by $ORIGIN", "PIL.Image"),
    "protobuf": ("half of the namespace google", "google.protobuf.message"),
    "psycopg2-binary": ("native libraries with names of their own", "psycopg2"),
    "py4j": ("*.data/data with a jar", "py4j.java_gateway"),
    "pytest-cov": (".pth file of older versions, entry point for a plugin", "pytest_cov.plugin"),
    "ruamel-yaml": ("namespace package by nspkg.pth", "ruamel.yaml"),
    "ruff": ("one native program", "ruff"),
    "setuptools": ("distutils-precedence.pth, vendored dist-infos", "setuptools"),
    "shapely": ("native libraries found by $ORIGIN, with odd names", "shapely.geometry"),
    "sphinxcontrib-jsmath": ("namespace package by nspkg.pth", "sphinxcontrib"),
    "zope-interface": ("namespace package of pkg_resources' kind", "zope.interface"),
}
"""Distribution to what is difficult about it, and a module that needs it."""

DIFFERENCES = {
    r"bin/(python.*|pip.*|[Aa]ctivate.*|𝜋thon)|pyvenv\.cfg|python_env\.json|lib64|include": "the venv's own files",
    r".*/__pycache__(/.*)?": "compiled files, which an artifact holds only when asked for",
    r".*\.dist-info/(INSTALLER|REQUESTED)": "says who installed it; pip notes what was asked for by name",
    r"bin/.*-script\.py": "a script that must keep its first lines lies beside its launcher",
}
"""Paths that may differ (regular expression) and why; RECORD is compared by its rows, scripts by what they run."""


@dataclass(frozen=True)
class Both:
    """The two installed trees."""

    ours: Path
    theirs: Path


def wheels() -> list[Path]:
    """Return the pinned wheels, downloaded once for all runs."""
    folder = cache_of_the_tests() / "difficult"
    folder.mkdir(exist_ok=True)
    pins = [line for line in PINS.read_text().splitlines() if not line.startswith("#")]
    found = {tuple(path.name.split("-")[:2]): path for path in folder.glob("*.whl")}
    wanted = {pin: (pin.split("==")[0].replace("-", "_").replace(".", "_"), pin.split("==")[1]) for pin in pins}
    have = {(name.lower().replace(".", "_"), version): path for (name, version), path in found.items()}
    missing = [pin for pin, key in wanted.items() if key not in have]
    if missing:
        words = ["-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        subprocess.run([sys.executable, *words, "-d", folder, *missing], check=True)
        return wheels()
    return sorted(have[key] for key in wanted.values())


def row(wheel: Path) -> Wheel:
    """Return a wheel as the env document has it."""
    name, version = wheel.name.split("-")[:2]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    size = wheel.stat().st_size
    return Wheel(
        name=normalised(name), version=version, extras=(), file=wheel.name, sha256=digest, size=size, requires=()
    )


def unpacked(folder: Path, files: list[Path]) -> Path:
    """Return our venv of these wheels."""
    rows = tuple(sorted((row(file) for file in files), key=lambda wheel: wheel.name))
    env = Env(
        name="difficult",
        env_id="e" * 64,
        parent="f" * 64,
        platform=parse_platform(TAG),
        requirements=tuple(DIFFICULT),
        wheels=rows,
    )
    (folder / "env.json").write_bytes(render_env(env))
    words = [word for file in files for word in ("--wheel", str(file))]
    output = folder / "difficult.venv.tar.gz"
    places = ["--env", str(folder / "env.json"), "--output", str(output), "--report", f"{output}.json"]
    assert main(["artifacts", "venv", *places, *words]) == 0
    (folder / "ours").mkdir()
    subprocess.run(["tar", "-xzf", output, "-C", folder / "ours"], check=True)
    return folder / "ours"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Return both trees."""
    if sys.version_info[:2] != (3, 11) or os.uname().machine != "x86_64":
        pytest.skip("the pinned wheels are for CPython 3.11 on x86_64")
    folder = tmp_path_factory.mktemp("difficult")
    files = wheels()
    theirs = Venv.create(folder / "theirs")
    words = ["-m", "pip", "--python", theirs.python, "install", "-q", "--no-index", "--no-deps", "--no-compile"]
    umask = os.umask(0o022)
    try:
        run([sys.executable, *words, "--find-links", files[0].parent, "-r", PINS], folder)
    finally:
        os.umask(umask)
    return Both(ours=unpacked(folder, files), theirs=theirs.path)


def tree(root: Path) -> dict[str, tuple[int, str]]:
    """Return path to mode and digest of every file that may not differ."""
    found = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not any(re.fullmatch(one, name) for one in DIFFERENCES):
            found[name] = (path.stat().st_mode & 0o7777, hashlib.sha256(path.read_bytes()).hexdigest())
    return found


def is_script(path: Path) -> bool:
    """Return whether a file is one that an installer makes, or gives another first line."""
    return path.read_bytes()[:2] == b"#!"


def test_the_list_is_as_long_as_it_is_said_to_be() -> None:
    """And every distribution of it is pinned."""
    pinned = {normalised(line.split("==")[0]) for line in PINS.read_text().splitlines() if "==" in line}
    assert len(DIFFICULT) >= 25 and pinned >= DIFFICULT.keys()


def test_paths_and_modes_are_pips(both: Both) -> None:
    """Nothing is missing, nothing is more, and the same files may be executed."""
    ours, theirs = tree(both.ours), tree(both.theirs)
    assert len(ours) > 4000
    assert sorted(ours.keys() ^ theirs.keys()) == []
    assert {name: oct(ours[name][0]) for name in ours} == {name: oct(theirs[name][0]) for name in theirs}


def test_contents_are_pips(both: Both) -> None:
    """Every byte, but for RECORD and for scripts."""
    ours, theirs = tree(both.ours), tree(both.theirs)
    other = {name for name in ours if ours[name][1] != theirs[name][1] and not name.endswith(".dist-info/RECORD")}
    scripts = {name for name in other if name.startswith("bin/") and is_script(both.theirs / name)}
    assert other == scripts and len(scripts) > 10


def records(root: Path) -> dict[str, list[str]]:
    """Return the rows of every RECORD by distribution and path; of scripts, whose content differs, without a digest."""
    found = {}
    for path in (root / SITE).glob("*.dist-info/RECORD"):
        with path.open(newline="") as file:
            for name, digest, size in csv.reader(file):
                place = os.path.normpath(f"{SITE}/{name}")
                if not any(re.fullmatch(one, place) for one in DIFFERENCES):
                    found[f"{path.parent.name}: {place}"] = [] if place.startswith("bin/") else [digest, size]
    return found


def test_records_list_what_pip_lists(both: Both) -> None:
    """The same files with the same digests; each of ours is there and fits, scripts included."""
    assert records(both.ours) == records(both.theirs)
    for path in (both.ours / SITE).glob("*.dist-info/RECORD"):
        with path.open(newline="") as file:
            for name, digest, size in csv.reader(file):
                data = (both.ours / SITE / name).read_bytes()
                if digest:
                    assert int(size) == len(data), name


def test_entry_points_are_pips(both: Both) -> None:
    """All groups, as an interpreter of each venv reads them; console scripts are files of the same name."""
    code = "import importlib.metadata as m\nfor d in m.distributions():\n    for e in d.entry_points:\n"
    code += "        print(e.group, e.name, e.value)"
    lines = [
        sorted(run([root / "bin/python", "-I", "-c", code], root).splitlines()) for root in (both.ours, both.theirs)
    ]
    assert lines[0] == lines[1]
    names = [line.split()[1] for line in lines[0] if line.startswith("console_scripts ")]
    assert len(names) > 10
    for name in names:
        assert (both.ours / "bin" / name).exists() and os.access(both.ours / "bin" / name, os.X_OK)


@pytest.mark.parametrize(
    "words",
    [
        ["black", "--version"],
        ["coverage", "--version"],
        ["docutils", "--version"],
        ["jp.py", "--help"],
        ["ninja", "--version"],
        ["py.test", "--version"],
        ["ruff", "--version"],
    ],
)
def test_scripts_say_the_same(both: Both, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pip writes a path of this machine, ours finds its own: the same CPython, which is the first on PATH."""
    monkeypatch.setenv("PATH", f"{sys.base_prefix}/bin", prepend=os.pathsep)
    ours, theirs = (run([root / "bin" / words[0], *words[1:]], root) for root in (both.ours, both.theirs))
    assert ours.replace(str(both.ours), "") == theirs.replace(str(both.theirs), "") != ""


def test_every_one_of_them_can_be_imported(both: Both) -> None:
    """Namespace packages of three kinds, native libraries, compiled modules: from our tree only."""
    code = "".join(f"import {module}\n" for _, module in DIFFICULT.values())
    run([both.ours / "bin/python", "-I", "-W", "ignore", "-c", code], both.ours)


def test_namespace_packages_are_pips(both: Both) -> None:
    """Their search paths and their kinds."""
    names = ("azure", "backports", "google", "google.cloud", "logilab", "ruamel", "sphinxcontrib", "zope")
    code = "import importlib, sys\nfor n in sys.argv[1:]:\n    m = importlib.import_module(n)\n"
    code += "    print(n, type(m.__loader__).__name__, *m.__path__)"
    words = ["bin/python", "-I", "-W", "ignore", "-c", code, *names]
    ours, theirs = (run([root / words[0], *words[1:]], root) for root in (both.ours, both.theirs))
    assert ours.replace(str(both.ours), "") == theirs.replace(str(both.theirs), "")


def test_pip_check_passes(both: Both) -> None:
    """Every requirement of every distribution is there."""
    words = ["-m", "pip", "--python", both.ours / "bin/python", "check"]
    assert "No broken requirements found." in run([sys.executable, *words], both.ours)


def test_compileall_passes(both: Both) -> None:
    """Every source of every distribution compiles, as it does in pip's venv."""
    run([both.ours / "bin/python", "-I", "-m", "compileall", "-q", "-j", "2", both.ours / SITE], both.ours)
