"""Deploys to an HDFS that asks for Kerberos tickets: NameNode, DataNode and MIT's centre are real."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.deploying import Artifact, Command, check_whole, make_artifact
from support.hadoop.kerberos import REALM, is_installed
from support.hadoop.secure import SecureHdfs, secure_hdfs

FOLDER = "/envs"
HADOOP = "3.4.2"

pytestmark = pytest.mark.skipif(not is_installed(), reason="no krb5kdc on this machine (Debian: krb5-kdc)")


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureHdfs]:
    """Give a file system with a folder that one user may write."""
    with secure_hdfs(tmp_path_factory.mktemp("secure"), HADOOP) as found:
        found.give(FOLDER)
        yield found


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    """Return an artifact of some blocks' packets."""
    return make_artifact(tmp_path, b"kerberos" * 100_000)


def place(secure: SecureHdfs, told: dict[str, str], folder: str = FOLDER) -> Command:
    """Return the commands of deploy for a client that has been told this much."""
    return Command(f"{secure.uri}{folder}", told)


def refused(command: Command, artifact: Artifact) -> str:
    """Return what is said of a deploy that fails; whatever is tried again would take longer."""
    started = time.monotonic()
    said: str = command.run("upload", *artifact.words, code=2)
    assert time.monotonic() - started < 60, said
    assert "where:" in said and "fix:" in said and "Traceback" not in said, said
    return said


def test_a_ticket_of_the_cache_is_enough(
    secure: SecureHdfs, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upload, reading back, receipt, channel and a second deploy, as the user whom the ticket names."""
    told = secure.ticket()
    command = place(secure, told)
    receipt = command.upload(artifact, "--channel", "stable")
    assert receipt["uri"] == f"{secure.uri}{FOLDER}/{artifact.file}"
    assert command.upload(artifact)["action"] == "skip"
    assert command.channel("stable")["target"]["sha256"] == artifact.sha256
    assert secure.owner(f"{FOLDER}/{artifact.file}") == secure.user
    for name, value in told.items():
        monkeypatch.setenv(name, value)  # the library looks while it reads
    check_whole(command)


def test_without_a_ticket_nothing_is_sent(secure: SecureHdfs, artifact: Artifact) -> None:
    """An empty cache is told at once, with the command that fetches a ticket."""
    said = refused(place(secure, secure.client(secure.centre.environment())), artifact)
    assert "kinit" in said, said


def test_an_expired_ticket_is_told_at_once(secure: SecureHdfs, artifact: Artifact) -> None:
    """A ticket whose life is over is none."""
    told = secure.ticket(life="2s")
    time.sleep(5)
    said = refused(place(secure, told), artifact)
    assert "kinit" in said, said


def test_a_ticket_gives_no_right_to_write(secure: SecureHdfs, artifact: Artifact) -> None:
    """A folder of somebody else is refused by the NameNode, by the user's name."""
    said = refused(place(secure, secure.ticket(), "/of_the_namenode"), artifact)
    assert f"user={secure.user}" in said and REALM not in said, said
