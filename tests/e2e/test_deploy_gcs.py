"""Google Cloud Storage, as far as this machine can prove it.

The tests of test_deploy_faults run at our own server of its XML API, too (`place`). Here is what that server must do
for them to mean something, and what another's, fake-gcs-server, can answer: it takes none of the XML API's writes.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.deploying import Command, at_google, make_artifact
from support.gcs_xml import Bucket, gcs_server
from support.hadoop.cluster import free_ports

pytest.importorskip("obstore")


@pytest.fixture
def google(tmp_path: Path) -> Iterator[tuple[Command, Bucket]]:
    """Give deploys to a bucket of a server of our own, and what it holds."""
    with gcs_server() as (url, bucket):
        yield at_google(url, tmp_path), bucket


def test_a_deploy_sends_its_parts_copies_on_condition_and_pages_its_lists(
    google: tuple[Command, Bucket], tmp_path: Path
) -> None:
    """Whole under its name by a copy in the service; a second deploy sends nothing; gc reads all pages."""
    place, bucket = google
    artifacts = [make_artifact(tmp_path / str(number), bytes([number]) * 9_000_000) for number in range(4)]
    assert [place.upload(each, "--channel", "stable")["action"] for each in artifacts] == ["upload"] * 4
    assert place.upload(artifacts[0])["action"] == "skip"
    assert bucket.objects[f"bucket/envs/{artifacts[3].file}"].data == artifacts[3].path.read_bytes()
    sent = [each.partition("partNumber=")[2][:1] for each in bucket.requests if "partNumber" in each]
    assert sorted(sent) == ["1"] * 4 + ["2"] * 4
    assert place.channel("stable", "--rollback")["target"]["sha256"] == artifacts[2].sha256
    assert set(place.run("gc", "--keep", "0", "--older-than", "0s")["kept"]) == {each.file for each in artifacts}
    assert any("continuation-token" in each for each in bucket.requests)


def test_writes_on_condition_are_refused_and_told_apart(google: tuple[Command, Bucket], tmp_path: Path) -> None:
    """`x-goog-if-generation-match`: 0 for what must be new, else the generation that was read."""
    from python_env.deploy.stores.protocol import AlreadyThere, Changed

    store = google[0].store()
    store.create("a.json", b"1")
    with pytest.raises(AlreadyThere):
        store.create("a.json", b"2")
    read = store.read("a.json")
    store.replace("a.json", b"3", read.version)
    with pytest.raises(Changed):
        store.replace("a.json", b"4", read.version)
    (tmp_path / "b").write_bytes(b"5")
    store.put(tmp_path / "b", ".b.part", lambda _count: None)
    with pytest.raises(AlreadyThere):
        store.publish(".b.part", "a.json", tmp_path / "b")
    assert store.read("a.json").data == b"3"


@pytest.fixture
def fake_gcs() -> Iterator[str]:
    """Give the URL of a fake-gcs-server with a bucket; FAKE_GCS_SERVER names the program."""
    program = os.environ.get("FAKE_GCS_SERVER")
    if not program:
        pytest.skip("FAKE_GCS_SERVER: go install github.com/fsouza/fake-gcs-server@v1.56.1")
    port = free_ports(1)[0]
    where = ["-host", "127.0.0.1", "-port", str(port), "-public-host", "127.0.0.1"]
    server = subprocess.Popen([program, "-scheme", "http", "-backend", "memory", *where], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        post(f"{url}/storage/v1/b?project=p", json.dumps({"name": "bucket"}).encode())
        yield url
    finally:
        server.kill()
        server.wait()


def post(url: str, data: bytes) -> None:
    """Send to Google's JSON API, and wait for a server that has just been started."""
    end = time.monotonic() + 30
    while True:
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request).close()
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert time.monotonic() < end, "the server did not come up"
            time.sleep(0.1)


def test_what_lies_at_fake_gcs_server_is_read(fake_gcs: str, tmp_path: Path) -> None:
    """Plans, channels and gc's plan read what came there by the JSON API; a deploy fails, and leaves nothing."""
    artifact, folder = make_artifact(tmp_path / "a", b"any"), tmp_path / "to"
    assert Command(str(folder)).upload(artifact, "--channel", "stable")["action"] == "upload"
    for path in (path for path in folder.rglob("*") if path.is_file()):
        name = urllib.parse.quote(f"envs/{path.relative_to(folder).as_posix()}", safe="")
        post(f"{fake_gcs}/upload/storage/v1/b/bucket/o?uploadType=media&name={name}", path.read_bytes())
    place = at_google(fake_gcs, tmp_path)
    assert [row["action"] for row in place.upload(artifact, "--dry-run")["files"]] == ["skip"]
    assert place.channel("stable")["target"]["uri"] == f"gs://bucket/envs/{artifact.file}"
    kept = place.run("gc", "--keep", "0", "--older-than", "0s", "--dry-run")["kept"]
    assert kept == {artifact.file: "the channel stable points at it"}
    other = make_artifact(tmp_path / "b", b"other")
    assert "invalid uploadType" in place.run("upload", *other.words, "--attempts", "1", code=2)
    assert other.file not in [stat.path for stat in place.store().list("")]
