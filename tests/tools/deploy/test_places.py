"""Places, names, and pauses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_env.base.errors import ToolError
from python_env.deploy.names import (
    channel_path,
    check_channel,
    deployed_name,
    parse_deployed,
    temporary_name,
    temporary_of,
)
from python_env.deploy.retry import Policy, Retry
from python_env.deploy.stores.protocol import Transient
from python_env.deploy.uri import Service, parse_place

SHA = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "service", "authority", "path", "uri"),
    [
        ("hdfs://nn:8020/a//b/", Service.HDFS, "nn:8020", "/a/b", "hdfs://nn:8020/a/b"),
        ("hdfs:///a", Service.HDFS, "", "/a", "hdfs:///a"),
        ("s3://bucket/a/b", Service.S3, "bucket", "/a/b", "s3://bucket/a/b"),
        ("s3a://bucket", Service.S3, "bucket", "/", "s3a://bucket"),
        ("gs://bucket/a", Service.GCS, "bucket", "/a", "gs://bucket/a"),
        ("abfss://c@acc.host/a", Service.AZURE, "c@acc.host", "/a", "abfss://c@acc.host/a"),
        ("/a/b/", Service.LOCAL, "", "/a/b", "file:///a/b"),
        ("file:///a%20b", Service.LOCAL, "", "/a b", "file:///a%20b"),
    ],
)
def test_a_place(text: str, service: Service, authority: str, path: str, uri: str) -> None:
    """The scheme that was given stays: clusters differ in which one they know."""
    place = parse_place(text)
    assert (place.service, place.authority, place.path, place.uri) == (service, authority, path, uri)


def test_a_relative_path_is_of_the_working_directory() -> None:
    """As every command takes it."""
    assert parse_place("out").path == (Path.cwd() / "out").as_posix()
    assert parse_place("out", start=Path("/a")).path == "/a/out"


@pytest.mark.parametrize(
    "text", ["hdfs://me:secret@nn/a", "s3://key:secret@bucket/a", "abfss://c:secret@acc/a", "s3://u@b/a"]
)
def test_a_secret_in_a_uri_is_refused_and_not_repeated(text: str) -> None:
    """It would stand in logs and receipts."""
    with pytest.raises(ToolError) as error:
        parse_place(text)
    assert "secret" not in error.value.render()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no place"),
        ("ftp://h/a", "unknown scheme 'ftp'"),
        ("s3:///a", "names no bucket"),
        ("s3://b/../a", "has '.' or '..' in its path"),
        ("hdfs://h/a?x=1", "has a query or a fragment"),
        ("gs://b/a#x", "has a query or a fragment"),
        ("file://host/a", "names the host 'host'"),
        ("a/../b", "leads out of its folder"),
        ("s3://b/a%2fb", "has a character in its path that services spell differently"),
        ("s3://b/a\nb", "is no place"),
        ("hdfs://[h/a", "is no URI"),
        ("hdfs://h/a[b]*", "has '*' in its path, which Hadoop takes for a pattern"),
        ("hdfs://h/{a}", "has '{' in its path, which Hadoop takes for a pattern"),
    ],
)
def test_what_is_no_place(text: str, words: str) -> None:
    """Each is refused with its reason and a remedy."""
    with pytest.raises(ToolError) as error:
        parse_place(text)
    fault = error.value.faults[0]
    assert words in fault.what
    assert fault.fix.startswith("name a folder")


@pytest.mark.parametrize("suffix", [".tar.gz", ".pex.zip", ".pex", ".zip"])
def test_a_name_keeps_the_suffix_that_clusters_look_at(suffix: str) -> None:
    """The digest stands before it."""
    name = deployed_name(f"training.venv{suffix}", SHA)
    assert name == f"training.venv-0123456789abcdef{suffix}"
    parsed = parse_deployed(name)
    assert parsed and parsed.original == f"training.venv{suffix}"


@pytest.mark.parametrize("file", ["training", ".tar.gz", "a b.pex", "a,b.pex", "a#b.zip", "../a.zip", "a.exe"])
def test_a_name_that_no_cluster_reads_is_refused(file: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ToolError, match="is not the name of an archive that a cluster reads"):
        deployed_name(file, SHA)


def test_a_temporary_name_is_hidden_and_says_of_what() -> None:
    """Globs and lists of Hadoop pass over names with a dot."""
    assert temporary_name("a.pex", "ab").startswith(".")
    name = deployed_name("a.pex", "0" * 64)
    assert temporary_of(temporary_name(name, "ab")) == name
    assert temporary_of(".movie.ab.part") == ""
    assert temporary_of("a.pex") == ""


def test_each_platform_has_its_own_channel() -> None:
    """Else two machines' deploys would take it from each other."""
    assert channel_path("a.pex", "p", "stable") != channel_path("a.pex", "q", "stable")


@pytest.mark.parametrize(("file", "platform"), [("../a.pex", "p"), ("a.pex", ".."), ("a.pex", ""), ("a/b.pex", "p")])
def test_a_channel_s_path_stays_below_the_place(file: str, platform: str) -> None:
    """`--file` and `--platform` are a person's words."""
    with pytest.raises(ToolError, match="is no name"):
        channel_path(file, platform, "stable")


@pytest.mark.parametrize("name", ["", "A", "../x", ".x", "a/b", "x" * 65])
def test_a_channel_that_is_no_file_name_is_refused(name: str) -> None:
    """It names a file."""
    with pytest.raises(ToolError, match="is no name of a channel"):
        check_channel(name)


@given(st.integers(1, 12), st.floats(0, 1))
def test_pauses_grow_to_a_bound_and_attempts_are_counted(attempts: int, chance: float) -> None:
    """No sleep after the last attempt; a pause lies between half its bound and its bound."""
    slept: list[float] = []
    tried: list[int] = []

    def fail() -> None:
        tried.append(1)
        raise Transient("no")

    policy = Policy(attempts=attempts, first=1, longest=8)
    with pytest.raises(Transient):
        Retry(policy=policy, sleep=slept.append, chance=lambda: chance).run(fail)
    assert (len(tried), len(slept)) == (attempts, attempts - 1)
    assert all(bound / 2 <= pause <= bound for pause, bound in zip(slept, policy.delays(), strict=True))
