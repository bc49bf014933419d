"""Faults at every step: never a visible part of a file, never a channel that points at nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from deploy.helpers import Client, check_store, metadata, source
from deploy.memory import Killed, MemoryStore
from hypothesis import given, settings
from hypothesis import strategies as st

from python_env.deploy.stores.protocol import Transient

OLD, NEW = b"the old archive", b"the new archive!"
WHEN = ("before", "midst", "after")


class Fault:
    """Raises at the given calls of the store; after a kill every further call raises, too."""

    def __init__(self, store: MemoryStore, error: type[BaseException], at: set[int]) -> None:
        self.store, self.error, self.at, self.calls = store, error, at, 0

    def __call__(self, _step: str, _when: str) -> None:
        """Check the store as another client sees it now, then fault."""
        check_store(self.store)
        self.calls += 1
        if self.calls in self.at or (self.error is Killed and self.calls > min(self.at)):
            raise self.error("injected")


def started(tmp_path: Path) -> MemoryStore:
    """Return a store with an older deploy in a channel."""
    store = MemoryStore()
    Client(store).deploy(source(tmp_path, OLD), "stable")
    return store


def calls_of(tmp_path: Path) -> int:
    """Return how often a deploy asks its fault."""
    store = started(tmp_path)
    store.fault = fault = Fault(store, Transient, set())
    Client(store).deploy(source(tmp_path, NEW), "stable")
    return fault.calls


def test_a_kill_at_every_step_leaves_a_whole_store_and_the_next_run_finishes(tmp_path: Path) -> None:
    """The channel is the old one or the new one; the second run needs no help."""
    number = calls_of(tmp_path)
    assert number > 20
    for at in range(1, number + 1):
        store = started(tmp_path)
        store.fault = Fault(store, Killed, {at})
        with pytest.raises(Killed):
            Client(store).deploy(source(tmp_path, NEW), "stable")
        store.fault = lambda _step, _when: None
        check_store(store)
        Client(store).deploy(source(tmp_path, NEW), "stable")
        check_store(store)
        found = Client(store).mover().read("stable")
        assert found and found.target.file == metadata(NEW).file, at
        assert [target.file for target in found.previous] == [metadata(OLD).file], at


def test_a_reset_at_every_step_is_survived_by_the_same_run(tmp_path: Path) -> None:
    """Before a step, in its midst, or after it was done and not told so."""
    for at in range(1, calls_of(tmp_path) + 1):
        store = started(tmp_path)
        store.fault = Fault(store, Transient, {at})
        Client(store).deploy(source(tmp_path, NEW), "stable")
        check_store(store)
        found = Client(store).mover().read("stable")
        assert found and found.target.file == metadata(NEW).file, at
        assert len(found.history) == 2, f"a move was counted twice: fault at {at}"
        assert not [path for path in store.files if path.endswith(".part")], at


@settings(max_examples=150, deadline=None)
@given(at=st.sets(st.integers(1, 60), max_size=12))
def test_any_set_of_resets_ends_whole(tmp_path_factory: pytest.TempPathFactory, at: set[int]) -> None:
    """The run succeeds or says Transient; the store is whole either way, and the next run succeeds."""
    folder = tmp_path_factory.mktemp("a")
    store = started(folder)
    store.fault = Fault(store, Transient, at)
    try:
        Client(store, attempts=3).deploy(source(folder, NEW), "stable")
    except Transient:
        store.fault = lambda _step, _when: None
        Client(store).deploy(source(folder, NEW), "stable")
    check_store(store)


def interleaved(store: MemoryStore, at: int, other: Callable[[Client], object]) -> Fault:
    """Let another client run to its end at one call of the first one."""

    class Other(Fault):
        def __call__(self, _step: str, _when: str) -> None:
            check_store(self.store)
            self.calls += 1
            if self.calls == at:
                self.store.fault = lambda _step, _when: None
                other(Client(self.store))
                self.store.fault = self

    return Other(store, Transient, set())


def stable(path: Path) -> Callable[[Client], object]:
    """Return what deploys a file and moves the channel to it."""
    return lambda client: client.deploy(path, "stable")


def test_two_deploys_of_one_artifact_at_once_both_succeed(tmp_path: Path) -> None:
    """Wherever the second one comes in, one file is there and one wins the rename."""
    for at in range(1, calls_of(tmp_path) + 1):
        store, path = started(tmp_path), source(tmp_path, NEW)
        store.fault = interleaved(store, at, stable(path))
        Client(store).deploy(path, "stable")
        check_store(store)
        found = Client(store).mover().read("stable")
        assert found and len(found.history) == 2, at


def test_two_deploys_of_different_artifacts_moving_one_channel_lose_no_move(tmp_path: Path) -> None:
    """The history holds both moves in one order, and the channel points at the last."""
    third = b"the third archive"
    for at in range(1, calls_of(tmp_path) + 1):
        store = started(tmp_path)
        other = source(tmp_path, third)
        store.fault = interleaved(store, at, stable(other))
        Client(store).deploy(source(tmp_path, NEW), "stable")
        check_store(store)
        found = Client(store).mover().read("stable")
        assert found
        moved = [move.target.file for move in found.history]
        assert sorted(moved[1:]) == sorted([metadata(NEW).file, metadata(third).file]), at
        assert found.target.file == moved[-1]


def test_a_collection_at_any_moment_of_a_deploy_leaves_no_channel_at_nothing(tmp_path: Path) -> None:
    """An old file, present and to be skipped, is what a collection would take: the channel has it in the end."""
    for at in range(1, calls_of(tmp_path) + 1):
        store = started(tmp_path)
        Client(store).upload(source(tmp_path, NEW))
        store.now += 10_000
        store.fault = interleaved(store, at, lambda client: client.collect(seconds=0))
        Client(store).deploy(source(tmp_path, NEW), "stable")
        check_store(store)
        found = Client(store).mover().read("stable")
        assert found and found.target.file in store.files, at


def test_a_deploy_at_any_moment_of_a_collection_leaves_no_channel_at_nothing(tmp_path: Path) -> None:
    """Its receipt is seen, or it sees the marker and waits; one that cannot wait says so and moves nothing."""
    number = 200
    waited = 0
    for at in range(1, number):
        store = started(tmp_path)
        Client(store).upload(source(tmp_path, NEW))
        refused: list[Transient] = []

        def other(client: Client, refused: list[Transient] = refused) -> None:
            try:
                Client(client.store, attempts=2).deploy(source(tmp_path, NEW), "stable")
            except Transient as error:
                refused.append(error)

        store.fault = fault = interleaved(store, at, other)
        store.now += 10_000
        Client(store).collect(seconds=5_000)
        check_store(store)
        waited += len(refused)
        if fault.calls < at:
            break
    assert waited, "no deploy met the marker: the test is blind"


def test_a_collection_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    """Its marker is in the way for an hour of the store's clock, then the next run judges anew."""
    for at in range(1, 40):
        store = started(tmp_path)
        Client(store).upload(source(tmp_path, NEW))
        store.now += 10_000
        store.fault = Fault(store, Killed, {at})
        try:
            Client(store).collect(seconds=5_000)
        except Killed:
            store.fault = lambda _step, _when: None
            check_store(store)
            store.now += 7_200
            Client(store).collect(seconds=5_000)
        store.fault = lambda _step, _when: None
        check_store(store)
        assert "gc.json" not in store.files
        assert metadata(NEW).file not in store.files
        assert metadata(OLD).file in store.files


@pytest.mark.parametrize("marker", [b"", b'{"condemned": [], "kind": "collection", "run": "1", "schema": 1}'])
def test_a_reset_at_every_step_of_a_collection_is_survived_by_the_same_run(tmp_path: Path, marker: bytes) -> None:
    """Also where it takes over the marker of a run that was cut."""
    for at in range(1, 60):
        store = started(tmp_path)
        Client(store).upload(source(tmp_path, NEW))
        if marker:
            store.create("gc.json", marker)
        store.now += 10_000
        store.fault = fault = Fault(store, Transient, {at})
        removed = Client(store).collect(seconds=5_000).removed
        assert [stat.path for stat in removed] == [metadata(NEW).file], at
        assert not [path for path in store.files if path.endswith(".part") or path == "gc.json"], at
        if fault.calls < at:
            break
    assert at > 20
