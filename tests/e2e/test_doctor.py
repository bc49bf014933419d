"""The doctor's verdicts beside what the real unpackers, and the archives' own interpreters, then do."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.base.releases import dotted
from python_env.base.sparks import spark_of
from support.broken_artifacts import CONTAINERS, LINKS, MODES, conda, venv, write_tree
from support.foreign_archives import install_peers, make_pex, pack_tree, pack_venv, small_cpython, write_probe
from support.spark.install import pyspark_home
from support.unpacking import Unpacked, unpack

ROOT = Path(__file__).parents[2]
SPARKS = {"3.5.6": "3.3.4", "4.0.5": "3.4.1", "4.3.0": "3.5.0"}
"""Version of Spark to the Hadoop that its jars hold."""

if "PYTHON_ENV_EVERY_SPARK" in os.environ:  # half a gigabyte each, and no other unpacker than those
    SPARKS |= {"4.1.4": "3.4.2", "4.2.1": "3.5.0"}

ENDS = ("3.5.6", "4.3.0")
"""Those between do as one of these with whole environments."""

MASTERS = {"yarn": "yarn", "spark": "standalone"}
UNPACKED = tuple(broken for broken in (*LINKS, *CONTAINERS, *MODES) if broken.check != "file-name")
PLATFORM = "cp311-manylinux_2_28_x86_64"
FLAGS = {
    "default": (),
    "fallback": ("--inherit-path=fallback",),
    "venv": ("--inherit-path=fallback", "--venv"),
    "venv, not hermetic": ("--inherit-path=fallback", "--venv", "--non-hermetic-venv-scripts"),
    "entry point": ("--inherit-path=fallback", "-m", "probe"),
}
STARTS = {"fallback", "venv, not hermetic"}
"""Control: what docs/launcher.md and real clusters say; doctor and pex must both agree."""


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


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a venv with pex and venv-pack."""
    return install_peers(tmp_path_factory.mktemp("peers"))


@pytest.fixture(scope="module")
def cpython(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a real relocatable CPython 3.11."""
    return small_cpython(tmp_path_factory.mktemp("cpython"))


def starts(program: Path, *words: str, **environment: str) -> bool:
    """Return whether a program runs, with the PATH of a node alone."""
    command = [program, *words] if words else [program, "-c", "import probe"]
    base = {"PATH": "/usr/local/bin:/usr/bin:/bin", **environment}
    try:
        return subprocess.run(command, env=base, cwd="/", capture_output=True, check=False).returncode == 0
    except (FileNotFoundError, PermissionError):
        return False


def test_venv_pack(peers: Path, cpython: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What venv-pack writes starts where the nodes have the interpreter that it points at, and nowhere else."""
    own = shutil.copytree(cpython, tmp_path / "own", symlinks=True)
    packed = pack_venv(peers, own, tmp_path)
    real = unpack(pyspark_home("4.3.0") / "jars", [packed], tmp_path / "out")
    programs = [each.place / "bin/python" for each in real.values()]
    target = str(programs[0].with_name("python3.11").readlink())
    assert target.startswith(str(own))
    assert says_it_runs(capfd, packed, "--on-nodes", target)
    assert all(starts(program) for program in programs)
    shutil.rmtree(own)
    assert not says_it_runs(capfd, packed)
    assert not any(starts(program) for program in programs)


@pytest.mark.parametrize("spark", ENDS)
def test_a_whole_interpreter(cpython: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], spark: str) -> None:
    """A tree as conda-pack writes it runs from a .tar.gz everywhere, from a zip where its modes are kept."""
    tarball, zipped = pack_tree(cpython, tmp_path)
    real = unpack(pyspark_home(spark) / "jars", [tarball, zipped], tmp_path / "out")
    assert sum(starts(each.place / "bin/python") for each in real.values()) in (3, 4)
    for (way, file), each in real.items():
        words = ("--spark", spark, "--hadoop", SPARKS[spark], "--master", MASTERS[way])
        verdict = says_it_runs(capfd, Path(file), *words)
        runs = each.starts("bin/python") and starts(each.place / "bin/python")
        assert verdict == runs, (way, file, each.outcome)


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one wheel, and a stand-in for the cluster's pyspark."""
    folder = tmp_path_factory.mktemp("probe")
    (folder / "pyspark").mkdir()
    (folder / "pyspark/__init__.py").write_text("")
    (folder / "pyspark/daemon.py").write_text("import probe\nprint('DAEMON')\n")
    return write_probe(folder)


@pytest.mark.parametrize("name", FLAGS)
def test_pex(peers: Path, probe: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    """`<pex> -m pyspark.daemon` with the cluster's PYTHONPATH starts exactly where the doctor says that it runs."""
    path = make_pex(peers, probe, tmp_path / "probe.pex", *FLAGS[name])
    done = subprocess.run(
        [sys.executable, path, "-m", "pyspark.daemon"],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(probe), "PEX_ROOT": str(tmp_path / "root")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert says_it_runs(capfd, path) == (done.stdout == "DAEMON\n") == (name in STARTS), done.stderr


@pytest.mark.parametrize("spark", ENDS)
def test_a_packed_pex(peers: Path, probe: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], spark: str) -> None:
    """A packed PEX, zipped as cluster-pack does it, starts where its execute bit is kept."""
    flags = (*FLAGS["venv, not hermetic"], "--layout", "packed")
    folder = make_pex(peers, probe, tmp_path / "packed", *flags)
    path = Path(shutil.make_archive(str(tmp_path / "zip/packed.pex"), "zip", folder))
    for (way, _), each in unpack(pyspark_home(spark) / "jars", [path], tmp_path / "out").items():
        words = ("--spark", spark, "--hadoop", SPARKS[spark], "--master", MASTERS[way])
        assert says_it_runs(capfd, path, *words) == each.starts("__main__.py"), each.outcome


@pytest.fixture(scope="module")
def packed(built: Path) -> Path:
    """Return a packed PEX of ours, beside its report."""
    subprocess.run([ROOT / "bazelw", "build", "//tests/pex:packed"], cwd=ROOT, check=True)
    return built / "tests/pex/packed.pex.zip"


OURS = [f"examples/{env}/{env}.{kind}" for env in ("hello", "training") for kind in ("pex", "venv.tar.gz")]


@pytest.mark.parametrize("file", OURS)
def test_nothing_is_found_in_ours(built: Path, capfd: pytest.CaptureFixture[str], file: str) -> None:
    """Neither errors nor warnings; every combination of the launcher manifest runs, and no other is said to.

    Spark Connect is looked at only where it is named.
    """
    code = main(["doctor", "--strict", "--json", str(built / file)])
    found = json.loads(capfd.readouterr().out)["files"][0]
    assert code == 0, [each for each in found["findings"] if each["severity"] != "note"]
    assert all(verdict["runs"] for verdict in found["verdicts"])
    env = Path(file).parent.name
    manifest = json.loads((built / f"examples/{env}/{env}.launcher.json").read_text())
    kind = "pex" if file.endswith(".pex") else "venv"
    launched = {each["combination"] for each in manifest["launches"] if each["artifact"] == kind}
    assert {verdict["combination"] for verdict in found["verdicts"]} == launched - {"connect"}


def test_nothing_is_found_in_an_environment_that_is_split() -> None:
    """`bazel run` of its doctor: PEX, venv, and the code, which arrives wherever one of these runs."""
    words = ["run", "//tests/e2e/split:hello_doctor", "--", "--strict", "--json"]
    done = subprocess.run([ROOT / "bazelw", *words], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    files = json.loads(done.stdout)["files"]
    holds = [file["holds"].partition(",")[0] for file in files]
    assert holds == ["first-party code", "PEX", "venv"]
    assert all(verdict["runs"] for file in files for verdict in file["verdicts"])


def test_the_wheelhouse_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    """The real one of examples/hello."""
    subprocess.run([ROOT / "bazelw", "build", "//examples/hello:hello_wheelhouse"], cwd=ROOT, check=True)
    assert main(["doctor", str(ROOT / "bazel-bin/examples/hello/hello.wheelhouse.zip")]) == 2
    assert "a wheelhouse is nothing that a cluster starts" in capfd.readouterr().err


def test_nothing_is_found_in_a_packed_pex_of_ours(packed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It runs on every master with Spark 4, and on YARN with 3.5, as its launcher manifest requires."""
    assert main(["doctor", "--strict", "--json", str(packed)]) == 0
    verdicts = json.loads(capfd.readouterr().out)["files"][0]["verdicts"]
    no = {(each["combination"].partition("-")[0], each["spark"]) for each in verdicts if not each["runs"]}
    assert no == {("standalone", "3.5"), ("kubernetes", "3.5"), ("local", "3.5")}


UNPACK = """
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as pex:
    for name in pex.namelist():
        if name.endswith(".whl"):
            with pex.open(name) as stored, zipfile.ZipFile(stored) as wheel:
                wheel.testzip()
"""


def processor_time(*command: str | Path) -> float:
    """Return the seconds of CPU that a program of this Python takes, the best of three runs."""
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {"PYTHONPATH": str(ROOT / "tools")}
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def test_the_large_pex_takes_less_than_unpacking_it(built: Path) -> None:
    """136 wheels with 350 native files, the whole command beside a program that reads their members once.

    It takes about half of that: less than two seconds where nothing else runs (docs/doctor.md).
    """
    pex = built / "examples/training/training.pex"
    assert processor_time("-m", "python_env", "doctor", pex) < processor_time("-c", UNPACK, pex)


@pytest.mark.parametrize("version", SPARKS)
def test_the_table_of_spark_versions_is_what_spark_brings(version: str) -> None:
    """Hadoop client, py4j, minimums of pandas and pyarrow and the Pythons, read from the installed package."""
    home = pyspark_home(version)
    row = spark_of(tuple(int(part) for part in version.split(".")))
    (client,) = home.glob("jars/hadoop-client-api-*.jar")
    assert client.stem.removeprefix("hadoop-client-api-") == dotted(row.hadoop) == SPARKS[version]
    (py4j,) = home.glob("python/lib/py4j-*-src.zip")
    assert py4j.name == f"py4j-{row.py4j}-src.zip"
    said = dict(re.findall(r'minimum_(\w+)_version = "([^"]+)"', (home / "sql/pandas/utils.py").read_text()))
    assert (said["pandas"], said["pyarrow"]) == (row.pandas, row.pyarrow)
    (info,) = home.parent.glob("pyspark-*-info/PKG-INFO")
    pythons = re.findall(r"Python :: 3\.(\d+)", info.read_text())
    assert (min(map(int, pythons)), max(map(int, pythons))) == (row.pythons[0][1], row.pythons[1][1])
