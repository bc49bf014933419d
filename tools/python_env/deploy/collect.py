"""Removes deployed files that nothing names any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from python_env.base.errors import ToolError
from python_env.deploy.documents.channel import Channel, parse_channel
from python_env.deploy.documents.collection import parse_collection, render_collection
from python_env.deploy.documents.metadata import Metadata, parse_metadata
from python_env.deploy.documents.receipt import parse_receipt_file
from python_env.deploy.names import (
    MARKER,
    is_part_of_document,
    metadata_name,
    parse_deployed,
    temporary_name,
    temporary_of,
)
from python_env.deploy.retry import Retry
from python_env.deploy.stores.protocol import AlreadyThere, Changed, Document, Stat, Store, StoreFault, Transient

ABANDONED = 3600.0
"""Seconds after which a run is taken for one that was cut: a collection's marker is taken over, and a receipt under a
shorter limit is no longer that of a deploy which is about to move its channel."""
_FOREIGN = (
    "move that file elsewhere: what receipts/ and channels/ hold says what is kept, and nothing is removed while one "
    "cannot be read"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What is kept whatever its age, and what whatever its number."""

    keep: int
    """So many newest files of each artifact and platform stay."""
    seconds: float
    """Younger files stay, and what younger receipts name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """What is removed and what stays, with the reason."""

    removed: tuple[Stat, ...]
    kept: Mapping[str, str]
    """File to reason."""
    partial: tuple[Stat, ...] = field(default=())
    """Temporary files of runs that were cut."""


def plan_collection(
    files: Sequence[Stat], platforms: Mapping[str, str], named: Mapping[str, str], *, rules: Rules, now: float
) -> Collection:
    """Return what a collection removes of all files of a place; `named` is file to who names it.

    Pure; `now` is of the clock that dated the files.
    """
    kept = dict(named)
    groups: dict[tuple[str, str], list[Stat]] = defaultdict(list)
    for stat in files:
        if parsed := parse_deployed(stat.path):
            groups[parsed.original, platforms.get(stat.path, "")].append(stat)
    for group in groups.values():
        newest = sorted(group, key=lambda stat: (stat.modified, stat.path), reverse=True)
        for stat in newest[: rules.keep]:
            kept.setdefault(stat.path, f"one of the {rules.keep} newest")
        for stat in newest:
            if now - stat.modified < rules.seconds:
                kept.setdefault(stat.path, "younger than the limit")
    deployed = (stat for group in groups.values() for stat in group)
    removed = sorted((stat for stat in deployed if stat.path not in kept), key=lambda stat: stat.path)
    partial = [stat for stat in files if _cut(stat, rules=rules, now=now)]
    return Collection(removed=tuple(removed), kept=kept, partial=tuple(partial))


def _cut(stat: Stat, *, rules: Rules, now: float) -> bool:
    """Return whether a file is a temporary one of a run that was cut.

    A deploy whose artifact's part is gone sends it again; a part of a document has no such second try, and stays
    until its run must be dead.
    """
    folder, _, name = stat.path.rpartition("/")
    limit = max(rules.seconds, ABANDONED) if folder else rules.seconds
    part = is_part_of_document(name) if folder else bool(temporary_of(name))
    return part and now - stat.modified >= limit


@dataclass(frozen=True, kw_only=True, slots=True)
class Collector:
    """Collects at one store."""

    store: Store
    retry: Retry
    uri: Callable[[str], str]
    rules: Rules
    run: str
    """Hexadecimal digits that no other run has."""

    def plan(self, *, now: float) -> Collection:
        """Return what would be removed; nothing is written."""
        files, documents = self._list(""), self._documents()
        platforms = self._platforms(files)
        named = self._named(documents, now)
        unknown = [stat.path for stat in files if parse_deployed(stat.path) and stat.path not in platforms]
        foreign = dict.fromkeys(unknown, "no metadata beside it says that it was deployed")
        return plan_collection([*files, *documents], platforms, {**foreign, **named}, rules=self.rules, now=now)

    def collect(self) -> Collection:
        """Remove what nothing names; raises ToolError when another collection is at work."""
        now = self.retry.run(self._begin)
        try:
            plan = self.plan(now=now)
        except (ToolError, StoreFault):  # the next run shall say so, too, and not that this one is at work
            self._withdraw()
            raise
        self._condemn(frozenset(stat.path for stat in plan.removed))
        named = self._named(self._documents(), now)  # whoever wrote a receipt before it could read the marker
        spared = {stat.path: named[stat.path] for stat in plan.removed if stat.path in named}
        removed = tuple(stat for stat in plan.removed if stat.path not in spared)
        for stat in (*removed, *plan.partial):
            self._remove(stat.path)
        self.retry.run(lambda: self.store.delete(MARKER))
        return Collection(removed=removed, kept={**plan.kept, **spared}, partial=plan.partial)

    def _remove(self, file: str) -> None:
        """Remove the file first: metadata without a file says nothing that is wrong."""
        self.retry.run(lambda: self.store.delete(file))
        if parse_deployed(file):
            self.retry.run(lambda: self.store.delete(metadata_name(file)))

    def _begin(self) -> float:
        """Write the marker and return the store's time."""
        try:
            self.store.create(MARKER, render_collection(self.run, frozenset()))
        except AlreadyThere as error:
            self._take_over(error)
        written = self.store.stat(MARKER)
        if written is None:
            raise Transient("the collection's marker was removed")
        return written.modified

    def _take_over(self, error: AlreadyThere) -> None:
        """Take the marker of a run that was cut; what it had condemned is judged anew."""
        found, stat = self._marker(), self.store.stat(MARKER)
        if found and parse_collection(found.data, where=self.uri(MARKER)).run == self.run:
            return  # an earlier attempt of ours wrote it, though it was not told so
        if found is None or stat is None:
            raise Transient("the collection's marker was removed") from error
        probe = temporary_name(MARKER, self.run)
        with suppress(AlreadyThere):  # an earlier attempt of ours wrote it, though it was not told so
            self.store.create(probe, b"")
        probed = self.store.stat(probe)
        self.store.delete(probe)
        if probed is None:
            raise Transient(f"{probe} was not written") from error
        if probed.modified - stat.modified < ABANDONED:
            raise ToolError.one(
                "another collection is at work",
                where=self.uri(MARKER),
                fix=f"wait for it; a marker that is older than {ABANDONED:.0f} s is taken over",
            ) from error
        self._replace(found, frozenset())

    def _withdraw(self) -> None:
        """Remove our marker, which condemns nothing yet."""
        found = self._marker()
        if found and parse_collection(found.data, where=self.uri(MARKER)).run == self.run:
            self.store.delete(MARKER)

    def _condemn(self, files: frozenset[str]) -> None:
        found = self.retry.run(self._marker)
        if found is None or parse_collection(found.data, where=self.uri(MARKER)).run != self.run:
            raise ToolError.one("another collection took over", where=self.uri(MARKER), fix="run gc again")
        self.retry.run(lambda: self._replace(found, files))

    def _marker(self) -> Document | None:
        return self.store.read(MARKER)

    def _replace(self, found: Document, files: frozenset[str]) -> None:
        data = render_collection(self.run, files)
        try:
            self.store.replace(MARKER, data, found.version)
        except Changed as error:
            now = self._marker()
            if now is None or now.data != data:  # else an earlier attempt wrote it, though it was not told so
                raise ToolError.one(
                    "another collection took over", where=self.uri(MARKER), fix="run gc again"
                ) from error

    def _platforms(self, files: Sequence[Stat]) -> dict[str, str]:
        found: dict[str, str] = {}
        for stat in files:
            if parse_deployed(stat.path) and (metadata := self._metadata(stat.path)):
                found[stat.path] = metadata.platform
        return found

    def _metadata(self, file: str) -> Metadata | None:
        """Return the metadata of a file, or None where none says that it was deployed: another's file may look so."""
        name = metadata_name(file)
        beside = self.retry.run(lambda: self.store.read(name))
        found = parse_metadata(beside.data, where=self.uri(name)) if beside else None
        return found if found and found.file == file else None

    def _documents(self) -> list[Stat]:
        """Return what lies in the folders of the receipts and the channels."""
        return [stat for folder in ("receipts", "channels") for stat in self._list(folder)]

    def _list(self, folder: str) -> Sequence[Stat]:
        return self.retry.run(lambda: self.store.list(folder))

    def _named(self, documents: Sequence[Stat], now: float) -> dict[str, str]:
        reasons: dict[str, str] = {}
        limit = max(self.rules.seconds, ABANDONED)
        for stat in documents:
            receipt = stat.path.startswith("receipts/")
            if (receipt and now - stat.modified >= limit) or (document := self._read(stat)) is None:
                continue
            where = self.uri(stat.path)
            if receipt:
                reasons[parse_receipt_file(document.data, where=where, fix=_FOREIGN)] = f"named by {stat.path}"
            else:
                reasons.update(_pointed_at(parse_channel(document.data, where=where, fix=_FOREIGN)))
        return reasons

    def _read(self, stat: Stat) -> Document | None:
        hidden = stat.path.rpartition("/")[2].startswith(".")  # what a run was writing when it was cut
        return None if hidden else self.retry.run(lambda: self.store.read(stat.path))


def _pointed_at(channel: Channel) -> dict[str, str]:
    """Return what a channel protects: its target, and what a rollback returns to."""
    back = {target.file: f"rollback of the channel {channel.name}" for target in channel.previous[-1:]}
    return {**back, channel.target.file: f"the channel {channel.name} points at it"}
