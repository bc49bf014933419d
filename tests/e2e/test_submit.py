"""`:<name>_deploy` and `:<name>_submit` as `bazel run` starts them: their own clients, real HDFS, Spark and YARN."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.deploying import Command
from support.hadoop.cluster import HadoopCluster
from support.spark.install import pyspark_home
from support.spark.submit import TIMES, Done, machine_conf, run_driver

ROOT = Path(__file__).parents[2]
JOB = ROOT / "examples/training/src/training_job/job.py"
SPARK = "3.5.6"


@dataclass(frozen=True)
class Targets:
    """The targets of one environment, built; started in a bare environment that has no Python path of the host."""

    built: Path
    folder: Path
    """Where the person stands."""

    def run(self, name: str, *words: str, **environment: str) -> Done:
        """Start `bazel run //examples/hello:hello_<name> -- WORDS`."""
        said = {"BUILD_WORKING_DIRECTORY": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache")}
        line = [str(self.built / f"hello_{name}"), *words]
        return run_driver(pyspark_home(SPARK), line, environment={**said, **environment}, folder=self.folder)

    def submit(self, *words: str, **environment: str) -> Done:
        """Submit the job, with what this machine needs of Spark."""
        machine = [f"--conf={key}={value}" for key, value in machine_conf(pyspark_home(SPARK)).items()]
        split = words.index("--") if "--" in words else len(words)
        done = self.run("submit", *words[:split], *machine, str(JOB), *words[split + 1 :], **environment)
        TIMES.append((f"submit, {' '.join(words[:split])[-60:]}", done.seconds))
        return done

    def check(self, result: dict[str, Any]) -> None:
        """Every executor ran this build's environment in its own container."""
        manifest = json.loads((self.built / "hello.launcher.json").read_text())
        assert result["good"] is True and result["executors"], result
        for row in result["executors"]:
            assert row["env_id"] == manifest["env_id"]
            assert row["prefix"].startswith(row["cwd"] + "/") or "/filecache/" in row["prefix"], row


@pytest.fixture
def targets(tmp_path: Path) -> Targets:
    """Return the built targets."""
    names = ("deploy", "deploy.plan", "submit")
    subprocess.run([ROOT / "bazelw", "build", *(f"//examples/hello:hello_{n}" for n in names)], cwd=ROOT, check=True)
    done = subprocess.run([ROOT / "bazelw", "info", "bazel-bin"], cwd=ROOT, check=True, stdout=-1, text=True)
    return Targets(Path(done.stdout.strip()) / "examples/hello", tmp_path)


def test_a_job_on_local_cluster_with_an_archive_in_a_folder(targets: Targets, tmp_path: Path) -> None:
    """It is uploaded under its digest and unpacked by the executors; the driver runs a copy of its own."""
    words = ("--to", "deployed", "--combination", "local-cluster")
    dry = targets.run("submit", "--dry-run", *words, "job.py")
    assert not (tmp_path / "deployed").exists()
    done = targets.submit(*words)
    assert done.code == 0, done.output[-6000:]
    targets.check(done.result())
    (archive,) = (tmp_path / "deployed").glob("hello.venv-*.tar.gz")
    assert f"spark.archives={archive.as_uri()}#pyenv" in shlex.split(dry.printed)
    assert Path(done.result()["driver"]["prefix"]).is_relative_to(tmp_path / "cache")


def test_deploy_and_submit_on_yarn_with_hdfs(
    targets: Targets, hdfs: Command, cluster: HadoopCluster, tmp_path: Path
) -> None:
    """The targets bring hdfs-native; renderings name where the archive lies; a second look sends nothing."""
    place, conf = hdfs.below(tmp_path.name), {"HADOOP_CONF_DIR": str(cluster.conf)}
    plan = targets.run("deploy.plan", "--to", place.to, "--json", **conf)
    assert [row["action"] for row in json.loads(plan.printed)["files"]] == ["upload", "upload"], plan.output
    done = targets.run("deploy", "--to", place.to, "--channel", "stable", "--render", "launch", **conf)
    assert done.code == 0, done.output
    answer = f"{cluster.hdfs}/answers/{tmp_path.name}"
    done = targets.submit("--to", place.to, "--", answer, **conf)
    assert done.code == 0, done.output[-3000:] + cluster.container_logs(done.application)
    assert "present: equal size and recorded checksum" in done.logged
    targets.check(json.loads(cluster.fs("-cat", f"{answer}/part-*")))
    lines = (tmp_path / "launch/venv/yarn-cluster/spark-submit.args").read_text().splitlines()
    assert shlex.join(lines) in done.logged
    shown = targets.run("deploy", "channel", "stable", "--to", place.to, "--json", **conf)
    pointed = {json.loads(line)["target"]["uri"] for line in shown.printed.splitlines()}
    assert len(pointed) == 2, shown.output
    assert pointed <= {f"{place.to}/{stat.path}" for stat in place.store().list("")}
    kept = targets.run("deploy", "gc", "--to", place.to, "--keep", "0", "--older-than", "0s", "--json", **conf)
    assert json.loads(kept.printed)["removed"] == []


def test_the_targets_bring_the_client_of_object_stores(targets: Targets, s3: Command, tmp_path: Path) -> None:
    """And the metadata beside the archive names the lock."""
    place = s3.below(tmp_path.name)
    done = targets.run("deploy", "--to", place.to, "--json", **place.environment)
    assert done.code == 0, done.output
    receipts = [json.loads(line) for line in done.printed.splitlines()]
    assert [receipt["action"] for receipt in receipts] == ["upload", "upload"]
    beside = json.loads(place.store().read(f"{receipts[0]['file']}.json").data)
    lock = subprocess.run(["sha256sum", ROOT / "examples/hello/hello.lock.json"], check=True, stdout=-1, text=True)
    assert beside["lock"] == lock.stdout.split()[0]
