"""Why the launcher refuses: each refusal run once against Spark's and YARN's real classes, or by a job.

A test that fails here says that Spark healed: the rule that names it (docs/launcher.md) can go.
"""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from python_env.base.releases import dotted
from python_env.base.sparks import spark_of
from python_env.doctor.readers.open import read_subject
from python_env.launcher.table import avoided_rows, refusal_rows
from support.hadoop.cluster import HadoopCluster
from support.spark.archives import PROGRAM, unpacked
from support.spark.changed_pex import changed_pex, small_wheel
from support.spark.install import pyspark_home
from support.spark.renderings import Job, by_arguments, by_environment
from support.spark.submit import PATH, Done, spark_submit

HERE = Path(__file__).parent
OLD, NEW = "3.5.6", "4.3.0"
JOB = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
rows = spark.sparkContext.parallelize([1], 1).map(lambda _: __import__("sys").prefix).collect()
print("PREFIX", rows[0], flush=True)
spark.stop()
"""
ONE_EXECUTOR = ("--master", "local-cluster[1,1,1024]")
ONCE = {"spark.task.maxFailures": "1"}


def test_every_refusal_has_its_proof_run() -> None:
    """Each row of the two tables names a test that is there, or says why nothing was run."""
    proofs = {row[-1] for row in (*refusal_rows(), *avoided_rows())}
    runs = {proof.strip("`") for proof in proofs if "::" in proof}
    assert all(proof.startswith("no run: ") for proof in proofs if "::" not in proof)
    missing = [
        run for run in runs if f"def {run.partition('::')[2]}(" not in (HERE / run.partition("::")[0]).read_text()
    ]
    assert runs and not missing


class Unpacked:
    """What the classes of one Spark made of every archive."""

    def __init__(self, version: str, folder: Path) -> None:
        self.version, self.folder = version, folder
        self.said = unpacked(version, folder)

    def program(self, by: str, archive: str, name: str = "program") -> Path:
        """Return the path of a file of an unpacked archive."""
        place = self.folder / by / archive
        return (place / "10" / archive if by == "yarn" else place) / "bin" / name

    def runs(self, by: str, archive: str) -> bool:
        """Return whether the program was unpacked with its content and the right to execute it."""
        path = self.program(by, archive)
        return path.is_file() and path.read_bytes() == PROGRAM and bool(path.stat().st_mode & stat.S_IXUSR)


@pytest.fixture(scope="module", params=[OLD, NEW])
def classes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """Return what FSDownload (a NodeManager) and Utils.unpack (Spark's core) made of the archives."""
    return Unpacked(request.param, tmp_path_factory.mktemp("classes"))


def test_what_is_unpacked_rightly(classes: Unpacked) -> None:
    """What is written here: tar.gz everywhere, a zip with sizes before the data by a NodeManager."""
    assert all(classes.runs(by, "links.tar.gz") for by in ("yarn", "spark"))
    assert all(classes.program(by, "links.tar.gz", "link").is_symlink() for by in ("yarn", "spark"))
    assert classes.runs("yarn", "plain.zip") and classes.runs("yarn", "deflated-descriptor.zip")


def test_what_is_unpacked_wrongly(classes: Unpacked) -> None:
    """Links in a zip, stored members with descriptors, a preamble, an absolute link in a tar; bits before Spark 4."""
    assert all(classes.program(by, "links.zip", "link").read_bytes() == b"program" for by in ("yarn", "spark"))
    assert not classes.program("yarn", "links.zip", "link").is_symlink()
    assert "descriptor" in classes.said["yarn stored-descriptor.zip"]
    assert classes.runs("yarn", "preamble.zip") == (classes.version != OLD)
    assert "would create entry outside" in classes.said["spark absolute.tar"]
    assert classes.runs("spark", "plain.zip") == (classes.version != OLD)


def test_what_is_not_unpacked(classes: Unpacked) -> None:
    """By the end of its name: neither other compressions nor a zip that is named .pex."""
    for name in ("packed.tar.xz", "packed.tar.bz2", "packed.tar.zst", "packed.pex"):
        assert classes.said[f"yarn {name}"] == classes.said[f"spark {name}"] == "done"
        assert (classes.folder / "yarn" / name / "10" / name).is_file()
        assert (classes.folder / "spark" / name).is_file()


def test_a_file_that_changed_is_refused(classes: Unpacked) -> None:
    """A container that starts after the archive was written over does not start."""
    assert "changed on src filesystem" in classes.said["yarn changed"]


def test_a_long_shebang_is_cut_off(tmp_path: Path) -> None:
    """An interpreter that is there is not found by a path of more than 255 bytes."""
    assert subprocess.run([_script(tmp_path, 120)], capture_output=True, text=True, check=True).stdout == "started\n"
    with pytest.raises(OSError, match=r"Exec format error|No such file"):
        subprocess.run([_script(tmp_path, 300)], check=True)


def _script(folder: Path, length: int) -> Path:
    """Return a script whose interpreter has a path of at least that length."""
    place = folder
    while len(str(place / "sh")) < length:
        place /= "d" * 12
    place.mkdir(parents=True)
    (place / "sh").symlink_to("/bin/sh")
    script = folder / f"script{length}"
    script.write_text(f"#!{place}/sh\necho started\n")
    script.chmod(0o755)
    return script


_MINIMUM = """
import sys
from pyspark.sql.pandas.utils import require_minimum_{name}_version
try:
    require_minimum_{name}_version()
except ImportError as error:
    sys.exit(str(error))
"""


def _asked(version: str, name: str, found: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Ask the real pyspark whether it takes a version of a package, by a stand-in that has nothing else."""
    package = folder / found / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f"__version__ = {found!r}\n")
    python = pyspark_home(version).parents[3] / "bin/python"
    words = [python, "-c", _MINIMUM.format(name=name)]
    return subprocess.run(
        words, env={"PYTHONPATH": str(folder / found)}, capture_output=True, text=True, check=False, cwd=folder
    )


@pytest.mark.parametrize("version", [OLD, NEW])
def test_minimums_are_those_of_pyspark(version: str, tmp_path: Path) -> None:
    """Of pyarrow and pandas, asked of pyspark itself, and of Python, as its metadata has it."""
    numbers = tuple(int(number) for number in version.split("."))
    wants = spark_of(numbers)
    for name, minimum in wants.minimums:
        assert _asked(version, name, minimum, tmp_path).returncode == 0
        below = re.sub(r"^(\d+)", lambda found: str(int(found[1]) - 1), minimum) if minimum[0] != "0" else "0"
        refused = _asked(version, name, below, tmp_path)
        assert refused.returncode != 0 and f"{minimum} must be installed" in refused.stderr, refused.stderr
    metadata = next(pyspark_home(version).parent.glob("pyspark-*.egg-info/PKG-INFO")).read_text()
    assert f"Requires-Python: >={dotted(wants.pythons[0])}\n" in metadata


Start = Callable[..., Done]


@pytest.fixture
def start(built: Path, drivers: dict[str, Path], tmp_path: Path) -> Start:
    """Return a function that runs a job with one more property or another artifact than the launcher would allow."""

    def run(kind: str, *, by: Any = by_arguments, version: str = NEW, launch: Path | None = None, **more: Any) -> Done:
        (tmp_path / "refused.py").write_text(JOB)
        folder = built / "examples/hello"
        given: dict[str, Any] = {"uri": (folder / "hello.venv.tar.gz").resolve().as_uri(), "conf": ONCE, **more}
        job = Job(
            home=pyspark_home(version),
            launch=launch or folder / f"hello.launcher/{kind}/local-cluster",
            folder=tmp_path,
            words=(*(ONE_EXECUTOR if by is by_arguments and not launch else ()), str(tmp_path / "refused.py")),
            driver_python=str(drivers["hello"] / "bin/python"),
            **given,
        )
        done: Done = by(job)
        return done

    return run


@pytest.mark.parametrize(
    "options",
    [{"inherit_path": "false", "venv": False}, {"venv_hermetic_scripts": True}],
    ids=["inherit_path", "hermetic_scripts"],
)
def test_a_pex_that_drops_pythonpath(start: Start, built: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    """Its worker does not find the cluster's pyspark, nor what else the cluster's Python has there."""
    pex = changed_pex(built / "examples/hello/hello.pex", tmp_path / "changed.pex", **options)
    done = start("pex", uri=pex.as_uri())
    assert done.code != 0 and re.search("No module named '?pyspark", done.output), done.output[-6000:]


def test_prefer_takes_what_the_node_has(built: Path, tmp_path: Path) -> None:
    """Why `requires` wants no packages in the nodes' Python then: they win over the packed ones without a word."""
    (tmp_path / "node").mkdir()
    (tmp_path / "node/certifi.py").write_text("")
    found = {}
    for inherit in ("prefer", "fallback"):
        pex = tmp_path / f"{inherit}.pex"
        changed_pex(built / "examples/hello/hello.pex", pex, inherit_path=inherit, venv=False)
        environment = {
            "PATH": PATH,
            "PEX_ROOT": str(tmp_path / f"{inherit}_root"),
            "PYTHONPATH": str(tmp_path / "node"),
        }
        words = [pex, "-c", "import certifi; print(certifi.__file__)"]
        found[inherit] = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
    assert found["prefer"] == f"{tmp_path}/node/certifi.py\n" != found["fallback"]


def test_an_entry_point_runs_instead_of_the_daemon(start: Start, built: Path, tmp_path: Path) -> None:
    """Without PEX_INTERPRETER `-m pyspark.daemon` are words for the program inside."""
    pex = changed_pex(built / "examples/hello/hello.pex", tmp_path / "changed.pex", entry_point="json.tool")
    done = start("pex", uri=pex.as_uri())
    assert done.code != 0 and "json.tool: error: argument infile" in done.output, done.output[-6000:]


_WINS = {
    "default": (OLD, {}, False),
    "default, Spark 4": (NEW, {}, False),
    "zipapp": (NEW, {"venv": False}, True),
    "prefer": (NEW, {"venv": False, "inherit_path": "prefer"}, False),
    "false": (OLD, {"venv": False, "inherit_path": "false"}, True),
}
"""Spark, how a PEX is built beside our default, and whether the pyspark inside is imported."""


@pytest.mark.parametrize(("version", "options", "wins"), _WINS.values(), ids=_WINS)
def test_whose_pyspark_wins(
    start: Start, built: Path, tmp_path: Path, version: str, options: dict[str, Any], wins: bool
) -> None:
    """The one inside, which lacks pyspark.daemon, wherever the launcher and the doctor say so; else the job runs."""
    wheel = small_wheel(tmp_path, "pyspark", "4.0.0", {"pyspark/__init__.py": b""})
    pex = changed_pex(built / "examples/hello/hello.pex", tmp_path / "changed.pex", wheel=wheel, **options)
    assert read_subject(pex).own_packages_win is wins
    done = start("pex", uri=pex.as_uri(), version=version)
    assert (done.code != 0 and "No module named pyspark.daemon" in done.output) is wins, done.output[-6000:]
    assert (done.code == 0) is not wins, done.output[-6000:]


def test_a_folder_is_no_archive(start: Start, drivers: dict[str, Path]) -> None:
    """A job that ships one, with the interpreter inside, never gets it."""
    folder = drivers["hello"]
    assert folder.is_dir() and list(folder.glob("bin/python*")), "a wrong path would fail, too"
    done = start("venv", uri=folder.as_uri())
    assert done.code != 0 and "PREFIX" not in done.printed, done.output[-6000:]


def test_keys_that_do_nothing(start: Start, built: Path, tmp_path: Path) -> None:
    """Without spark-submit neither property chooses the workers' Python: the driver's variable does."""
    launch = tmp_path / "launch"
    shutil.copytree(built / "examples/hello/hello.launcher/venv/local-cluster", launch)
    for path in (launch, *launch.iterdir()):
        path.chmod(0o755)
    defaults = (launch / "spark-defaults.conf").read_text()
    changed = re.sub(r"(?m)^spark\.pyspark\.python .*", "spark.pyspark.python /nowhere/python", defaults)
    assert changed != defaults
    changed += "spark.executorEnv.PYSPARK_PYTHON /nowhere/python\n"
    (launch / "spark-defaults.conf").write_text(changed)
    done = start("venv", by=by_environment, launch=launch)
    assert done.code == 0, done.output[-6000:]
    assert re.search(r"PREFIX /.*/pyenv\n", done.printed)


def test_one_of_two_keys_for_archives_is_left_out(tmp_path: Path) -> None:
    """spark-submit says itself what it would ship: not what spark.archives names beside --archives."""
    (tmp_path / "nothing.py").write_text("")
    for name in ("one", "two"):
        (tmp_path / f"{name}.zip").write_bytes(b"")
    words = ["--verbose", "--master", "yarn", "--archives", f"{tmp_path}/one.zip"]
    words += [f"--conf=spark.archives={tmp_path}/two.zip", str(tmp_path / "nothing.py")]
    done = spark_submit(pyspark_home(NEW), words, environment={"HADOOP_CONF_DIR": str(tmp_path)}, folder=tmp_path)
    said = re.findall(r"\(spark\.yarn\.dist\.archives,(.*)\)", done.output)
    assert said and "one.zip" in said[0] and "two.zip" not in said[0], done.output[-6000:]


def test_two_archives_of_one_name(cluster: HadoopCluster, built: Path, tmp_path: Path) -> None:
    """YARN's client refuses them, wherever they lie and however they are called in the container."""
    code = (built / "tests/e2e/split/hello.code.tar.gz").resolve()
    (tmp_path / "refused.py").write_text(JOB)
    archives = ",".join(f"{cluster.put(code, f'/refused/{name}')}#{name}" for name in ("one", "two"))
    words = ["--master", "yarn", "--archives", archives, str(tmp_path / "refused.py")]
    done = spark_submit(pyspark_home(NEW), words, environment={"HADOOP_CONF_DIR": str(cluster.conf)}, folder=tmp_path)
    assert done.code != 0 and "multiple times" in done.output, done.output[-6000:]


def test_the_drivers_own_python_wins_on_the_cluster(
    start: Start, built: Path, cluster: HadoopCluster, uploaded: dict[tuple[str, str], str]
) -> None:
    """In cluster mode it would name a Python of the submitting machine, over what the launcher sets for the driver."""
    launch = built / "examples/hello/hello.launcher/venv/yarn-cluster"
    done = start(
        "venv",
        launch=launch,
        uri=uploaded["hello", "venv"],
        environment={"HADOOP_CONF_DIR": str(cluster.conf)},
        conf={"spark.pyspark.driver.python": "/nowhere/python", "spark.yarn.maxAppAttempts": "1"},
    )
    logs = cluster.container_logs(done.application)
    assert done.code != 0 and "/nowhere/python" in logs, done.output[-3000:] + logs
