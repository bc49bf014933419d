"""A collection removes what is old and named by nobody, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from deploy.helpers import Client, metadata, source
from deploy.memory import MemoryStore

from python_env.base.errors import ToolError
from python_env.deploy.collect import Rules, plan_collection
from python_env.deploy.collect_cli import parse_age
from python_env.deploy.names import temporary_name
from python_env.deploy.stores.protocol import Stat

NAMES = [metadata(bytes([number])).file for number in range(8)]


def stats() -> list[Stat]:
    """Return eight files; the first is the oldest, a day apart, the last of day 7."""
    return [Stat(path=name, size=1, modified=day * 86400.0) for day, name in enumerate(NAMES)]


def removed(keep: int, days: float, reasons: dict[str, str] | None = None) -> list[str]:
    """Return what is removed at the end of day 7."""
    rules = Rules(keep=keep, seconds=days * 86400)
    plan = plan_collection(stats(), {}, reasons or {}, rules=rules, now=7 * 86400.0)
    return [stat.path for stat in plan.removed]


def test_the_newest_stay_whatever_their_age() -> None:
    """keep = 5 leaves five."""
    assert removed(5, 0) == sorted(NAMES[:3])


def test_the_young_stay_whatever_their_number() -> None:
    """Two days: the files of days 6 and 7."""
    assert removed(0, 2) == sorted(NAMES[:6])


def test_what_is_named_stays() -> None:
    """A reason is enough."""
    assert removed(0, 2, {NAMES[0]: "a channel"}) == sorted(NAMES[1:6])


def test_each_platform_has_its_own_newest() -> None:
    """An environment that is deployed for two platforms keeps as many of each."""
    platforms = {name: "a" if number < 4 else "b" for number, name in enumerate(NAMES)}
    plan = plan_collection(stats(), platforms, {}, rules=Rules(keep=3, seconds=0), now=1e9)
    assert [stat.path for stat in plan.removed] == sorted([NAMES[0], NAMES[4]])


def test_files_of_others_are_never_removed() -> None:
    """Only names that we give, and our temporary ones."""
    part = temporary_name(NAMES[0], "ab")
    files = [Stat(path=path, size=1, modified=0) for path in ("notes.txt", "a.tar.gz", "x-123.zip", ".hidden", part)]
    plan = plan_collection(files, {}, {}, rules=Rules(keep=0, seconds=1), now=1e9)
    assert (plan.removed, [stat.path for stat in plan.partial]) == ((), [part])


def test_parts_of_documents_go_when_their_run_must_be_dead(tmp_path: Path) -> None:
    """A folder and HDFS write them below receipts/ and channels/; those of the last hour stay whatever the limit."""
    store, run = MemoryStore(), source(tmp_path, b"a")
    Client(store).deploy(run, "stable")
    channel = next(path for path in store.files if path.startswith("channels/"))
    old, young = (f"{channel.rpartition('/')[0]}/{temporary_name('stable.json', digits)}" for digits in ("ab", "cd"))
    receipt = f"receipts/{metadata(b'a').file}/{temporary_name('1.json', 'ab')}"
    for path in (old, receipt):
        store.create(path, b"{")
    store.now += 7_200
    store.create(young, b"{")
    assert sorted(stat.path for stat in Client(store).collect(seconds=0).partial) == sorted([old, receipt])
    assert young in store.files
    assert channel in store.files


def test_the_store_s_clock_counts_not_ours(tmp_path: Path) -> None:
    """A store whose clock stands years before ours: a file of a minute ago is young."""
    store = MemoryStore(now=1000.0)
    Client(store).upload(source(tmp_path, b"a"))
    assert Client(store).collect(seconds=60).removed == ()


def test_a_receipt_younger_than_the_limit_protects(tmp_path: Path) -> None:
    """The file is old, somebody deployed it again yesterday."""
    store, path = MemoryStore(), source(tmp_path, b"a")
    Client(store).deploy(path)
    store.now += 40 * 86400
    Client(store).deploy(path)
    assert Client(store).collect(seconds=30 * 86400).removed == ()
    store.now += 40 * 86400
    assert [stat.path for stat in Client(store).collect(seconds=30 * 86400).removed] == [metadata(b"a").file]
    assert not [path for path in store.files if not path.startswith("receipts/")]


def test_what_a_rollback_returns_to_stays(tmp_path: Path) -> None:
    """Current and previous target of a channel stay, the one before them goes."""
    store = MemoryStore()
    for data in (b"1", b"2", b"3"):
        Client(store).deploy(source(tmp_path, data), "stable")
    store.now += 1e6
    assert [stat.path for stat in Client(store).collect(seconds=1e5).removed] == [metadata(b"1").file]
    assert Client(store).rollback("stable").target.file == metadata(b"2").file


def test_two_collections_at_once_are_refused() -> None:
    """The second one says where the first one's marker is."""
    store = MemoryStore()
    store.create("gc.json", b'{"condemned": [], "kind": "collection", "run": "1", "schema": 1}')
    with pytest.raises(ToolError, match="another collection is at work") as error:
        Client(store).collect()
    assert error.value.faults[0].where == "s3://bucket/gc.json"


@pytest.mark.parametrize(("text", "seconds"), [("30d", 2592000.0), ("2h", 7200.0), ("0s", 0.0)])
def test_ages(text: str, seconds: float) -> None:
    """A number and a unit."""
    assert parse_age(text) == seconds


def test_an_age_without_unit_is_refused() -> None:
    """30 of what?"""
    with pytest.raises(ToolError, match="no age"):
        parse_age("30")
