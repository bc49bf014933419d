"""Permissions, and what is neither file, folder nor link."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.base.binary import is_program
from python_env.doctor.archive import Format, Kind
from python_env.doctor.clusters import unzips_modes
from python_env.doctor.model import Case, Check, Hit, Severity, Target
from python_env.doctor.subject import Subject


def _elsewhere(target: Target) -> tuple[Case, ...]:
    """Return the cases in which Spark unpacks: a NodeManager makes every file executable and readable (0500, 0555)."""
    return tuple(case for case in target.cases if not case.on_yarn)


def _not_executable(subject: Subject, target: Target) -> Iterator[Hit]:
    cases = _elsewhere(target)
    if not cases or not subject.is_unpacked or not subject.start:
        return
    place, fault = subject.resolve(subject.start)
    member = subject.by_name.get(place)
    if fault or member is None or member.mode is None or member.mode & 0o111:
        return
    reason = f"mode {member.mode:04o}: it is what Spark starts, and cannot be executed (YARN alone makes it executable)"
    yield Hit(file=member.name, reason=reason, remedy="chmod +x before packing", cases=cases)


def _without_modes(subject: Subject, target: Target) -> Iterator[Hit]:
    """Yield what cannot be executed since the archive holds no modes, or the unpacker ignores them."""
    if not subject.is_unpacked or not subject.start:
        return
    member = subject.by_name[subject.start]
    if subject.archive.format is Format.ZIP and member.mode is None:
        cases = _elsewhere(target)
        why = "the zip holds no Unix modes (it was not written on a Unix)"
    elif subject.suffix == ".jar":
        cases, why = _elsewhere(target), "nothing of a .jar stays executable where Spark unpacks it"
    elif subject.suffix == ".zip":
        cases = tuple(case for case in _elsewhere(target) if not unzips_modes(case))
        why = "Spark before 4 loses the execute bits of a zip that it unpacks itself: Permission denied"
    else:
        return
    if cases:
        yield Hit(file=subject.start, reason=why, remedy="ship a .tar.gz, or Spark 4 and newer", cases=cases)


def _dead_scripts(subject: Subject, target: Target) -> Iterator[Hit]:
    cases = _elsewhere(target)
    if not cases or subject.archive.format is Format.ZIP or not subject.is_unpacked:
        return
    for member in subject.archive.members:
        in_bin = member.name.startswith(f"{subject.root}bin/") and member.name.count("/") == subject.root.count("/") + 1
        plain = member.kind is Kind.FILE and member.name != subject.resolve(subject.start)[0]
        if in_bin and plain and is_program(member.head) and not (member.mode or 0) & 0o111:
            reason = f"mode {member.mode or 0:04o}: a program that cannot be executed"
            yield Hit(file=member.name, reason=reason, remedy="chmod +x before packing", cases=cases)


def _unreadable(subject: Subject, target: Target) -> Iterator[Hit]:
    cases = _elsewhere(target)
    if not cases or not subject.is_unpacked:
        return
    for member in subject.archive.members:
        wanted = {Kind.FILE: 0o400, Kind.FOLDER: 0o500}.get(member.kind, 0)
        if member.mode is not None and member.mode & wanted != wanted:
            what = "entered" if member.kind is Kind.FOLDER else "read"
            reason = f"mode {member.mode:04o}: its owner cannot have it {what} (YARN alone mends it)"
            yield Hit(file=member.name, reason=reason, remedy="chmod -R u+rX before packing", cases=cases)


def _devices(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.archive.members:
        if member.kind is Kind.OTHER:
            reason = "neither a file, a folder nor a link: a pipe or device of the building machine"
            yield Hit(file=member.name, reason=reason, remedy="leave it out")


_YARN = "org.apache.hadoop.yarn.util.FSDownload, org.apache.spark.util.Utils.unpack, run"
CHECKS = (
    Check(
        id="not-executable",
        severity=Severity.ERROR,
        what="an interpreter without execute bit, where no NodeManager unpacks",
        source=_YARN,
        find=_not_executable,
    ),
    Check(
        id="modes-lost",
        severity=Severity.ERROR,
        what="a zip or jar whose execute bits are lost or missing, where Spark unpacks",
        source="HADOOP-18145 (Hadoop 3.3.5), SPARK-37677; " + _YARN,
        find=_without_modes,
    ),
    Check(
        id="script-not-executable",
        severity=Severity.WARNING,
        what="a program of bin/ without execute bit",
        source=_YARN,
        find=_dead_scripts,
    ),
    Check(
        id="unreadable",
        severity=Severity.ERROR,
        what="a file that its owner may not read, a folder that it may not enter",
        source=_YARN,
        find=_unreadable,
    ),
    Check(
        id="device",
        severity=Severity.WARNING,
        what="a pipe, socket or device",
        source=_YARN,
        find=_devices,
    ),
)
