"""A small data environment in every form on real executors: each on YARN, in both modes and on both Sparks."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from support.bazel import Workspace
from support.hadoop.cluster import HadoopCluster, hadoop_cluster
from support.spark import probe
from support.spark.cells import CI_CELLS, EVERY, HADOOPS, LOCAL_FORMS, NEW, OLD, YARN_CELLS, Cell
from support.spark.forms import Form, Row, build_forms, check, forms_workspace, judge, processes
from support.spark.install import pyspark_home
from support.spark.poison import path_of_containers, without_pythons
from support.spark.renderings import Job, by_arguments
from support.spark.standalone import standalone
from support.spark.submit import TIMES, Done

PINS = ("numpy==2.2.6", "pandas==2.2.3", "pyarrow==18.1.0")
"""Versions that both Sparks know."""


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """Give a workspace with a data environment in all these forms."""
    made = forms_workspace("spark-layouts")
    (made.path / "envs/requirements.in").write_text("".join(f"{pin}\n" for pin in PINS))
    made.bazel("run", "//envs:training.update")
    yield made
    made.bazel("shutdown", check=False)


@pytest.fixture(scope="module")
def forms(workspace: Workspace) -> dict[str, Form]:
    """Return what was built by the name of its form."""
    return build_forms(workspace)


@pytest.fixture(scope="module")
def driver(forms: dict[str, Form], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the interpreter of a local copy, for drivers on this machine."""
    place = tmp_path_factory.mktemp("driver")
    subprocess.run(["tar", "-xzf", forms["bundled"].artifact.resolve(), "-C", place], check=True)
    return str(place / "bin/python")


Start = Callable[..., Done]


@pytest.fixture(scope="module")
def start(forms: dict[str, Form], driver: str, tmp_path_factory: pytest.TempPathFactory) -> Start:
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


@pytest.mark.parametrize("form", LOCAL_FORMS if EVERY else LOCAL_FORMS[1:])  # the first one runs on YARN
def test_local_cluster(start: Start, form: str) -> None:
    """Each unpacks itself in the container's own PEX_ROOT; without `venv` prefix and fallback are the node's."""
    done = start(form, "local-cluster", NEW)
    assert done.code == 0, done.output[-6000:]
    for row in processes(done.result()):
        check(row, f"{row['cwd']}/.pex", alone=form != "zipapp_mode")
        assert row["prefix"].startswith(f"{row['cwd']}/.pex/venvs/") == (form != "zipapp_mode"), row


def test_spark_3_cannot_execute_what_it_unpacked(start: Start, forms: dict[str, Form], tmp_path: Path) -> None:
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
    return without_pythons(tmp_path_factory.mktemp("only_poison"))


@pytest.fixture(scope="module")
def uri_of(forms: dict[str, Form], cluster: HadoopCluster) -> Callable[[str], str]:
    """Return a function that uploads a form, once, and returns its URI: a NodeManager localises it once, too."""
    return functools.cache(lambda form: cluster.put(forms[form].artifact.resolve(), f"/forms/{form}"))


@pytest.fixture(scope="module")
def clusters(
    cluster: HadoopCluster, poisoned_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, HadoopCluster]]:
    """Give a cluster of each version of Hadoop: the shared one, and others beside it."""
    with contextlib.ExitStack() as stack:
        found = {cluster.version: cluster}
        for version in set(HADOOPS) - {cluster.version}:
            base = tmp_path_factory.mktemp(f"hadoop_{version}")
            found[version] = stack.enter_context(hadoop_cluster(base, version, node_path=poisoned_path))
        yield found


@pytest.fixture(scope="module")
def begun(
    start: Start,
    forms: dict[str, Form],
    clusters: dict[str, HadoopCluster],
    only_poison: str,
    request: pytest.FixtureRequest,
) -> Iterator[dict[Cell, Future[Row]]]:
    """Give what the selected cells will have found; two run at a time, since a job waits more than it works."""
    selected: list[Cell] = [
        item.callspec.params["cell"]  # type: ignore[attr-defined] # of pytest.Function, which it is
        for item in request.session.items
        if getattr(item, "originalname", "") == YARN
    ]
    uris = {
        (form, hadoop): clusters[hadoop].put(forms[form].artifact.resolve(), f"/forms/{form}")
        for form, hadoop in sorted({(cell[0], cell[3]) for cell in selected})
    }

    def run(cell: Cell) -> Row:
        form, combination, version, hadoop = cell
        cluster = clusters[hadoop]
        poison = path_of_containers(only_poison) if form == "bundled" else {}
        environment = {"HADOOP_CONF_DIR": str(cluster.conf)}
        done = start(form, combination, version, uri=uris[form, hadoop], environment=environment, conf=poison)
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
    form, combination, version, _ = cell
    result = begun[cell].result()
    rows = processes(result)
    assert result["spark"] == version
    assert {row["role"] for row in rows} == {"executor", "pandas"} | ({"driver"} if "cluster" in combination else set())
    judge(form, result)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("pex", "poisoned: a Python of the node was used"),
        *([("venv", "error: there is no python3.11 that can be used")] if EVERY else []),
    ],
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


YARN = test_on_yarn.__name__
