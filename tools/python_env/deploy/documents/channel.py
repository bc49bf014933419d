"""A channel's pointer (docs/formats/channel.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from python_env.base.documents import parse_document, render_document
from python_env.deploy.documents.reader import FIX, SCHEMA, FileReader

HISTORY = 50
"""Moves that a channel remembers."""


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


def parse_channel(data: bytes, *, where: str, fix: str = FIX) -> Channel:
    """Return the channel in `data`; raises ToolError, with that fix, when it is none."""
    document = parse_document(data, where=where, kind="channel", schema=SCHEMA, fix=fix)
    reader = FileReader(where, fix)

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
