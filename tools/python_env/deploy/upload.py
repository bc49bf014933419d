"""Brings one artifact to a store: whole or not at all, never over another file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from python_env.base.archive.content import file_sha256
from python_env.base.errors import ToolError
from python_env.deploy.documents.metadata import Metadata, parse_metadata, render_metadata
from python_env.deploy.documents.receipt import Action
from python_env.deploy.names import metadata_name, temporary_name, temporary_of
from python_env.deploy.plan import Found, Plan, plan_file, refusal
from python_env.deploy.retry import Retry
from python_env.deploy.stores.protocol import AlreadyThere, Missing, Progress, Store, StoreFault, Transient

STALE = 3600.0
"""Seconds after which a temporary file is taken for one of a run that was cut; a live run whose file is taken away
sees it and starts again."""


class Sent:
    """Counts what an attempt sent: the next one begins anew, and no bar shall show more than there is."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._count = progress, 0

    def tell(self, count: int) -> None:
        """Take so many more bytes for sent."""
        self._count += count
        self._progress(count)

    def take_back(self) -> None:
        """Take nothing for sent."""
        self._progress(-self._count)
        self._count = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Uploader:
    """Deploys files to one store."""

    store: Store
    retry: Retry
    unique: Callable[[], str]
    """Hexadecimal digits that no other run has."""
    uri: Callable[[str], str]
    """Name of a file to its URI."""
    progress: Progress

    def plan(self, wanted: Metadata) -> Plan:
        """Return what would be done; nothing is written."""
        return self.retry.run(lambda: plan_file(wanted, self._found(wanted)))

    def send(self, wanted: Metadata, source: Path) -> Plan:
        """Make the file be there, and return what was done for it.

        Raises ToolError when another file has the name, and the store's faults.
        """
        return self.retry.run(lambda: self._attempt(wanted, source))

    def record(self, wanted: Metadata) -> None:
        """Make the metadata be there, beside a file that is; raises the store's faults."""
        self.retry.run(lambda: self._record(wanted))

    def _attempt(self, wanted: Metadata, source: Path) -> Plan:
        """Do what is missing; each attempt looks anew, since a failed one may have done its work."""
        plan = plan_file(wanted, self._found(wanted))
        if plan.action is Action.REFUSE:
            raise ToolError([refusal(plan, self.uri(wanted.file))])
        if plan.action is Action.CONFIRM:
            self._confirm(plan)
        if plan.action is Action.UPLOAD:
            self._upload(wanted, source)
        return plan

    def _found(self, wanted: Metadata) -> Found:
        name = metadata_name(wanted.file)
        beside = self.store.read(name)
        metadata = parse_metadata(beside.data, where=self.uri(name)) if beside else None
        return Found(stat=self.store.stat(wanted.file), metadata=metadata)

    def _confirm(self, plan: Plan) -> None:
        try:
            found = self.store.sha256(plan.metadata.file, self.progress)
        except Missing as error:
            raise Transient(f"{plan.metadata.file} was removed while it was read") from error
        if found != plan.metadata.sha256:
            reason = f"it has sha256 {found}, the artifact {plan.metadata.sha256}"
            again = Plan(action=Action.REFUSE, metadata=plan.metadata, reason=reason)
            raise ToolError([refusal(again, self.uri(plan.metadata.file))])

    def _upload(self, wanted: Metadata, source: Path) -> None:
        temporary, sent = temporary_name(wanted.file, self.unique()), Sent(self.progress)
        try:
            self.store.put(source, temporary, sent.tell)
            self._remove_partial(wanted, temporary)
            self._verify(temporary, wanted, source)
            self.store.publish(temporary, wanted.file, source)
        except (AlreadyThere, Missing) as error:
            sent.take_back()
            self._forget(temporary)
            raise Transient(f"{wanted.file}: another run was at work ({error})") from error
        except (StoreFault, ToolError, OSError, KeyboardInterrupt):
            sent.take_back()
            self._forget(temporary)
            raise

    def _verify(self, temporary: str, wanted: Metadata, source: Path) -> None:
        """Raise Transient when the store has not what was sent, ToolError when the artifact is not as reported.

        The artifact is read by itself only where the two differ, to tell which one is wrong.
        """
        found = self.store.sha256(temporary, lambda _count: None)
        if found != wanted.sha256:
            check_source(wanted, source)
            raise Transient(f"{temporary} was read back as {found}, sent was {wanted.sha256}")

    def _forget(self, temporary: str) -> None:
        try:
            self.store.delete(temporary)
        except StoreFault:
            return  # what failed before is the fault to tell; the next run removes the rest

    def _remove_partial(self, wanted: Metadata, own: str) -> None:
        """Remove temporary files of runs that were cut; the age is told by the store's clock, not by ours."""
        parts = [stat for stat in self.store.list("") if temporary_of(stat.path) == wanted.file]
        now = max((stat.modified for stat in parts if stat.path == own), default=0.0)
        for stat in parts:
            if now - stat.modified > STALE:
                self.store.delete(stat.path)

    def _record(self, wanted: Metadata) -> None:
        """Write the metadata beside the file, once its bytes are known to be right."""
        name = metadata_name(wanted.file)
        try:
            if self.store.read(name) is None:
                self.store.create(name, render_metadata(wanted))
        except AlreadyThere as error:
            raise Transient(f"{name}: another run wrote it") from error


def check_source(wanted: Metadata, source: Path) -> None:
    """Raise ToolError when an artifact's bytes are not those of its report."""
    digest = file_sha256(source)
    if digest != wanted.sha256:
        raise ToolError.one(
            f"{source.name} has sha256 {digest}, its report says {wanted.sha256}",
            where=str(source),
            fix="build the artifact again",
        )
