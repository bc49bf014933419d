"""The native files of a subject, and what is said of one."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.base.binary import Binary
from python_env.doctor.archive import Member
from python_env.doctor.model import Hit, Severity
from python_env.doctor.subject import Subject


def natives(subject: Subject) -> Iterator[tuple[Member, Binary]]:
    """Yield every native file that could be read, with what it says."""
    for member in subject.everything:
        if member.binary is not None:
            yield member, member.binary


def native_hit(subject: Subject, member: Member, *, reason: str, remedy: str) -> Hit:
    """Return what a check says of a native file: a note where its wheel, for any machine, brings one for each."""
    if member.label in subject.of_any_machine:
        remedy = "nothing, unless this is the file that its wheel, one for any machine, loads there"
        return Hit(file=member.label, reason=reason, remedy=remedy, severity=Severity.NOTE)
    return Hit(file=member.label, reason=reason, remedy=remedy)
