"""Channels: moved, read, rolled back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from deploy.helpers import Client, check_store, metadata, source
from deploy.memory import MemoryStore
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from python_env.base.errors import ToolError
from python_env.deploy.channels import Gone
from python_env.deploy.documents.channel import Move, parse_channel, render_channel


def test_a_rollback_returns_to_the_target_before_and_is_remembered(tmp_path: Path) -> None:
    """Twice goes back twice; the history says so."""
    store = MemoryStore()
    for data in (b"1", b"2", b"3"):
        Client(store).deploy(source(tmp_path, data), "stable")
    assert Client(store).rollback("stable").target.file == metadata(b"2").file
    channel = Client(store).rollback("stable")
    assert channel.target.file == metadata(b"1").file
    assert [move.rollback for move in channel.history] == [False, False, False, True, True]


def test_a_rollback_passes_over_what_was_removed(tmp_path: Path) -> None:
    """The target before is gone by hand; the one before that is taken."""
    store = MemoryStore()
    for data in (b"1", b"2", b"3"):
        Client(store).deploy(source(tmp_path, data), "stable")
    store.delete(metadata(b"2").file)
    assert Client(store).rollback("stable").target.file == metadata(b"1").file


def test_a_rollback_without_anything_before_is_refused(tmp_path: Path) -> None:
    """The channel stays."""
    store = MemoryStore()
    Client(store).deploy(source(tmp_path, b"1"), "stable")
    with pytest.raises(ToolError, match="nothing to return to"):
        Client(store).rollback("stable")


def test_a_channel_never_moves_to_a_file_that_is_not_there() -> None:
    """The mover looks before it moves."""
    store = MemoryStore()
    client = Client(store)
    with pytest.raises(Gone):
        client.mover().move("stable", Move(target=client.target(metadata(b"1")), who="a", when="t"))
    assert store.files == {}


def test_a_move_to_where_it_points_changes_nothing(tmp_path: Path) -> None:
    """A second deploy of the same artifact is no move."""
    store, path = MemoryStore(), source(tmp_path, b"1")
    Client(store).deploy(path, "stable")
    Client(store).deploy(path, "stable")
    assert not [step for step in store.steps if step.startswith("replace")]


def test_a_channel_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Canonical bytes."""
    store = MemoryStore()
    Client(store).deploy(source(tmp_path, b"1"), "stable")
    Client(store).deploy(source(tmp_path, b"2"), "stable")
    data = next(data for path, data in store.files.items() if path.startswith("channels/"))
    assert render_channel(parse_channel(data, where="x")) == data


class Store(RuleBasedStateMachine):
    """Deploys, moves, rollbacks and collections in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = MemoryStore()
        self.expected: dict[str, list[str]] = {}

    def teardown(self) -> None:
        """Remove the artifacts."""
        self.folder.cleanup()

    @rule(data=st.binary(min_size=1, max_size=1), channel=st.sampled_from(["latest", "stable"]))
    def deploy(self, data: bytes, channel: str) -> None:
        """Deploy into a channel."""
        Client(self.store).deploy(source(Path(self.folder.name), data), channel)
        stack = self.expected.setdefault(channel, [])
        if stack[-1:] != [metadata(data).file]:
            stack.append(metadata(data).file)

    @rule(seconds=st.floats(0, 1e6))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.store.now += seconds

    @rule(keep=st.integers(0, 3), seconds=st.sampled_from([0.0, 1e4, 1e6]))
    def collect(self, keep: int, seconds: float) -> None:
        """Collect."""
        Client(self.store).collect(keep=keep, seconds=seconds)

    @precondition(lambda self: "stable" in self.expected)
    @rule()
    def rollback(self) -> None:
        """Return to the newest earlier target that is there."""
        stack = self.expected["stable"]
        there = [i for i in range(len(stack) - 1) if stack[i] in self.store.files]
        if not there:
            with pytest.raises(ToolError):
                Client(self.store).rollback("stable")
            return
        Client(self.store).rollback("stable")
        del stack[there[-1] + 1 :]

    @invariant()
    def whole(self) -> None:
        """No part of a file is seen, and every channel points where the model says."""
        check_store(self.store)
        for channel, stack in self.expected.items():
            found = Client(self.store).mover().read(channel)
            assert found and found.target.file == stack[-1]


TestStore = Store.TestCase
TestStore.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
