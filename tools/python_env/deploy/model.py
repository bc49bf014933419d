"""What deploy writes: metadata beside the file, receipts, channels, and the marker of a collection."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from python_env.artifacts.model import Report
from python_env.base.archive.paths import is_list_name
from python_env.base.documents import Reader, parse_document, render_document, sha256_hex

SCHEMA = 1
HISTORY = 50
"""Moves that a channel remembers."""

_FIX = "deploy again under another folder, or ask who wrote it"


class Action(enum.StrEnum):
    """What a deploy does, or did, with one file."""

    UPLOAD = "upload"
    """There is no file of that name."""
    SKIP = "skip"
    """It is there: size and recorded checksum are equal."""
    CONFIRM = "confirm"
    """It is there without a record: an earlier run was cut before it; the bytes are read back."""
    REFUSE = "refuse"
    """A file of that name has other bytes."""
    ROLLBACK = "rollback"
    """A channel returned to it; nothing was sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What the file beside a deployed file says; nothing of who and when, so that equal files have equal metadata."""

    file: str
    """As deployed."""
    original: str
    """The artifact's name before."""
    sha256: str
    size: int
    artifact: str
    """The artifact's kind, by which a launcher's renderings are found."""
    name: str
    """The environment's."""
    env_id: str
    platform: str
    packages: Mapping[str, str]
    """Name to version."""
    lock: str
    """sha256 of the lock."""
    env: str
    """sha256 of the env document."""
    parent: str
    """sha256 of the artifact's report."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """Who deployed what, when, and where it lies."""

    action: Action
    file: str
    uri: str
    sha256: str
    size: int
    platform: str
    env_id: str
    channels: tuple[str, ...]
    who: str
    """`user@machine`."""
    when: str
    """ISO 8601 in UTC, by the clock of that machine."""
    parent: str
    """sha256 of the metadata."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What a channel points at."""

    file: str
    uri: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One change of a channel."""

    target: Target
    who: str
    when: str
    rollback: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A pointer: where it points, what a rollback returns to, and every move."""

    name: str
    original: str
    platform: str
    target: Target
    previous: tuple[Target, ...] = ()
    """Newest last; a rollback takes the last one."""
    history: tuple[Move, ...] = ()
    """Oldest first."""

    def placed(self, uri: Callable[[str], str]) -> Channel:
        """Return the channel with its targets where their files lie now: its folder may have been copied."""
        previous = tuple(replace(each, uri=uri(each.file)) for each in self.previous)
        return replace(self, target=replace(self.target, uri=uri(self.target.file)), previous=previous)

    def moved(self, move: Move) -> Channel:
        """Return the channel after a move onwards; a move to where it points changes nothing."""
        if move.target.file == self.target.file:
            return self
        previous = (*self.previous, self.target)[-HISTORY:]
        return replace(self, target=move.target, previous=previous, history=(*self.history, move)[-HISTORY:])

    def rolled_back(self, move: Move) -> Channel:
        """Return the channel after a move back to one of `previous`; what came after that is forgotten."""
        kept = self.previous[: max(i for i, each in enumerate(self.previous) if each.file == move.target.file)]
        return replace(self, target=move.target, previous=kept, history=(*self.history, move)[-HISTORY:])


def make_metadata(report: Report, file: str) -> Metadata:
    """Return the metadata of an artifact that is deployed as `file`."""
    return Metadata(
        file=file,
        original=report.file,
        sha256=report.sha256,
        size=report.size,
        artifact=report.kind.value,
        name=report.name,
        env_id=report.env_id,
        platform=report.platform,
        packages=report.distributions,
        lock=report.lock,
        env=report.parent,
        parent=report.digest,
    )


def render_metadata(metadata: Metadata) -> bytes:
    """Return `<file>.json` (docs/formats/deployed.md)."""
    return render_document(
        {
            "artifact": metadata.artifact,
            "env": metadata.env,
            "env_id": metadata.env_id,
            "file": metadata.file,
            "kind": "deployed",
            "lock": metadata.lock,
            "name": metadata.name,
            "original": metadata.original,
            "packages": dict(metadata.packages),
            "parent": metadata.parent,
            "platform": metadata.platform,
            "schema": SCHEMA,
            "sha256": metadata.sha256,
            "size": metadata.size,
        }
    )


class _Reader(Reader):
    """Takes names of files, too, which lead nowhere else: whoever may write into the folder wrote them."""

    def file(self, value: Mapping[str, Any], key: str, path: str = "") -> str:
        """Return the file's name `key`; raises ToolError for a path."""
        found = self.text(value, key, path)
        if not is_list_name(found):
            raise self.error(f"{found!r} is no file of this folder", f"{path}.{key}" if path else key)
        return found


def parse_metadata(data: bytes, *, where: str) -> Metadata:
    """Return the metadata in `data`; raises ToolError when it is none."""
    document = parse_document(data, where=where, kind="deployed", schema=SCHEMA, fix=_FIX)
    reader = _Reader(where, _FIX)
    packages = reader.take(document, "packages", dict)
    texts = ("sha256", "artifact", "name", "env_id", "platform", "lock", "env", "parent")
    return Metadata(
        size=reader.take(document, "size", int),
        packages={name: reader.text(packages, name, "packages") for name in packages},
        file=reader.file(document, "file"),
        original=reader.file(document, "original"),
        **{key: reader.text(document, key) for key in texts},
    )


def render_receipt(receipt: Receipt) -> bytes:
    """Return a receipt (docs/formats/receipt.md)."""
    return render_document(
        {
            "action": receipt.action.value,
            "channels": list(receipt.channels),
            "env_id": receipt.env_id,
            "file": receipt.file,
            "kind": "receipt",
            "parent": receipt.parent,
            "platform": receipt.platform,
            "schema": SCHEMA,
            "sha256": receipt.sha256,
            "size": receipt.size,
            "uri": receipt.uri,
            "when": receipt.when,
            "who": receipt.who,
        }
    )


def make_receipt(
    metadata: Metadata, *, action: Action, uri: str, channels: tuple[str, ...], who: str, when: str
) -> Receipt:
    """Return the receipt of a deployed file."""
    return Receipt(
        action=action,
        file=metadata.file,
        uri=uri,
        sha256=metadata.sha256,
        size=metadata.size,
        platform=metadata.platform,
        env_id=metadata.env_id,
        channels=channels,
        who=who,
        when=when,
        parent=sha256_hex(render_metadata(metadata)),
    )


def parse_receipt_file(data: bytes, *, where: str, fix: str = _FIX) -> str:
    """Return the deployed file that a receipt names; raises ToolError, with that fix, when it is no receipt."""
    document = parse_document(data, where=where, kind="receipt", schema=SCHEMA, fix=fix)
    return _Reader(where, fix).file(document, "file")


def _target_document(target: Target) -> dict[str, Any]:
    return {"file": target.file, "sha256": target.sha256, "uri": target.uri}


def render_channel(channel: Channel) -> bytes:
    """Return a channel's pointer (docs/formats/channel.md)."""
    return render_document(
        {
            "channel": channel.name,
            "history": [
                {**_target_document(move.target), "rollback": move.rollback, "when": move.when, "who": move.who}
                for move in channel.history
            ],
            "kind": "channel",
            "original": channel.original,
            "platform": channel.platform,
            "previous": [_target_document(target) for target in channel.previous],
            "schema": SCHEMA,
            "target": _target_document(channel.target),
        }
    )


def parse_channel(data: bytes, *, where: str, fix: str = _FIX) -> Channel:
    """Return the channel in `data`; raises ToolError, with that fix, when it is none."""
    document = parse_document(data, where=where, kind="channel", schema=SCHEMA, fix=fix)
    reader = _Reader(where, fix)

    def target(value: Mapping[str, Any], path: str) -> Target:
        texts = {key: reader.text(value, key, path) for key in ("uri", "sha256")}
        return Target(file=reader.file(value, "file", path), **texts)

    def move(value: Mapping[str, Any], path: str) -> Move:
        who, when = reader.text(value, "who", path), reader.text(value, "when", path)
        return Move(target=target(value, path), who=who, when=when, rollback=reader.take(value, "rollback", bool, path))

    return Channel(
        name=reader.text(document, "channel"),
        original=reader.text(document, "original"),
        platform=reader.text(document, "platform"),
        target=target(reader.take(document, "target", dict), "target"),
        previous=tuple(target(row, f"previous[{i}]") for i, row in enumerate(reader.items(document, "previous", dict))),
        history=tuple(move(row, f"history[{i}]") for i, row in enumerate(reader.items(document, "history", dict))),
    )


@dataclass(frozen=True, slots=True)
class Condemned:
    """The marker of a collection: which run it is, and what it may remove."""

    run: str
    files: frozenset[str]


def render_collection(run: str, condemned: frozenset[str]) -> bytes:
    """Return the marker of a collection (docs/formats/collection.md)."""
    return render_document({"condemned": sorted(condemned), "kind": "collection", "run": run, "schema": SCHEMA})


def parse_collection(data: bytes, *, where: str) -> Condemned:
    """Return a collection's marker; raises ToolError when it is none."""
    document = parse_document(data, where=where, kind="collection", schema=SCHEMA, fix=_FIX)
    reader = Reader(where, _FIX)
    return Condemned(reader.text(document, "run"), frozenset(reader.strings(document, "condemned")))
