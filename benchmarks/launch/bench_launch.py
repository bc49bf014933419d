"""The main example on a real YARN, from a real HDFS, and beside it: whether each form runs, and what a node pays.

    PYTHONPATH=tests:tools PYTHON benchmarks/launch/bench_launch.py [--hadoop VERSION]... [--only FORM]... [--json FILE]

Forms are the venv, the venv with an interpreter inside, the PEX and the packed PEX of `examples/training`. On each
Hadoop a form is uploaded to a new place and run twice, with nothing but what the launcher gave: first in cluster mode,
when the NodeManager has not seen it, then in client mode, when it has. The Sparks change places with the Hadoop, so
that two Hadoops run all sixteen cells. Then a standalone master and local-cluster start each form by Spark alone. The
node's `python3` fails, with an interpreter inside all its Pythons do; every process must have run in the form's own
packages, else the benchmark ends.

Localisation is what the NodeManager itself counted (LOCALIZATION_COUNTERS), the largest of a job's containers; a start
is the time from the process' birth to a driver's first line or to the daemon's first worker; an import is that of numpy
and pandas. Java, Maven and 15 GiB of disk are needed; about 30 minutes.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.bazel import ROOT, Workspace
from support.hadoop.cluster import HadoopCluster, hadoop_cluster
from support.spark import probe
from support.spark.cells import HADOOPS, NEW, OLD, YARN_FORMS
from support.spark.forms import Form, build_forms, forms_workspace, judge, judge_unpacked_by_spark, processes
from support.spark.install import pyspark_home
from support.spark.poison import path_of_containers, poison, without_pythons
from support.spark.renderings import Job, by_arguments
from support.spark.standalone import standalone
from support.spark.submit import Done

MODES = ("yarn-cluster", "yarn-client")
"""A client's archives are localised for its application master first, where no Python looks; so it comes second."""
APART = ("venv", "pex")
WITH_ARROW = NEW
"""pyspark 3.5 does not take the pandas 3 that is locked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One application: which cell it was, and what it cost. Times in seconds."""

    form: str
    hadoop: str
    """Empty where Spark unpacks."""
    mode: str
    spark: str
    cold: bool
    """Whether the NodeManager had not seen the archive before."""
    job: float
    localisation: float
    start: float
    imports: float

    @property
    def words(self) -> list[str]:
        """The row of the table of cells."""
        localised = f"{self.localisation:.1f}" if self.hadoop else ""
        rest = (f"{self.start:.1f}", f"{self.imports:.1f}")
        return [self.form, self.mode, self.spark, self.hadoop, f"{self.job:.1f}", localised, *rest]


@dataclass(frozen=True, slots=True)
class Site:
    """What every driver on this machine needs, and PATHs of nodes."""

    driver_python: str
    poisoned: str
    no_pythons: str
    work: Path

    def start(self, form: str, built: Form, *, mode: str, spark: str, **more: Any) -> Done:
        """Start the probe with nothing but what the launcher gave and the node's PATH."""
        words = (probe.__file__, *(["--arrow"] if spark == WITH_ARROW else []))
        path = self.no_pythons if form == "bundled" else self.poisoned
        job = Job(
            home=pyspark_home(spark),
            launch=built.renderings / mode,
            folder=self.work,
            words=words,
            driver_python=self.driver_python,
            conf=path_of_containers(path),
            **more,
        )
        return by_arguments(job)

    def on_yarn(self, cluster: HadoopCluster, form: str, built: Form, uri: str, **cell: Any) -> Run:
        """Run the probe once on YARN and return what it cost; raises AssertionError for a job that is not good."""
        which = {"mode": cell["mode"], "spark": cell["spark"]}
        done = self.start(form, built, uri=uri, environment={"HADOOP_CONF_DIR": str(cluster.conf)}, **which)
        assert done.code == 0, done.output[-3000:] + cluster.container_logs(done.application)
        logs = cluster.base.glob(f"userlogs/{done.application}/*/stdout")
        result = dataclasses.replace(done, printed=done.printed + "".join(log.read_text() for log in logs)).result()
        judge(form, result)
        return Run(form=form, hadoop=cluster.version, **cell, job=done.seconds, **costs(processes(result)))

    def by_spark(self, form: str, built: Form, *, mode: str, spark: str, master: str = "") -> Run:
        """Run the probe once where Spark itself unpacks."""
        uri = built.artifact.resolve().as_uri()
        done = self.start(form, built, mode=mode, spark=spark, uri=uri, master=master)
        assert done.code == 0, done.output[-6000:]
        judge_unpacked_by_spark(form, done.result())
        found = costs(processes(done.result()))
        return Run(form=form, hadoop="", mode=mode, spark=spark, cold=True, job=done.seconds, **found)


def costs(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the largest localisation, start and import of a job's processes; a pandas worker is not the first one."""
    first = [row for row in rows if row["role"] != "pandas"]
    return {
        "localisation": max(int(row["localized"].split(",")[-1] or 0) / 1000 for row in first),
        "start": max(row["start_seconds"] for row in first),
        "imports": max(row["import_seconds"] for row in first),
    }


def training_workspace() -> Workspace:
    """Return a workspace with the main example's own requirements and lock."""
    made = forms_workspace("bench-launch", APART)
    for name in ("training.lock.json", "requirements.in"):
        shutil.copy(ROOT / "examples/training" / name, made.path / "envs")
    return made


def files_of(artifact: Path) -> int:
    """Return how many files a NodeManager makes of an artifact: a PEX is shipped as one."""
    if artifact.suffix == ".pex":
        return 1
    if artifact.suffix == ".zip":
        with zipfile.ZipFile(artifact) as archive:
            return len(archive.infolist())
    with tarfile.open(artifact) as archive:
        return sum(1 for member in archive if not member.isdir())


def on_hadoop(site: Site, cluster: HadoopCluster, forms: dict[str, Form], sparks: Sequence[str]) -> Iterable[Run]:
    """Yield a cold and a warm run of each form."""
    for form, built in forms.items():
        uri = cluster.put(built.artifact.resolve(), f"/forms/{form}")
        for mode, spark, cold in zip(MODES, sparks, (True, False), strict=True):
            yield site.on_yarn(cluster, form, built, uri, mode=mode, spark=spark, cold=cold)


def by_spark(site: Site, forms: dict[str, Form]) -> Iterable[Run]:
    """Yield a run of each form on a standalone master, and one on local-cluster; Spark 3 cannot start a packed PEX."""
    with standalone(pyspark_home(NEW), site.work) as master:
        for form, built in forms.items():
            yield site.by_spark(form, built, mode="standalone-client", spark=NEW, master=master)
    for form, built in forms.items():
        yield site.by_spark(form, built, mode="local-cluster", spark=NEW if form == "packed" else OLD)


def rows(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cells(runs: Sequence[Run]) -> str:
    """Return a row per application."""
    head = ["form", "mode", "Spark", "Hadoop", "job s", "localisation s", "start s", "import s"]
    return rows(head, [run.words for run in runs])


def prices(runs: Sequence[Run], forms: dict[str, Form]) -> str:
    """Return a row per form: what the first job on a node pays, and every later one."""
    head = ["form", "MB", "files", "first localisation s", "later s", "start in each container s", "import s", "job s"]

    def shown(which: Callable[[Run], float], of: Sequence[Run]) -> str:
        values = [which(run) for run in of]
        middle, spread = statistics.median(values), f"{min(values):.1f}-{max(values):.1f}"
        return f"{middle:.1f} ({spread})" if len(values) > 1 else f"{middle:.1f}"

    body = []
    for form, built in forms.items():
        own = [run for run in runs if run.form == form and run.hadoop]
        cold, warm = [run for run in own if run.cold], [run for run in own if not run.cold]
        size = f"{built.artifact.stat().st_size / 1e6:.0f}"
        localised = [shown(lambda run: run.localisation, part) for part in (cold, warm)]
        rest = [shown(lambda run: run.start, own), shown(lambda run: run.imports, own), shown(lambda run: run.job, own)]
        body.append([form, size, str(files_of(built.artifact)), *localised, *rest])
    return rows(head, body)


def site_below(work: Path, bundled: Path) -> Site:
    """Return the site with a copy of the environment for drivers on this machine."""
    for name in ("driver", "poison", "no_pythons"):
        (work / name).mkdir()
    subprocess.run(["tar", "-xzf", bundled.resolve(), "-C", work / "driver"], check=True)
    poisoned = f"{poison(work / 'poison')}:/usr/local/bin:/usr/bin:/bin"
    return Site(str(work / "driver/bin/python"), poisoned, without_pythons(work / "no_pythons"), work)


def measured(hadoops: Sequence[str], forms: dict[str, Form], site: Site) -> Iterable[Run]:
    """Yield the runs of all forms on each Hadoop in turn, then those without one."""
    for number, hadoop in enumerate(hadoops):
        base = site.work / f"hadoop-{hadoop}"
        base.mkdir()
        with hadoop_cluster(base, hadoop, node_path=site.poisoned) as cluster:
            yield from on_hadoop(site, cluster, forms, (NEW, OLD) if number % 2 else (OLD, NEW))
        shutil.rmtree(base)
    yield from by_spark(site, forms)


def main() -> None:
    """Build, run and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadoop", action="append", default=[], help="version; 3.3.6 and 3.4.2 unless given")
    parser.add_argument("--only", action="append", default=[], choices=YARN_FORMS, help="a form; all unless given")
    parser.add_argument("--work", type=Path, help="folder for scratch files")
    parser.add_argument("--json", type=Path, help="write every figure")
    options = parser.parse_args()
    made = training_workspace()
    try:
        built = build_forms(made, APART)
        forms = {form: built[form] for form in YARN_FORMS if not options.only or form in options.only}
        runs = []
        with tempfile.TemporaryDirectory(prefix="launch_", dir=options.work) as name:
            Path(name).chmod(0o755)
            for run in measured(options.hadoop or HADOOPS, forms, site_below(Path(name), built["bundled"].artifact)):
                print(" ".join(run.words), f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
                runs.append(run)
    finally:
        made.bazel("shutdown", check=False)
    print(cells(runs))
    print(prices(runs, forms))
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(run) for run in runs], indent=1) + "\n")


if __name__ == "__main__":
    main()
