"""What shipping it costs."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.doctor.archive import Kind
from python_env.doctor.model import Check, Hit, Severity, Target
from python_env.doctor.subject import Subject

_SECONDS_PER_FILE = 0.004
"""Of a NodeManager without Hadoop's native library: a chmod process for each file, measured."""

_MUCH_TIME = 10


def _cost(subject: Subject, target: Target) -> Iterator[Hit]:
    files = sum(1 for member in subject.archive.members if member.kind is not Kind.FOLDER)
    size = f"{subject.archive.size / 1e6:.0f} MB"
    if not subject.is_unpacked:
        yield Hit(file="", reason=f"{size}, one file: quick to localise, unpacked in every container", remedy="")
        return
    seconds = files * _SECONDS_PER_FILE
    reason = (
        f"{size}, {files} files, {subject.archive.unpacked_size / 1e6:.0f} MB unpacked: about {seconds:.0f} s on a node"
    )
    remedy = "a PEX is one file; fewer files localise faster" if seconds > _MUCH_TIME else ""
    yield Hit(file="", reason=f"{reason} that has not got it yet", remedy=remedy)


CHECKS = (
    Check(
        id="cost",
        severity=Severity.NOTE,
        what="bytes, files, and what a NodeManager needs to unpack them: about 4 ms a file",
        source="measured on a NodeManager of Hadoop 3.3.6 without its native library",
        find=_cost,
    ),
)
