"""What others wrote into the folder, the variables and the command line: nothing of it leads elsewhere or is told."""

from __future__ import annotations

import getpass
import json
import os
from pathlib import Path
from typing import Any

import pytest
from deploy.helpers import Client, metadata, source

from python_env.base.caches import cache_folder
from python_env.base.errors import ToolError
from python_env.deploy import edge, submit_cli
from python_env.deploy.documents.channel import parse_channel
from python_env.deploy.documents.metadata import parse_metadata, render_metadata
from python_env.deploy.documents.receipt import parse_receipt_file
from python_env.deploy.names import MARKER, deployed_name
from python_env.deploy.stores.local import LocalStore
from python_env.deploy.stores.protocol import Full, StoreFault
from python_env.deploy.submission import Submission
from python_env.deploy.target_cli import command_of
from python_env.deploy.uri import parse_place
from python_env.launcher.manifest.model import parse_manifest


@pytest.mark.parametrize(
    "text",
    [
        "s3://KEY:se/cret@bucket/x",
        "s3://KEY:secret",
        "s3://a b:secret@b",
        "s3://u:secret'x@b/p",
        "s3://b/x?sig=secret",
        "s3://u:secret\u2100@b/x",
        "https://account/c?sig=secret",
        "abfss://c@a/x?sig=secret",
    ],
)
def test_a_secret_is_not_repeated_however_it_is_spelled(text: str) -> None:
    """A key may hold a slash, a password a space, and a query a signature."""
    with pytest.raises(ToolError) as error:
        parse_place(text)
    assert "cret" not in error.value.render()


@pytest.mark.parametrize(
    "text",
    [
        "hdfs://[::1",
        "hdfs://h:x/y",
        "hdfs://h:99999999/x",
        "~no-such-user/x",
        "file:///%00/x",
        "file:///a%0ab",
        "s3:/bucket/x",
        "hdfs:/x",
        "file:x",
    ],
)
def test_what_is_no_place_is_said_in_three_parts(text: str) -> None:
    """A scheme without // is no folder of this machine."""
    with pytest.raises(ToolError):
        parse_place(text)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/b", "", ".."])
def test_a_document_names_no_file_elsewhere(name: str) -> None:
    """A rollback would read it, write a receipt beside it, and point a channel at it."""
    target = {"file": name, "sha256": "s", "uri": "u"}
    channel = {"channel": "c", "history": [], "kind": "channel", "original": "a", "platform": "p", "schema": 1}
    documents: list[tuple[Any, dict[str, Any]]] = [
        (parse_metadata, {**json.loads(render_metadata(metadata(b"1"))), "file": name}),
        (parse_receipt_file, {"kind": "receipt", "schema": 1, "file": name}),
        (parse_channel, {**channel, "target": target, "previous": []}),
        (parse_channel, {**channel, "target": {**target, "file": "a"}, "previous": [target]}),
    ]
    for parse, document in documents:
        with pytest.raises(ToolError, match="no file of this folder"):
            parse(json.dumps(document).encode(), where="x")


@pytest.mark.parametrize("sha256", ["", "../../../x", "A" * 64])
def test_a_digest_is_one_before_it_enters_a_name(sha256: str) -> None:
    """A report with another would be deployed into another folder."""
    with pytest.raises(ToolError, match="no SHA-256"):
        deployed_name("a.pex", sha256)


def test_files_that_look_like_ours_stay(tmp_path: Path) -> None:
    """Without metadata of its own no file was deployed by us; a part of another program is not ours, either."""
    client = Client(LocalStore(tmp_path / "to"))
    client.upload(source(tmp_path, b"1"))
    others = [f"backup-{'0' * 16}.tar.gz", f"photos-{'1' * 16}.zip", ".movie.abcdef.part"]
    for name in others:
        (tmp_path / "to" / name).write_text("x")
    beside = tmp_path / "to" / f"{others[1]}.json"
    beside.write_bytes(render_metadata(metadata(b"2")))
    found = client.collect()
    assert [stat.path for stat in found.removed] == [metadata(b"1").file]
    assert not found.partial
    assert all((tmp_path / "to" / name).exists() for name in others)


@pytest.mark.parametrize("kind", ["text", "pipe"])
def test_a_collection_that_cannot_read_leaves_no_marker(tmp_path: Path, kind: str) -> None:
    """The next one would say that another is at work; a pipe would be waited for."""
    client = Client(LocalStore(tmp_path))
    client.deploy(source(tmp_path, b"1"), "stable")
    path = tmp_path / "receipts" / "x.json"
    os.mkfifo(path) if kind == "pipe" else path.write_text("x")
    with pytest.raises((ToolError, StoreFault)):
        client.collect()
    assert not (tmp_path / MARKER).exists()


def test_a_disk_that_takes_a_part_gets_the_rest_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short write is no fault of the system's; half a receipt would be."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:3]))
    LocalStore(tmp_path).create("a", b"12345678")
    assert (tmp_path / "a").read_bytes() == b"12345678"

    def full(_handle: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Full):
        LocalStore(tmp_path).create("b", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_user_without_a_name_or_with_a_strange_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container knows no name; a line end would make a channel that nobody can read any more."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert edge.who().startswith(f"{os.getuid()}@")
    monkeypatch.setattr(getpass, "getuser", lambda: "a\nb\udcff")
    assert edge.who().startswith("a?b?@")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError()))
    assert cache_folder({}).name.startswith("rules_python_env")


def test_a_fault_of_this_machines_files_is_said_in_three_parts() -> None:
    """Such as an artifact that is removed while it is sent."""
    with pytest.raises(ToolError) as error, edge.faults_in_parts("/x"):
        Path("/no/such/file").read_bytes()
    assert error.value.faults[0].where == "/no/such/file"


def test_a_spark_submit_that_cannot_be_started(tmp_path: Path) -> None:
    """A file without #! is no program of this machine."""
    program = tmp_path / "spark submit"
    program.write_bytes(b"\0")
    program.chmod(0o755)
    here = Path.cwd()
    try:
        with pytest.raises(ToolError, match="cannot be started"):
            submit_cli._start(Submission(words=[str(program)], search_path=""))
    finally:
        os.chdir(here)


def test_a_launcher_manifest_of_wrong_types() -> None:
    """A text where a setting stands."""
    launch = {"artifact": "a", "combination": "c", "master": "m", "deploy_mode": "d", "conf": {"k": "v"}, "env": {}}
    texts = dict.fromkeys(("env_id", "name", "platform", "alias", "code_alias", "hadoop_version"), "x")
    lists = {"launches": [launch], "refused": [], "spark_versions": []}
    document = {**texts, **lists, "kind": "launcher", "schema": 1, "parents": {}, "profile": "own"}
    with pytest.raises(ToolError, match=r"launches\[0\]"):
        parse_manifest(json.dumps(document).encode(), where="x")


def test_a_target_without_words_of_a_person() -> None:
    """The separator may be missing."""
    assert command_of(["--to", "x"]) == ("upload", ["--to", "x"])


def test_a_jobs_secrets_are_not_logged() -> None:
    """Those words that Spark leaves out itself; `--dry-run` prints what is pasted."""
    words = ["spark-submit", "--conf", "spark.hadoop.fs.s3a.secret.key=cret", "job.py", "--password", "cret", "a=b"]
    found = Submission(words=words, search_path="")
    assert "=cret" in found.text()
    assert "cret " not in found.said().replace("secret.", "")
    assert found.said().endswith("job.py --password '***' a=b")
