"""The main example on a real YARN, from a real HDFS: whether each form runs, and what a node pays for it.

    PYTHONPATH=tests:tools PYTHON benchmarks/launch/bench_yarn.py [--hadoop VERSION]... [--only FORM]... [--json FILE]

Forms are the venv, the venv with an interpreter inside, the PEX and the packed PEX of `examples/training`. On each
Hadoop a form is uploaded to a new place and run twice, with nothing but what the launcher gave: first in cluster mode,
when the NodeManager has not seen it, then in client mode, when it has. The Sparks change places with the Hadoop, so
that two Hadoops run all sixteen cells. The node's `python3` fails, with an interpreter inside all its Pythons do; every
process must have run in the form's own packages, else the benchmark ends.

Localisation is what the NodeManager itself counted (LOCALIZATION_COUNTERS), the largest of a job's containers; a start
is the time from the process' birth to a driver's first line or to the daemon's first worker; an import is that of numpy
and pandas. Java, Maven and 10 GiB of disk are needed; about 20 minutes.
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
from support.spark.forms import Form, build_forms, forms_workspace, judge, processes
from support.spark.install import pyspark_home
from support.spark.poison import path_of_containers, poison, without_pythons
from support.spark.renderings import Job, by_arguments

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
        figures = (self.job, self.localisation, self.start, self.imports)
        return [self.form, self.mode, self.spark, self.hadoop, *(f"{seconds:.1f}" for seconds in figures)]


@dataclass(frozen=True, slots=True)
class Site:
    """A running cluster and what drivers on this machine need."""

    cluster: HadoopCluster
    driver_python: str
    no_pythons: str
    work: Path

    def run(self, form: str, built: Form, uri: str, *, mode: str, spark: str, cold: bool) -> Run:
        """Run the probe once and return what it cost; raises AssertionError for a job that is not good."""
        words = (probe.__file__, *(["--arrow"] if spark == WITH_ARROW else []))
        job = Job(
            home=pyspark_home(spark),
            launch=built.renderings / mode,
            folder=self.work,
            words=words,
            uri=uri,
            driver_python=self.driver_python,
            environment={"HADOOP_CONF_DIR": str(self.cluster.conf)},
            conf=path_of_containers(self.no_pythons) if form == "bundled" else {},
        )
        done = by_arguments(job)
        assert done.code == 0, done.output[-3000:] + self.cluster.container_logs(done.application)
        logs = self.cluster.base.glob(f"userlogs/{done.application}/*/stdout")
        result = dataclasses.replace(done, printed=done.printed + "".join(log.read_text() for log in logs)).result()
        judge(form, result)
        own = {"form": form, "hadoop": self.cluster.version, "mode": mode, "spark": spark, "cold": cold}
        return Run(**own, job=done.seconds, **costs(processes(result)))


def costs(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the largest localisation, start and import of a job's processes; a pandas worker is not the first one."""
    first = [row for row in rows if row["role"] != "pandas"]
    return {
        "localisation": max(int(row["localized"].split(",")[-1]) / 1000 for row in first),
        "start": max(row["start_seconds"] for row in first),
        "imports": max(row["import_seconds"] for row in first),
    }


def training_workspace() -> Workspace:
    """Return a workspace with the main example's own requirements and lock."""
    made = forms_workspace("bench-yarn", APART)
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


def on_hadoop(site: Site, forms: dict[str, Form], sparks: Sequence[str]) -> Iterable[Run]:
    """Yield a cold and a warm run of each form."""
    for form, built in forms.items():
        uri = site.cluster.put(built.artifact.resolve(), f"/forms/{form}")
        for mode, spark, cold in zip(MODES, sparks, (True, False), strict=True):
            found = site.run(form, built, uri, mode=mode, spark=spark, cold=cold)
            print(" ".join(found.words), f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
            yield found


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
        own = [run for run in runs if run.form == form]
        cold, warm = [run for run in own if run.cold], [run for run in own if not run.cold]
        size = f"{built.artifact.stat().st_size / 1e6:.0f}"
        localised = [shown(lambda run: run.localisation, part) for part in (cold, warm)]
        rest = [shown(lambda run: run.start, own), shown(lambda run: run.imports, own), shown(lambda run: run.job, own)]
        body.append([form, size, str(files_of(built.artifact)), *localised, *rest])
    return rows(head, body)


def measured(options: argparse.Namespace, forms: dict[str, Form], work: Path) -> list[Run]:
    """Run all wanted forms on each Hadoop in turn."""
    copy = work / "driver"
    copy.mkdir()
    subprocess.run(["tar", "-xzf", forms["bundled"].artifact.resolve(), "-C", copy], check=True)
    for name in ("poison", "no_pythons"):
        (work / name).mkdir()
    node_path = f"{poison(work / 'poison')}:/usr/local/bin:/usr/bin:/bin"
    no_pythons = without_pythons(work / "no_pythons")
    wanted = {form: forms[form] for form in YARN_FORMS if not options.only or form in options.only}
    runs: list[Run] = []
    for number, hadoop in enumerate(options.hadoop or HADOOPS):
        base = work / f"hadoop-{hadoop}"
        base.mkdir()
        with hadoop_cluster(base, hadoop, node_path=node_path) as cluster:
            site = Site(cluster, str(copy / "bin/python"), no_pythons, work)
            runs += on_hadoop(site, wanted, (NEW, OLD) if number % 2 else (OLD, NEW))
        shutil.rmtree(base)
    return runs


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
        forms = build_forms(made, APART)
        with tempfile.TemporaryDirectory(prefix="yarn_", dir=options.work) as name:
            Path(name).chmod(0o755)
            runs = measured(options, forms, Path(name))
    finally:
        made.bazel("shutdown", check=False)
    shown = {form: forms[form] for form in YARN_FORMS if any(run.form == form for run in runs)}
    print(cells(runs))
    print(prices(runs, shown))
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(run) for run in runs], indent=1) + "\n")


if __name__ == "__main__":
    main()
