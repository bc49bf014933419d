"""Links: where they lead once the archive lies on a node."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from python_env.doctor.archive import Format, Kind
from python_env.doctor.model import Check, Hit, Severity, Target
from python_env.doctor.subject import Astray, Subject

_FIX = (
    "pack what it leads to (venv-pack and `python -m venv` only point at an interpreter), or take an interpreter inside"
)


def _ways_out(subject: Subject, target: Target, *kinds: Astray) -> Iterator[tuple[str, str, Astray]]:
    """Yield link, place and kind of every link that ends in no member; links in a zip become texts before that."""
    if subject.archive.format is Format.ZIP or not subject.is_unpacked:
        return
    for member in subject.archive.members:
        if member.kind is Kind.LINK:
            place, kind = subject.resolve(member.name)
            if kind in kinds and place not in target.on_nodes:
                yield member.name, place, kind


def _outside(subject: Subject, target: Target) -> Iterator[Hit]:
    for name, place, kind in _ways_out(subject, target, Astray.ABSOLUTE, Astray.LEAVES):
        if kind is Astray.ABSOLUTE:
            reason = (
                f"the link leads to {place}, which is no part of the archive: nodes may not have it, or another one"
            )
        else:
            reason = f"the link climbs out of the archive: {place}"
        yield Hit(file=name, reason=reason, remedy=f"{_FIX}; if every node has it: --on-nodes {place}")


def _broken(subject: Subject, target: Target) -> Iterator[Hit]:
    for name, place, kind in _ways_out(subject, target, Astray.MISSING, Astray.CYCLE):
        what = "a circle of links" if kind is Astray.CYCLE else f"{place}, which is not in the archive"
        start = name == subject.start
        severity = Severity.ERROR if start else Severity.WARNING
        yield Hit(file=name, reason=f"the link leads to {what}", remedy="pack what it leads to", severity=severity)


def _hard(subject: Subject, target: Target) -> Iterator[Hit]:
    seen = set()
    for member in subject.archive.members:
        seen.add(member.name)
        if member.kind is Kind.HARD_LINK and posixpath.normpath(member.target) not in seen:
            reason = f"a hard link to {member.target}, which stands not before it in the archive"
            yield Hit(file=member.name, reason=reason, remedy="pack with tar --hard-dereference")


def _zipped(subject: Subject, target: Target) -> Iterator[Hit]:
    if subject.archive.format is not Format.ZIP:
        return
    for member in subject.archive.members:
        if member.kind is Kind.LINK:
            reason = f"a link in a zip: every unpacker makes a text file of it that says {member.target}"
            yield Hit(file=member.name, reason=reason, remedy="ship a .tar.gz, which keeps links")


def _in_plain_tar(subject: Subject, target: Target) -> Iterator[Hit]:
    cases = tuple(case for case in target.cases if not case.on_yarn)
    if subject.suffix == ".tar" and cases:
        reason = (
            "where Spark unpacks a plain .tar itself, no file stays executable, relative links lead elsewhere, and an "
            "absolute one ends it: would create entry outside"
        )
        yield Hit(file="", reason=reason, remedy="ship a .tar.gz", cases=cases)


_TAR = "org.apache.spark.util.Utils.unpack and org.apache.hadoop.fs.FileUtil.unTar, run"
CHECKS = (
    Check(
        id="link-outside",
        severity=Severity.ERROR,
        what="a link that leaves the archive: absolute, relative, or through other links",
        source="Spark: python/docs/source/tutorial/python_packaging.rst; " + _TAR,
        find=_outside,
    ),
    Check(
        id="link-broken",
        severity=Severity.WARNING,
        what="a link to nothing, or in a circle; an error for the interpreter",
        source=_TAR,
        find=_broken,
    ),
    Check(
        id="hard-link",
        severity=Severity.ERROR,
        what="a hard link to what does not stand before it",
        source="GNU tar: Hard Links",
        find=_hard,
    ),
    Check(
        id="zip-link",
        severity=Severity.ERROR,
        what="a link in a zip",
        source="org.apache.hadoop.fs.FileUtil.unZip, run",
        find=_zipped,
    ),
    Check(
        id="plain-tar",
        severity=Severity.ERROR,
        what="a .tar where Spark unpacks",
        source=_TAR,
        find=_in_plain_tar,
    ),
)
