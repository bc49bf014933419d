"""Moves a channel: one atomic step, never to a file that is not there, never over another client's move unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from python_env.base.errors import ToolError
from python_env.deploy.documents.channel import Channel, Move, Target, parse_channel, render_channel
from python_env.deploy.documents.collection import parse_collection
from python_env.deploy.documents.receipt import Receipt, render_receipt
from python_env.deploy.names import MARKER, channel_path, receipt_path
from python_env.deploy.retry import Retry
from python_env.deploy.stores.protocol import AlreadyThere, Changed, Store, StoreFault, Transient


class Gone(StoreFault):
    """The file that a channel should point at was removed before the channel moved."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mover:
    """Moves the channels of one artifact and platform at one store.

    A collection and a move exclude each other without a lock: a move writes its receipt and then reads the
    collection's marker; a collection writes its marker and then reads the receipts. One of the two sees the other.
    """

    store: Store
    retry: Retry
    unique: Callable[[], str]
    uri: Callable[[str], str]
    original: str
    platform: str

    def record(self, receipt: Receipt) -> str:
        """Write a receipt into the store and return its path."""
        path = receipt_path(receipt.file, self.unique())
        self.retry.run(lambda: self._create(path, render_receipt(receipt)))
        return path

    def move(self, channel: str, move: Move) -> Channel:
        """Point the channel at a file whose receipt was recorded; raises Gone when the file is not there any more."""
        return self.retry.run(lambda: self._move(channel, move))

    def read(self, channel: str) -> Channel | None:
        """Return the channel, or None when nobody has moved it yet."""
        path = channel_path(self.original, self.platform, channel)
        found = self.retry.run(lambda: self.store.read(path))
        return parse_channel(found.data, where=self.uri(path)) if found else None

    def rollback_target(self, channel: str) -> Target:
        """Return the newest earlier target that is still there, and where it lies; raises ToolError for none."""
        found = self.read(channel)
        for target in reversed(found.placed(self.uri).previous if found else ()):
            if self.retry.run(lambda file=target.file: self.store.stat(file)) is not None:  # type: ignore[misc]
                return target
        raise ToolError.one(
            f"the channel {channel!r} has nothing to return to",
            where=self.uri(channel_path(self.original, self.platform, channel)),
            fix="deploy an earlier artifact with --channel",
        )

    def _create(self, path: str, data: bytes) -> None:
        try:
            self.store.create(path, data)
        except AlreadyThere as error:
            # `unique` is nobody else's: an earlier attempt of ours wrote it, though it was not told so; or S3 answered
            # 409 to a race and wrote nothing (https://github.com/apache/arrow-rs-object-store/pull/852)
            if self.store.read(path) is None:
                raise Transient(f"{path} was not written") from error

    def _move(self, channel: str, move: Move) -> Channel:
        self._check_there(move.target.file)
        path = channel_path(self.original, self.platform, channel)
        found = self.store.read(path)
        try:
            if found is None:
                return self._first(path, channel, move)
            old = parse_channel(found.data, where=self.uri(path)).placed(self.uri)
            new = old.rolled_back(move) if _returns(old, move) else old.moved(move)
            if new is not old:
                self.store.replace(path, render_channel(new), found.version)
            return new
        except (AlreadyThere, Changed) as error:
            raise Transient(f"another run moved the channel {channel!r}") from error

    def _first(self, path: str, channel: str, move: Move) -> Channel:
        new = Channel(name=channel, original=self.original, platform=self.platform, target=move.target, history=(move,))
        self.store.create(path, render_channel(new))
        return new

    def _check_there(self, file: str) -> None:
        marker = self.store.read(MARKER)
        if marker and file in parse_collection(marker.data, where=self.uri(MARKER)).files:
            raise Transient(f"gc may be removing {file}; run gc again if it was cut")
        if self.store.stat(file) is None:
            raise Gone(f"{file} was removed before the channel moved")


def _returns(old: Channel, move: Move) -> bool:
    """Return whether a move is a rollback that was not done yet."""
    known = any(target.file == move.target.file for target in old.previous)
    return move.rollback and move.target.file != old.target.file and known
