"""What a deploy survives, and what it refuses, on a real HDFS, a real S3 server and a real file system.

The table of docs/deploy.md names these tests.
"""

from __future__ import annotations

import random
import re
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.deploying import Artifact, Command, check_whole, make_artifact
from support.flaky_proxy import flaky_proxy
from support.hadoop.cluster import HadoopCluster

pytest.importorskip("hdfs_native")
pytest.importorskip("obstore")

KILLS = 20
SKEW = 400 * 86400
"""Seconds that a machine's clock is wrong."""


def parts(place: Command) -> list[str]:
    """Return the temporary files that are there."""
    return [stat.path for stat in place.store().list("") if stat.path.endswith(".part")]


def deployed_after(place: Command, artifact: Artifact) -> None:
    """Deploy to a channel, and check what another client sees."""
    place.upload(artifact, "--channel", "stable")
    assert place.channel("stable")["target"]["sha256"] == artifact.sha256
    check_whole(place)


def test_kills_at_random_moments(place: Command, tmp_path: Path) -> None:
    """Nothing that is visible is a part, and the next run finishes; most kills are while the run works."""
    chance, killed = random.Random(1), 0
    deployed_after(place, make_artifact(tmp_path, b"first"))
    started = time.monotonic()
    deployed_after(place, make_artifact(tmp_path, bytes(20_000_000)))
    usual = (time.monotonic() - started) / 2
    for number in range(KILLS):
        artifact = make_artifact(tmp_path, bytes([number + 1]) * 20_000_000)
        process = place.start("upload", *artifact.words, "--channel", "stable")
        time.sleep(usual * chance.uniform(0.3, 1.1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode == -signal.SIGKILL:
            killed += 1
        else:
            usual *= 0.8  # the machine has less to do than when that was measured
        check_whole(place)
    deployed_after(place, artifact)
    assert killed >= KILLS // 2, "the runs ended before they were killed"


def test_other_bytes_under_the_name_are_refused(place: Command, tmp_path: Path) -> None:
    """Named, exit code 2, and what is there stays."""
    artifact = make_artifact(tmp_path / "a", b"ours")
    store = place.store()
    store.create(artifact.file, b"them")
    said = place.run("upload", *artifact.words, code=2)
    assert artifact.file in said
    assert "another file" in said
    assert store.read(artifact.file).data == b"them"
    assert [stat.path for stat in store.list("")] == [artifact.file]


def test_four_deploys_at_once_into_one_channel(place: Command, tmp_path: Path) -> None:
    """Two of one artifact, two of others: all succeed, and no move is lost."""
    artifacts = [make_artifact(tmp_path / str(number), bytes([number]) * 2_000_000) for number in range(3)]
    running = [
        place.start("upload", *artifact.words, "--channel", "stable", "--attempts", "20")
        for artifact in (*artifacts, artifacts[0])
    ]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said
    check_whole(place)
    moved = {move["sha256"] for move in place.channel("stable")["history"]}
    assert moved == {artifact.sha256 for artifact in artifacts}


@contextmanager
def in_mid_upload(place: Command, artifact: Artifact) -> Iterator[subprocess.Popen[str]]:
    """Start a deploy and give it when its temporary file is there; at the end it has succeeded."""
    process = place.start("upload", *artifact.words, "--channel", "stable", "--attempts", "12")
    while not parts(place):
        assert process.poll() is None, "it ended before its upload was seen"
    yield process
    try:
        _, said = process.communicate(timeout=180)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        pytest.fail("it hangs")
    assert process.returncode == 0, said
    check_whole(place)


@pytest.mark.parametrize("daemon", ["dn", "nn"])
def test_a_daemon_that_is_killed_in_mid_upload(
    hdfs: Command, cluster: HadoopCluster, tmp_path: Path, daemon: str
) -> None:
    """The only DataNode, or the NameNode, comes back three seconds later; the same run finishes, by hdfs-native's tries
    or by ours.
    """
    place = hdfs.below(tmp_path.name)
    with in_mid_upload(place, make_artifact(tmp_path / "a", bytes(150_000_000))) as process:
        node = cluster.processes[daemon]
        node.kill()
        node.wait()
        time.sleep(3)
        assert process.poll() is None, "it was stopped too late: the test is blind"
        cluster._launch(daemon)
        cluster._wait("HDFS", cluster._hdfs_ready)


def test_a_datanode_that_says_nothing_for_a_while(hdfs: Command, cluster: HadoopCluster, tmp_path: Path) -> None:
    """It is stopped, not killed: no connection is reset, nothing answers."""
    place = hdfs.below(tmp_path.name)
    with in_mid_upload(place, make_artifact(tmp_path / "a", bytes(150_000_000))):
        node = cluster.processes["dn"]
        node.send_signal(signal.SIGSTOP)
        time.sleep(5)
        node.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("verdict", ["503", "reset", "lost", "hang"])
def test_faults_of_the_service_are_survived(s3: Command, tmp_path: Path, verdict: str) -> None:
    """Some requests fail: before the service did them, or after, and it could not say so; or nothing is said."""
    artifact = make_artifact(tmp_path / "a", bytes(3_000_000))
    target = s3.environment["AWS_ENDPOINT_URL"].removeprefix("http://")
    each = 5 if verdict == "hang" else 3
    with flaky_proxy(target, lambda number: verdict if number % each == 0 else "pass") as url:
        flaky = s3.below(verdict, AWS_ENDPOINT_URL=url, AWS_TIMEOUT="2s")
        assert flaky.upload(artifact, "--channel", "stable", "--attempts", "12")["channels"] == ["stable"]
    direct = s3.below(verdict)
    check_whole(direct)
    assert len(direct.channel("stable")["history"]) == 1


@pytest.mark.parametrize(
    ("verdict", "remedy"),
    [("expired", "renew the credentials"), ("denied", "renew the credentials"), ("skewed", "clock"), ("full", "room")],
)
def test_what_does_not_pass_is_told_at_once(s3: Command, tmp_path: Path, verdict: str, remedy: str) -> None:
    """Exit code 2, the remedy, nothing written, and no secret said."""
    artifact = make_artifact(tmp_path / "a", b"x")
    target = s3.environment["AWS_ENDPOINT_URL"].removeprefix("http://")
    with flaky_proxy(target, lambda _number: verdict) as url:
        said = s3.below(verdict, AWS_ENDPOINT_URL=url).run("upload", *artifact.words, code=2)
    assert remedy in said
    assert "trying again" not in said
    assert "hidden-secret" not in said
    assert s3.below(verdict).store().list("") == []


def test_a_quota_of_hdfs_is_told_at_once(hdfs: Command, cluster: HadoopCluster, tmp_path: Path) -> None:
    """The disk is full for this folder: nothing stays, and the next run finishes when there is room."""
    artifact, place = make_artifact(tmp_path / "a", bytes(3_000_000)), hdfs.below(tmp_path.name)
    folder = place.to.removeprefix(cluster.hdfs)
    cluster.fs("-mkdir", "-p", folder)
    admin(cluster, "-setSpaceQuota", "1m", folder)
    said = place.run("upload", *artifact.words, code=2)
    assert "make room" in said
    assert "trying again" not in said
    assert place.store().list("") == []
    admin(cluster, "-clrSpaceQuota", folder)
    deployed_after(place, artifact)


def admin(cluster: HadoopCluster, *words: str) -> None:
    """Run an administrator's command of HDFS."""
    command = cluster.command("org.apache.hadoop.hdfs.tools.DFSAdmin", *words)
    subprocess.run(command, env=cluster.environment(), check=True, capture_output=True)


def test_no_permission_on_hdfs_is_told_at_once(hdfs: Command, cluster: HadoopCluster, tmp_path: Path) -> None:
    """Another user's folder: named, with the remedy."""
    artifact, place = make_artifact(tmp_path / "a", b"x"), hdfs.below(f"{tmp_path.name}/closed")
    folder = place.to.removeprefix(cluster.hdfs)
    cluster.fs("-mkdir", "-p", folder)
    cluster.fs("-chmod", "755", folder)
    other = hdfs.below(f"{tmp_path.name}/closed", HADOOP_USER_NAME="somebody")
    said = other.run("upload", *artifact.words, code=2)
    assert "Permission denied" in said
    assert "ask for write permission" in said
    assert "trying again" not in said
    assert place.store().list("") == []


@pytest.mark.parametrize("how", ["disk", "limit"])
def test_a_full_disk_is_told_at_once(tmp_path: Path, how: str) -> None:
    """A file system of 2 MiB, or the system's limit of a file's size: no part stays; the next run finishes."""
    artifact, place = make_artifact(tmp_path / "a", bytes(3_000_000)), Command(str(tmp_path / "to"))
    (tmp_path / "to").mkdir()
    with small_disk(tmp_path / "to") if how == "disk" else small_files():
        said = place.run("upload", *artifact.words, code=2)
        assert "make room" in said
        assert "trying again" not in said
        assert [path.name for path in (tmp_path / "to").iterdir()] == []
    deployed_after(place, artifact)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a file system of 2 MiB; the test is skipped where nobody may."""
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def small_files() -> Iterator[None]:
    """Limit the size of the files that this process's children write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_partial_file_of_an_earlier_run_is_never_in_the_way(place: Command, tmp_path: Path) -> None:
    """A young one stays, since its run may live; a collection removes it when it is old."""
    artifact = make_artifact(tmp_path / "a", b"whole")
    part = f".{artifact.file}.0123456789ab.part"
    place.store().create(part, b"wh")
    deployed_after(place, artifact)
    assert parts(place) == [part]
    assert place.run("gc", "--older-than", "0s")["partial"] == [part]
    assert parts(place) == []


def test_a_wrong_clock_of_a_machine_removes_nothing(place: Command, tmp_path: Path) -> None:
    """It deploys and collects 400 days ahead: what is young by the store's clock stays."""
    folder = tmp_path / "clock"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(f"import time\n_now = time.time\ntime.time = lambda: _now() + {SKEW}\n")
    skewed = Command(place.to, {**place.environment, "PYTHONPATH": str(folder)})
    artifacts = [make_artifact(tmp_path / str(number), bytes([number])) for number in range(3)]
    for artifact in artifacts:
        skewed.upload(artifact)
    collected = skewed.run("gc", "--keep", "0", "--older-than", "30d")
    assert (collected["removed"], collected["partial"]) == ([], [])
    assert {stat.path for stat in place.store().list("") if stat.path.endswith("gz")} == {a.file for a in artifacts}


def test_the_page_names_every_test_of_this_file() -> None:
    """And no other of the table's names is unknown."""
    page = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    here = {name for name in globals() if name.startswith("test_")} - {"test_the_page_names_every_test_of_this_file"}
    others = [Path(__file__).parents[1] / "tools/deploy/test_local.py", Path(__file__).with_name("test_deploy_gcs.py")]
    text = "".join(path.read_text() for path in others)
    assert here <= named
    assert [name for name in named - here if f"def {name}(" not in text] == []
