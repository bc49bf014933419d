"""A job is submitted with exactly what the manifest says, and with what lies where it says."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from deploy.manifests import SETTING, launch, manifest, write
from deploy.test_local import artifact

from python_env.__main__ import main
from python_env.base.documents import sha256_hex
from python_env.base.errors import ToolError
from python_env.deploy.driver import unpack
from python_env.deploy.submission import choose_launch, master_of, submission
from python_env.launcher.manifest.model import Manifest, parse_manifest

TOOLS = Path(main.__code__.co_filename).parents[1]
CLUSTER = launch("venv", "yarn-cluster", {"spark.yarn.dist.archives": "{uri}#pyenv"})
CLIENT = launch(
    "venv",
    "standalone-client",
    {"spark.archives": "{uri}#pyenv", "spark.pyspark.driver.python": "{driver_python}"},
    master="spark://{master}",
)
SPLIT = launch(
    "venv", "local-cluster", {"a": "{uri},{code_uri}", "b": "{driver_python}"}, master="local-cluster[2,1,9]"
)
SPLIT["env"] = {"PYTHONPATH": {"value": "{driver_code}", **SETTING}, "PYSPARK_PYTHON": {"value": "x", **SETTING}}


def parsed(*launches: dict[str, Any]) -> Manifest:
    """Return a manifest of these launches."""
    return parse_manifest(json.dumps(manifest(*launches)).encode(), where="x")


def chosen(*launches: dict[str, Any], kind: str = "", combination: str = "") -> str:
    """Return kind and combination of what is chosen."""
    found = choose_launch(parsed(*launches), kind=kind, combination=combination, where="x")
    return f"{found.artifact} {found.combination.value}"


def test_the_venv_by_yarn_cluster_is_usual_and_the_only_launch_needs_no_name() -> None:
    """What a person says wins."""
    pex = launch("pex", "yarn-client", {})
    assert chosen(CLUSTER, CLIENT, pex) == "venv yarn-cluster"
    assert chosen(CLIENT, pex) == "venv standalone-client"
    assert chosen(CLUSTER, CLIENT, pex, kind="pex") == "pex yarn-client"
    assert chosen(CLUSTER, CLIENT, combination="standalone-client") == "venv standalone-client"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"combination": "standalone-cluster"}, "spark-submit refuses it"),
        ({"combination": "kubernetes-client"}, "one of standalone-client, yarn-cluster"),
        ({"kind": "pex"}, "name another --kind"),
    ],
)
def test_what_is_refused_or_not_there_is_told_with_what_is(words: Mapping[str, str], said: str) -> None:
    """A refusal has its reason."""
    with pytest.raises(ToolError, match=said):
        chosen(CLUSTER, CLIENT, **words)


def test_spark_connect_is_not_submitted() -> None:
    """Its client is a Python of its own."""
    with pytest.raises(ToolError, match=r"connect\.py"):
        chosen(launch("venv", "connect", {}))


def test_the_options_are_the_manifests_and_the_jobs_words_stand_behind() -> None:
    """In the manifest's order of keys, and nothing else."""
    found = submission(parsed(CLUSTER).launches[0], {"uri": "hdfs:///a"}, program="s", words=["job.py", "--x"])
    options = ["--master", "yarn", "--deploy-mode", "cluster", "--conf", "spark.yarn.dist.archives=hdfs:///a#pyenv"]
    assert found.words == ["s", *options, "job.py", "--x"]


def test_all_that_is_not_known_is_told_at_once() -> None:
    """Each with its remedy."""
    with pytest.raises(ToolError) as error:
        submission(parsed(CLIENT).launches[0], {"uri": "u"}, program="s", words=["job.py"])
    assert [fault.fix.partition(" ")[2].partition(" ")[0].strip(",") for fault in error.value.faults] == [
        "--driver-python",
        "--master",
    ]


@pytest.mark.parametrize("said", ["h:7077", "spark://h:7077"])
def test_a_master_is_read_with_and_without_its_scheme(said: str) -> None:
    """As people write it."""
    assert master_of(parsed(CLIENT).launches[0], said) == "h:7077"


def test_a_master_for_a_launch_that_has_one_is_refused() -> None:
    """It would do nothing."""
    with pytest.raises(ToolError, match="has its master already: yarn"):
        master_of(parsed(CLUSTER).launches[0], "h:1")


def test_the_search_path_is_pasted_and_set_before_the_submitters_own(tmp_path: Path) -> None:
    """A shell that runs the text has what the process would have."""
    values = {"uri": "u", "code_uri": "c", "driver_python": "p", "driver_code": "/my code"}
    found = submission(parsed(SPLIT).launches[0], values, program="printenv", words=["PYTHONPATH"])
    assert found.environment({"PYTHONPATH": "/own"})["PYTHONPATH"] == "/my code:/own"
    line = found.text().replace(shlex.join(found.words[1:-1]), "")
    done = subprocess.run(["sh", "-c", line], env={"PYTHONPATH": "/own", "PATH": os.environ["PATH"]}, stdout=-1)
    assert done.stdout.decode().strip() == "/my code:/own"


def tarball(files: Mapping[str, bytes]) -> bytes:
    """Return a tar.gz."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as file:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            file.addfile(entry, io.BytesIO(data))
    return raw.getvalue()


class Target:
    """A `:<name>_submit` target of one venv, and a spark-submit that prints what it gets."""

    def __init__(self, folder: Path, *launches: dict[str, Any], data: bytes | None = None) -> None:
        self.folder = folder
        self.to = folder / "to"
        own = artifact(folder / "a", data or tarball({"bin/python": b"#!/bin/sh\n"}))
        digest = sha256_hex((folder / "a/a.json").read_bytes())
        self.words = [*own, *write(folder / "l", manifest(*launches, venv=digest), {})[:2], "--to", str(self.to)]
        home = folder / "spark"
        (home / "bin").mkdir(parents=True)
        program = home / "bin/spark-submit"
        program.write_text('#!/bin/sh\npwd\nprintf "%s\\n" "$@"\nexit 7\n')
        program.chmod(0o755)
        self.environment = {
            "BUILD_WORKING_DIRECTORY": str(folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(TOOLS), *sys.path]),
            "SPARK_HOME": str(home),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command."""
        command = [sys.executable, "-m", "python_env", "deploy", "submit", *self.words, *words]
        return subprocess.run(
            command, env={**self.environment, **environment}, text=True, capture_output=True, check=False
        )


def test_it_uploads_and_becomes_spark_submit_in_the_persons_folder(tmp_path: Path) -> None:
    """Its exit code is spark-submit's; options of spark-submit may stand before the job."""
    target = Target(tmp_path, CLUSTER, CLIENT)
    done = target.run("--num-executors", "4", "job.py", "--dry-run")
    assert done.returncode == 7, done.stderr
    lines = done.stdout.splitlines()
    (archive,) = target.to.glob("*.tar.gz")
    conf = f"spark.yarn.dist.archives={archive.as_uri()}#pyenv"
    options = ["--master", "yarn", "--deploy-mode", "cluster", "--conf", conf]
    assert lines == [str(tmp_path), *options, "--num-executors", "4", "job.py", "--dry-run"]


def test_a_dry_run_prints_what_can_be_pasted_and_sends_nothing(tmp_path: Path) -> None:
    """The same words as the real run's."""
    target = Target(tmp_path, CLUSTER)
    dry = target.run("--dry-run", "job.py", "a b")
    assert not target.to.exists()
    assert "there is no file of that name" in dry.stderr
    pasted = subprocess.run(["sh", "-c", dry.stdout], cwd=tmp_path, text=True, stdout=subprocess.PIPE, check=False)
    assert pasted.stdout == target.run("job.py", "a b").stdout


def test_a_driver_on_this_machine_gets_a_copy_of_the_venv(tmp_path: Path) -> None:
    """Unpacked once, named by the digest."""
    target = Target(tmp_path, CLUSTER, CLIENT)
    words = ("--combination", "standalone-client", "--master", "spark://h:7077", "job.py")
    for _ in range(2):
        done = target.run(*words)
        assert "spark://h:7077" in done.stdout, done.stderr
    (python,) = (tmp_path / "cache").glob("rules_python_env/drivers/*/bin/python")
    assert f"spark.pyspark.driver.python={python}" in done.stdout
    assert os.access(python, os.X_OK)
    assert [path.name for path in python.parents[2].iterdir()] == [python.parents[1].name]


def test_a_driver_runs_what_was_deployed_or_nothing(tmp_path: Path) -> None:
    """A file of the same name and size is present there, so that the upload reads nothing: the copy does."""
    target = Target(tmp_path, CLUSTER, CLIENT)
    assert target.run("job.py").returncode == 7
    archive = Path(target.words[target.words.index("--artifact") + 1])
    data = archive.read_bytes()
    archive.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    done = target.run("--combination", "standalone-client", "--master", "spark://h:7077", "job.py")
    assert (done.returncode, "its report says" in done.stderr) == (2, True), done.stderr
    assert not list((tmp_path / "cache").rglob("python"))


def test_everything_that_is_missing_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    """No master; no Spark; a manifest of another build."""
    target = Target(tmp_path, CLIENT)
    assert "add --master" in target.run("job.py").stderr
    done = target.run("--master", "h:1", "job.py", SPARK_HOME=str(tmp_path / "nowhere"))
    assert (done.returncode, "there is no spark-submit" in done.stderr) == (2, True)
    (tmp_path / "l/training.launcher.json").write_text(json.dumps(manifest(CLIENT, venv="0" * 64)))
    assert "another venv" in target.run("--master", "h:1", "job.py").stderr
    assert not target.to.exists()
    assert not (tmp_path / "cache").exists()


def test_a_zip_keeps_the_right_to_execute(tmp_path: Path) -> None:
    """Python's own zipfile drops it."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        entry = zipfile.ZipInfo("bin/python")
        entry.external_attr = 0o100755 << 16
        file.writestr(entry, b"#!/bin/sh\n")
    unpack(path, tmp_path / "out")
    assert os.access(tmp_path / "out/bin/python", os.X_OK)


def test_an_archive_that_cannot_be_unpacked_leaves_nothing(tmp_path: Path) -> None:
    """A half copy would be taken for a whole one; what is wrong is told in three parts."""
    path = tmp_path / "a.tar.gz"
    path.write_bytes(tarball({"a": b"1" * 100_000})[:100])
    with pytest.raises(ToolError, match=r"a\.tar\.gz cannot be unpacked"):
        unpack(path, tmp_path / "cache/out")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/../../out"])
def test_a_copy_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    """CPython 3.11.2 alone would write wherever a member says."""
    path = tmp_path / "a.tar.gz"
    path.write_bytes(tarball({"b": b"1", name: b"2"}))
    with pytest.raises(ToolError, match="a member leaves the archive"):
        unpack(path, tmp_path / "cache/out")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told_with_a_remedy(tmp_path: Path) -> None:
    """Such as a home that is a file, or read-only."""
    path = tmp_path / "a.tar.gz"
    path.write_bytes(tarball({"a": b"1"}))
    with pytest.raises(ToolError, match="set XDG_CACHE_HOME"):
        unpack(path, path / "cache/out")
