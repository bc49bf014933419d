"""A small data environment in every form on real executors: each on YARN, in both modes and on both Sparks."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from support.bazel import Workspace, scratch_workspace
from support.hadoop.cluster import HadoopCluster
from support.interpreters import cpython_jar, declare_archives
from support.spark import probe
from support.spark.cells import CI_CELLS, EVERY, LOCAL_FORMS, NEW, OLD, YARN_CELLS, Cell
from support.spark.install import pyspark_home
from support.spark.renderings import Job, by_arguments
from support.spark.standalone import standalone
from support.spark.submit import TIMES, Done

TAG = "cp311-manylinux_2_28_x86_64"
BUILD = """
load("@rules_python_env//rules:defs.bzl", "python_env")

package(default_visibility = ["//visibility:public"])

python_env(
    name = "training",
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    pex = {{"layout": "packed"}},
    platforms = ["{tag}"],
    requirements = ["requirements.in"],
)
"""
APART = """
load("@rules_python_env//rules:defs.bzl", "python_env_launcher", "python_env_{kind}")

python_env_{kind}(name = "{kind}", env = "//envs:training", {options})
python_env_launcher(name = "launcher", artifacts = [":{kind}"])
"""
PACKAGES = {
    "venv": ("venv", "format = 'tar.gz'"),  # without the interpreter that lies inside the environment's own
    "pex": ("pex", ""),
    "installed": ("pex", "pre_installed = True, sh_boot = True"),
    "zipapp_mode": ("pex", "venv = False"),
}
"""Package of the workspace to kind and options of the artifact that stands in it."""
PINS = ("numpy==2.2.6", "pandas==2.2.3", "pyarrow==18.1.0")
"""Versions that both Sparks know."""

CONTAINERS = ("spark.executorEnv", "spark.yarn.appMasterEnv")
"""What sets a variable of executors, and of a driver on the cluster."""

Row = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Built:
    """One artifact and the folder of its renderings by combination."""

    artifact: Path
    renderings: Path


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """Give a workspace with a data environment in all these forms."""
    made = scratch_workspace("spark-layouts")
    declare_archives(made, {"cpython_jar": cpython_jar("3.11.3")})
    (made.path / "envs/requirements.in").write_text("".join(f"{pin}\n" for pin in PINS))
    (made.path / "envs/BUILD").write_text(BUILD.format(tag=TAG))
    for name, (kind, options) in PACKAGES.items():
        (made.path / name).mkdir()
        (made.path / name / "BUILD").write_text(APART.format(kind=kind, options=options))
    made.bazel("run", "//envs:training.update")
    apart = [f"//{name}:{target}" for name, (kind, _) in PACKAGES.items() for target in (kind, "launcher")]
    made.bazel("build", "//envs:training_pex", "//envs:training_venv", "//envs:training_launcher", *apart)
    yield made
    made.bazel("shutdown", check=False)


@pytest.fixture(scope="module")
def forms(workspace: Workspace) -> dict[str, Built]:
    """Return what was built by the name of its form."""
    envs = workspace.output("envs")
    forms = {
        "packed": Built(envs / "training.pex.zip", envs / "training.launcher/pex"),
        "bundled": Built(envs / "training.venv.tar.gz", envs / "training.launcher/venv"),
    }
    for name, (kind, _) in PACKAGES.items():
        place = workspace.output(name)
        file = "training.pex" if kind == "pex" else "training.venv.tar.gz"
        forms[name] = Built(place / file, place / "training.launcher" / kind)
    return forms


@pytest.fixture(scope="module")
def driver(forms: dict[str, Built], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the interpreter of a local copy, for drivers on this machine."""
    place = tmp_path_factory.mktemp("driver")
    subprocess.run(["tar", "-xzf", forms["bundled"].artifact.resolve(), "-C", place], check=True)
    return str(place / "bin/python")


Start = Callable[..., Done]


@pytest.fixture(scope="module")
def start(forms: dict[str, Built], driver: str, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Return a function that starts the probe by an argument file and with nothing but what it says."""

    def run(form: str, combination: str, version: str, **more: Any) -> Done:
        given = {"uri": forms[form].artifact.resolve().as_uri(), "words": (probe.__file__, "--arrow"), **more}
        folder = tmp_path_factory.mktemp(f"{form}_{combination}_{version}")
        launch = forms[form].renderings / combination
        job = Job(home=pyspark_home(version), launch=launch, folder=folder, driver_python=driver, **given)
        done = by_arguments(job)
        TIMES.append((f"Spark {version}, {combination}, {form}", done.seconds))
        return done

    return run


def processes(result: Row) -> list[Row]:
    """Return the rows of all processes that ran in a container, after a look at what they computed."""
    assert result["sum"] == 499500 and result["executors"] and result["counts"] == probe.WORDS
    rows: list[Row] = [*result["executors"], *([result["driver"]] if result["driver"] else [])]
    if result["arrow"]:
        assert result["arrow"]["sum"] == 5050 and result["arrow"]["rows"]
        rows += result["arrow"]["rows"]
    return rows


def check(row: Row, place: str, *, alone: bool = True) -> None:
    """Assert that numpy lies in `place`, as every folder of packages, and pyspark is the cluster's."""
    assert row["numpy"].startswith(f"{place}/") and not row["pyspark"].startswith(f"{place}/"), row
    packages = [path for path in row["path"] if path.endswith("-packages")]
    assert not alone or (packages and all(path.startswith(f"{place}/") for path in packages)), row


@pytest.mark.parametrize("form", LOCAL_FORMS)
def test_local_cluster(start: Start, form: str) -> None:
    """Each unpacks itself in the container's own PEX_ROOT; without `venv` prefix and fallback are the node's."""
    done = start(form, "local-cluster", NEW)
    assert done.code == 0, done.output[-6000:]
    for row in processes(done.result()):
        check(row, f"{row['cwd']}/.pex", alone=form != "zipapp_mode")
        assert row["prefix"].startswith(f"{row['cwd']}/.pex/venvs/") == (form != "zipapp_mode"), row


def test_spark_3_cannot_execute_what_it_unpacked(start: Start, forms: dict[str, Built], tmp_path: Path) -> None:
    """Why the manifest asks for Spark 4 wherever Spark itself unpacks: a real worker of Spark 3.5 has no right to."""
    with standalone(pyspark_home(OLD), tmp_path) as master:
        done = start("packed", "standalone-client", OLD, words=(probe.__file__,), master=master)
    assert done.code != 0
    assert '"./pyenv/__main__.py"' in done.output and "Permission denied" in done.output, done.output[-6000:]
    manifest = json.loads((forms["packed"].renderings.parents[1] / "training.launcher.json").read_text())
    said = {
        launch["combination"]: [line for line in launch["requires"] if line.startswith("Spark 4")]
        for launch in manifest["launches"]
        if launch["artifact"] == "pex"
    }
    assert {name for name, lines in said.items() if not lines} == {"yarn-client", "yarn-cluster"}


@pytest.fixture(scope="module")
def only_poison(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a PATH with the programs of this machine, but for its Pythons: each of them fails loudly."""
    folder = tmp_path_factory.mktemp("only_poison")
    folder.chmod(0o755)
    for program in (*Path("/usr/bin").iterdir(), *Path("/bin").iterdir()):
        if not program.name.startswith(("python", "pypy")) and not (folder / program.name).exists():
            (folder / program.name).symlink_to(program)
    for name in probe.PYTHONS:
        (folder / name).write_text("#!/bin/sh\necho 'poisoned: a Python of the node was used' >&2\nexit 97\n")
        (folder / name).chmod(0o755)
    assert shutil.which("python3.11", path=str(folder)) == str(folder / "python3.11")
    return str(folder)


@pytest.fixture(scope="module")
def uri_of(forms: dict[str, Built], cluster: HadoopCluster) -> Callable[[str], str]:
    """Return a function that uploads a form, once, and returns its URI: a NodeManager localises it once, too."""
    return functools.cache(lambda form: cluster.put(forms[form].artifact.resolve(), f"/forms/{form}"))


@pytest.fixture(scope="module")
def begun(
    start: Start,
    uri_of: Callable[[str], str],
    cluster: HadoopCluster,
    only_poison: str,
    request: pytest.FixtureRequest,
) -> Iterator[dict[Cell, Future[Row]]]:
    """Give what the selected cells will have found; two run at a time, since a job waits more than it works."""
    selected: list[Cell] = [
        item.callspec.params["cell"] for item in request.session.items if getattr(item, "originalname", "") == YARN
    ]
    uris = {form: uri_of(form) for form in sorted({cell[0] for cell in selected})}

    def run(cell: Cell) -> Row:
        form, combination, version = cell
        poison = {f"{key}.PATH": only_poison for key in CONTAINERS} if form == "bundled" else {}
        environment = {"HADOOP_CONF_DIR": str(cluster.conf)}
        done = start(form, combination, version, uri=uris[form], environment=environment, conf=poison)
        assert done.code == 0, done.output[-3000:] + cluster.container_logs(done.application)
        printed = "".join(log.read_text() for log in cluster.base.glob(f"userlogs/{done.application}/*/stdout"))
        return dataclasses.replace(done, printed=done.printed + printed).result()

    with ThreadPoolExecutor(2) as pool:
        yield {cell: pool.submit(run, cell) for cell in selected}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("cell", YARN_CELLS if EVERY else CI_CELLS, ids="-".join)
def test_on_yarn(begun: dict[Cell, Future[Row]], cell: Cell) -> None:
    """Interpreter, prefix, numpy and pandas UDFs are the artifact's in the container; `python3` of PATH is poisoned.

    With an interpreter inside all Pythons of that PATH are.
    """
    form, combination, version = cell
    result = begun[cell].result()
    rows = processes(result)
    assert result["spark"] == version
    assert {row["role"] for row in rows} == {"executor", "pandas"} | ({"driver"} if "cluster" in combination else set())
    for row in rows:
        JUDGES[form](row)
        assert row["node"] == {**row["node"], "python": 97, "python3": 97}, row


@pytest.mark.parametrize(
    ("form", "words"),
    [("venv", "error: there is no python3.11 that can be used"), ("pex", "poisoned: a Python of the node was used")],
)
def test_without_an_interpreter_inside_the_node_must_have_one(
    start: Start, uri_of: Callable[[str], str], cluster: HadoopCluster, only_poison: str, form: str, words: str
) -> None:
    """Why `requires` says python3.11: on a node whose PATH has none that works, no worker starts."""
    conf = {"spark.executorEnv.PATH": only_poison, "spark.task.maxFailures": "1"}
    done = start(
        form, "yarn-client", NEW, uri=uri_of(form), environment={"HADOOP_CONF_DIR": str(cluster.conf)}, conf=conf
    )
    said = done.output + cluster.container_logs(done.application)
    assert done.code != 0 and words in said, said[-6000:]


def _judge_venv(row: Row) -> None:
    check(row, row["prefix"])
    assert row["executable"].startswith((f"{row['cwd']}/pyenv/", f"{row['prefix']}/")), row
    assert row["prefix"] == f"{row['cwd']}/pyenv" or "/filecache/" in row["prefix"], row
    assert row["python"].startswith("3.11."), row


def _judge_bundled(row: Row) -> None:
    check(row, row["prefix"])
    assert row["node"] == dict.fromkeys(probe.PYTHONS, 97), row
    assert row["base_prefix"] == row["prefix"] == f"{row['cwd']}/pyenv" and row["python"] == "3.11.3", row
    assert "/filecache/" in row["program"] and row["program"].endswith("/training.venv.tar.gz/bin/python"), row


def _judge_pex(row: Row) -> None:
    check(row, f"{row['cwd']}/.pex")
    assert row["executable"].startswith(f"{row['prefix']}/bin/"), row
    assert f"{row['cwd']}/.pex/venvs/" in row["prefix"], row


JUDGES = {"venv": _judge_venv, "bundled": _judge_bundled, "pex": _judge_pex, "packed": _judge_pex}
YARN = test_on_yarn.__name__
