"""Every layout of a PEX as Bazel builds it: opened, run anywhere, taken by pex's own tools and by cluster-pack."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from python_env.artifacts.model import parse_report
from python_env.base.archive.zip_write import ZipWriter
from python_env.launcher.manifest.model import ALIAS
from python_env.launcher.rules import container_python
from support.bazel import NEWER, ROOT, Workspace
from support.engines import several_engines
from support.filling import filled
from support.interpreters import unpacked_cpython
from support.same_bytes import SameBytes

PEX_VERSION = "2.105.2"
FILES = {
    "zipapp": "zipapp.pex",
    "packed": "packed.pex.zip",
    "installed": "installed.pex",
    "packed_installed": "packed_installed.pex.zip",
    "optioned": "optioned.pex.zip",
}
LAYOUTS = tuple(name for name in FILES if name != "optioned")
TARGETS = tuple(f"//tests/pex:{name}" for name in FILES)
IMPORT = "import click, numpy, requests, sys; print(numpy.arange(3).sum(), sys.prefix)"
BUILT = SameBytes()
GIB = 1 << 30


def run(words: Sequence[str | Path], folder: str | Path = "/", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with no variable but PATH and those given: HOME is unset."""
    place = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", **environment}
    return subprocess.run(words, cwd=folder, env=place, capture_output=True, text=True, check=False)


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack as a NodeManager does: everything is read-only, executable bits are kept."""
    with zipfile.ZipFile(archive) as opened:
        places = [(Path(opened.extract(entry, folder)), entry.external_attr >> 16) for entry in opened.infolist()]
    for place, mode in places:
        place.chmod(0o500 if mode & stat.S_IXUSR else 0o400)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of every PEX, as it is built."""
    folder = tmp_path_factory.mktemp("built")
    for name, told in NEWER.items():
        workspace = Workspace(ROOT, told)
        workspace.bazel("build", *TARGETS)
        paths = [f"tests/pex/{file}{end}" for file in FILES.values() for end in ("", ".json")]
        BUILT.add(name, {path: workspace.output(path) for path in paths})
        for path in paths:
            shutil.copy(workspace.output(path), folder)
            (folder / Path(path).name).chmod(0o755 if path.endswith(".pex") else 0o644)
    return folder


@pytest.fixture(scope="module")
def opened(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return by name what pex calls a PEX: a file, or the folder that an archive becomes."""
    folder = tmp_path_factory.mktemp("opened")
    packed = {name: file for name, file in FILES.items() if file.endswith(".zip")}
    places = {name: unpack(built / file, folder / name) for name, file in packed.items()}
    return {name: places.get(name, built / file) for name, file in FILES.items()}


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the programs of a venv with pex and cluster-pack, whose YARN client is a stand-in."""
    venv = tmp_path_factory.mktemp("peers")
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin/pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    readers = (
        "cluster-pack",
        "fsspec",
        "wheel-filename",
        "packaging",
        "setuptools",
        "fire",
        "termcolor",
        "cloudpickle",
    )
    subprocess.run([*pip, f"pex=={PEX_VERSION}", *readers], check=True)
    site = next((venv / "lib").glob("python3*/site-packages"))
    (site / "skein.py").write_text(
        "from unittest.mock import MagicMock\ndef __getattr__(name):\n    return MagicMock()\n"
    )
    yield venv / "bin"
    shutil.rmtree(venv)


@pytest.fixture
def public() -> Iterator[Path]:
    """Give a folder that every user may read; pytest's own are for one user only."""
    folder = Path(tempfile.mkdtemp(prefix="test_pex_"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def program(pex: Path) -> Path:
    """Return what starts a PEX."""
    return pex / "__main__.py" if pex.is_dir() else pex


@several_engines
def test_all_engines_build_the_same_bytes(built: Path) -> None:
    """Each layout and its report, on every configuration."""
    BUILT.check(NEWER)


@pytest.mark.parametrize("name", LAYOUTS)
def test_it_runs_with_and_without_pex_root(opened: dict[str, Path], tmp_path: Path, name: str) -> None:
    """HOME is unset; the second start finds what the first one unpacked."""
    for _ in range(2):
        done = run([program(opened[name]), "-c", IMPORT], PEX_ROOT=str(tmp_path / "root"))
        assert (done.returncode, done.stdout.split()[:1]) == (0, ["3"]), done.stderr
        assert done.stdout.split()[1].startswith(str(tmp_path / "root"))
    done = run([program(opened[name]), "-c", IMPORT])
    assert (done.returncode, done.stdout.split()[:1]) == (0, ["3"]), done.stderr


@pytest.mark.parametrize("name", LAYOUTS)
def test_it_runs_at_another_place_as_another_user(built: Path, public: Path, name: str) -> None:
    """From a folder that nobody may write, named relative to the container's folder, as Spark names it."""
    container = public / "other place"
    container.mkdir()
    file = FILES[name]
    start = unpack(built / file, container / "pyenv") / "__main__.py" if file.endswith(".zip") else container / file
    if not start.exists():
        shutil.copy(built / file, start)
    start = start.relative_to(container)
    words: list[str | Path] = [f"./{start}", "-m", "numpy.f2py", "-v"]
    done = run(words, container, PEX_ROOT=str(public / "root"))
    assert done.returncode == 0 and done.stdout.strip()[0].isdigit(), done.stderr
    nobody = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    for place in (container, *container.rglob("*")):
        place.chmod(0o755)
    writable = public / "writable"
    writable.mkdir()
    writable.chmod(0o777)
    done = run([*nobody, f"./{start}", "-c", IMPORT], container, PEX_ROOT=str(writable / "root"))
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def other_python() -> Iterator[Path]:
    """Give the folder of a CPython 3.11 that is at no usual place and that every user may run."""
    folder = Path(tempfile.mkdtemp(prefix="other_python_"))
    folder.chmod(0o755)
    program = unpacked_cpython("3.11.3")
    shutil.copytree(program.parents[1], folder / "cpython", symlinks=True)
    yield folder / "cpython/bin"
    shutil.rmtree(folder)


@pytest.mark.parametrize(("name", "root"), [("zipapp", "root"), *((name, "") for name in LAYOUTS)])
def test_it_runs_on_another_cpython_as_another_user_from_a_read_only_folder(
    built: Path, public: Path, other_python: Path, name: str, root: str
) -> None:
    """HOME is unset, PEX_ROOT set or not; twice, then pex's tools, as a user who may write nowhere near."""
    file = FILES[name]
    container = public / "container"
    place = container / "pyenv" if file.endswith(".zip") else container / file
    container.mkdir()
    if place.suffix:
        shutil.copy(built / file, place)
    else:
        unpack(built / file, place)
    for path in (container, *container.rglob("*")):
        path.chmod(0o555)
    # runuser sets HOME
    nobody = ["runuser", "-u", "nobody", "--", "env", "-u", "HOME"] if os.geteuid() == 0 else []
    (public / "root").mkdir()
    (public / "root").chmod(0o777)
    variables = {"PEX_ROOT": str(public / root)} if root else {}
    variables["PATH"] = f"{other_python}:/usr/bin:/bin:/usr/sbin:/sbin"
    code = "import click, numpy, os, requests, sys; print(sys.version_info[:3], os.getuid(), 'HOME' in os.environ)"
    user = pwd.getpwnam("nobody").pw_uid if nobody else os.getuid()
    for _ in range(2):
        done = run([*nobody, program(place), "-c", code], container, **variables)
        assert (done.returncode, done.stdout) == (0, f"(3, 11, 3) {user} False\n"), done.stderr
    assert bool(root) == any((public / "root").iterdir())
    done = run([*nobody, program(place), "info"], container, PEX_TOOLS="1", **variables)
    assert done.returncode == 0 and json.loads(done.stdout)["code_hash"], done.stderr


@pytest.mark.parametrize("name", LAYOUTS)
def test_pex_tools_take_it(opened: dict[str, Path], peers: Path, tmp_path: Path, name: str) -> None:
    """info, graph, repository extract and venv: what comes out is what is locked, and it runs."""
    pex = opened[name]
    tools = [peers / "pex-tools", pex]
    home = {"PEX_ROOT": str(tmp_path / "root")}
    info = run([*tools, "info"], **home)
    assert info.returncode == 0, info.stderr
    found = json.loads(info.stdout)
    assert found["build_properties"] == {"pex_version": PEX_VERSION}
    assert found["requirements"] and all(found[key] for key in ("code_hash", "pex_hash", "bootstrap_hash"))
    graph = run([*tools, "graph"], **home)
    assert graph.returncode == 0 and "urllib3" in graph.stdout, graph.stderr
    extracted = run([*tools, "repository", "extract", "--dest-dir", tmp_path / "wheels"], **home)
    assert extracted.returncode == 0, extracted.stderr
    assert sorted(path.name for path in (tmp_path / "wheels").glob("*.whl")) == sorted(found["distributions"])
    made = run([*tools, "venv", tmp_path / "venv"], **home)
    assert made.returncode == 0, made.stderr
    assert run([tmp_path / "venv/bin/python", "-c", IMPORT]).stdout.startswith("3 ")
    assert run([tmp_path / "venv/bin/f2py", "-v"]).returncode == 0


@pytest.mark.parametrize("name", LAYOUTS)
def test_pex3_makes_a_venv_of_it(opened: dict[str, Path], peers: Path, tmp_path: Path, name: str) -> None:
    """`pex3 venv create --pex-repository`, without an index."""
    words = [peers / "pex3", "venv", "create", "--pex-repository", opened[name], "-d", tmp_path / "venv", "requests"]
    done = run(words, PEX_ROOT=str(tmp_path / "root"))
    assert done.returncode == 0, done.stderr
    assert run([tmp_path / "venv/bin/python", "-c", "import requests, urllib3"]).returncode == 0
    assert run([tmp_path / "venv/bin/python", "-c", "import numpy"]).returncode != 0


def test_cluster_pack_reads_both_layouts(built: Path, peers: Path, tmp_path: Path) -> None:
    """It reads PEX-INFO of what it uploaded, skips what is there already, and starts what our launcher starts."""
    code = """
import sys, cluster_pack, logging
logging.basicConfig(level=logging.INFO)
for source, target in (sys.argv[1:3], sys.argv[3:5]):
    for _ in range(2):
        cluster_pack.upload_zip(source, target)
    print(cluster_pack.get_pyenv_usage_from_archive(target).interpreter_cmd)
"""
    pairs = [(built / "zipapp.pex", tmp_path / "e.pex"), (built / "packed.pex.zip", tmp_path / "large.pex.zip")]
    # it asks for the suffix .pex of a target; for the unpacked form it adds .zip itself
    pairs[1] = (pairs[1][0], tmp_path / "large.pex")
    done = run([peers / "python", "-c", code, *(word for pair in pairs for word in pair)], HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("as it is already uploaded") == 2, done.stderr


USAGE = """
import json, sys
from cluster_pack import get_pyenv_usage_from_archive as usage
for name in sys.argv[1:]:
    try:
        print(json.dumps(usage(name)[1:]))
    except ValueError as error:
        print(json.dumps(str(error)))
"""


def test_cluster_pack_starts_both_layouts_as_our_launcher_does(built: Path, peers: Path, tmp_path: Path) -> None:
    """By the name alone: how it is started, where it lies, whether it is unpacked; of a venv it knows nothing."""
    names = [FILES["zipapp"], FILES["packed"], "x.venv.tar.gz", "x.venv.zip", "x.wheelhouse.zip"]
    done = run([peers / "python", "-c", USAGE, *names], HOME=str(tmp_path))
    zipapp, packed, *others = (json.loads(line) for line in done.stdout.splitlines())
    for name, said in (("zipapp", zipapp), ("packed", packed)):
        report = parse_report((built / f"{FILES[name]}.json").read_bytes(), where=name)
        ours = filled(container_python(report), uri=f"hdfs:///envs/{FILES[name]}")
        assert os.path.normpath(said[0]) == os.path.normpath(ours)
        assert said[1:] == ([FILES[name], False] if name == "zipapp" else [ALIAS, True])
    assert len(others) == 3 and all(text.endswith("unsupported. Must be .pex/pex.zip") for text in others), others


def test_our_compat_functions_do_what_cluster_packs_do(peers: Path, tmp_path: Path) -> None:
    """The real ones, on every archive, master, deploy mode and on properties that were there before."""
    script = ROOT / "tests/support/spark/compare_with_cluster_pack.py"
    done = run([peers / "python", script], HOME=str(tmp_path), PYTHONPATH=str(ROOT / "tools"))
    assert done.stdout == "988 compared, 0 different\n", done.stdout + done.stderr


def test_installed_trees_are_those_of_pex(built: Path, opened: dict[str, Path], peers: Path, tmp_path: Path) -> None:
    """Every wheel's folder has pex's files; it makes scripts of entry points anew."""
    wheels = tmp_path / "wheels"
    with zipfile.ZipFile(built / "zipapp.pex") as archive:
        for name in (entry for entry in archive.namelist() if entry.endswith(".whl")):
            (wheels / Path(name).name).parent.mkdir(exist_ok=True)
            (wheels / Path(name).name).write_bytes(archive.read(name))
    words: list[str | Path] = [peers / "pex", "--no-index", "-f", wheels, "numpy", "click", "requests"]
    words += ["--layout", "loose", "-o", tmp_path / "theirs", "--python", "/usr/bin/python3.11"]
    done = run(words, PEX_ROOT=str(tmp_path / "root"))
    assert done.returncode == 0, done.stderr
    deps = tmp_path / "theirs/.deps"
    theirs = {str(path.relative_to(deps)): path for path in deps.rglob("*") if path.is_file()}
    with zipfile.ZipFile(opened["installed"]) as archive:
        members = {name.removeprefix(".deps/"): name for name in archive.namelist() if name.startswith(".deps/")}
        missing = {name for name in theirs if name not in members and "/.prefix/bin/" not in name}
        assert not missing and set(members) <= set(theirs)
        ours = ("/RECORD", "/.layout.json", "/original-whl-info.json")
        for name, member in members.items():
            if not name.endswith(ours):
                assert archive.read(member) == theirs[name].read_bytes(), name


def test_each_option_is_obeyed(opened: dict[str, Path], tmp_path: Path) -> None:
    """Entry point, arguments, variables, PEX_ROOT, constraints and /bin/sh, twice: the second start is another way."""
    for words in (["one"], ["two"]):
        done = run([program(opened["optioned"]), *words], tmp_path, HOME=str(tmp_path), PEX_X="kept")
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert said["arguments"] == [f"--home={tmp_path}", *words]
        assert said["variables"] == {"GREETING": 'gr\u00fc\u00df\n"Gott"', "PEX_X": "kept"}
        assert said["prefix"].startswith(str(tmp_path / "unpacked"))
    assert program(opened["optioned"]).read_text().startswith("#!/bin/sh\n")
    done = run(
        [program(opened["optioned"]), "-c", "import job; print('interpreter')"],
        tmp_path,
        HOME=str(tmp_path),
        PEX_INTERPRETER="1",
    )
    assert done.stdout == "interpreter\n", done.stderr


def test_bazel_runs_a_packed_pex() -> None:
    """`bazel run` unpacks it, as a cluster does."""
    done = Workspace(ROOT).bazel("run", "//tests/pex:packed", "--", "-c", "import numpy; print('numpy is', 'there')")
    assert "numpy is there" in done.stdout


class Sparse:
    """A file in which a number stands for so many bytes that are not written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._written = 0

    def tell(self) -> int:
        """Return the position."""
        return self._written

    def write(self, *pieces: bytes) -> None:
        """Write pieces; one of zeros becomes a hole."""
        for piece in pieces:
            if len(piece) >= HOLE and not any(piece[:64]):
                self._file.seek(len(piece), os.SEEK_CUR)
            else:
                self._file.write(piece)
            self._written += len(piece)

    def finish(self) -> str:
        """Close the file."""
        self._file.close()
        return ""


HOLE = 1 << 24


def zipapp(path: Path, *, size: int, members: int) -> Path:
    """Write a zip of about that size with so many members, as our writer writes it; its code says that it ran."""
    sink = Sparse(path)
    sink.write(b"#!/usr/bin/env python3\n")
    archive = ZipWriter(sink)
    if size:
        count = size // HOLE
        pieces = (bytes(HOLE) for _ in range(count))
        archive.add_raw("hole", pieces, method=0, crc=0, sizes=(count * HOLE, count * HOLE))
    for number in range(members - 1 - bool(size)):
        archive.add_bytes(f"d/{number}", b"")
    archive.add_bytes("__main__.py", b"print('ran')\n")
    archive.finish()
    return path


def cpythons() -> dict[tuple[int, int], Path]:
    """Return the CPythons of this machine by version."""
    found = {}
    for path in (*Path("/usr/bin").glob("python3.[0-9]*"), *Path.home().glob(".pyenv/versions/3.*/bin/python3.*")):
        _, _, minor = path.name.partition("python3.")
        if minor.isdigit() and int(minor) >= 8:
            found[3, int(minor)] = path
    return found


@pytest.mark.parametrize(
    ("size", "members", "zip64"),
    [
        (2 * GIB - HOLE, 3, False),
        (2 * GIB + HOLE, 3, False),
        (4 * GIB - HOLE, 3, False),
        (4 * GIB, 3, True),
        (0, 65534, False),
        (0, 65535, True),
        (0, 65536, True),
    ],
)
def test_what_zipimport_starts(tmp_path: Path, size: int, members: int, zip64: bool) -> None:
    """What python_env.artifacts.pex.limits says of CPython 3.8 to 3.13, asked of those that are here."""
    pex = zipapp(tmp_path / "x.pex", size=size, members=members)
    for version, python in sorted(cpythons().items()):
        done = run([python, pex])
        if zip64 and version < (3, 13):
            assert done.returncode != 0 and "can't find '__main__' module" in done.stderr, (version, done.stderr)
        else:
            assert done.stdout == "ran\n", (version, done.stderr)
    pex.unlink()
