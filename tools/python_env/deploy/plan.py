"""What a deploy would do with one file, from what is there. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from python_env.base.errors import Fault
from python_env.deploy.documents.metadata import Metadata
from python_env.deploy.documents.receipt import Action
from python_env.deploy.stores.protocol import Stat


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What the store has under the names of one artifact."""

    stat: Stat | None
    """The file itself."""
    metadata: Metadata | None
    """What is recorded beside it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be done for one file, and why."""

    action: Action
    metadata: Metadata
    reason: str


def plan_file(wanted: Metadata, found: Found) -> Plan:
    """Return the action for a file that is wanted at a place where that was found."""
    recorded = found.metadata.sha256 if found.metadata else ""
    if recorded and recorded != wanted.sha256:
        return Plan(action=Action.REFUSE, metadata=wanted, reason=f"its metadata records sha256 {recorded}")
    if found.stat is None:
        return Plan(action=Action.UPLOAD, metadata=wanted, reason="there is no file of that name")
    if found.stat.size != wanted.size:
        reason = f"it has {found.stat.size} bytes, the artifact has {wanted.size}"
        return Plan(action=Action.REFUSE, metadata=wanted, reason=reason)
    if recorded:
        return Plan(action=Action.SKIP, metadata=wanted, reason="present: equal size and recorded checksum")
    return Plan(action=Action.CONFIRM, metadata=wanted, reason="present without metadata: it is read back")


def refusal(plan: Plan, uri: str) -> Fault:
    """Return the fault that a refused file is; nothing of it is overwritten."""
    return Fault(
        f"another file of the name {plan.metadata.file} is there: {plan.reason}",
        uri,
        "find out who wrote it; deploy to another folder, or remove that file and its .json by hand",
    )
