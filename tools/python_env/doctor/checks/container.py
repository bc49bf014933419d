"""The container itself: its suffix, features of a zip, and names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from python_env.base.archive.paths import PathFault, is_list_name, path_fault
from python_env.base.archive.zip_directory import DEFLATED, STORED
from python_env.doctor.archive import Format, Kind
from python_env.doctor.clusters import reads_bzip2, reads_preamble
from python_env.doctor.model import Check, Hit, Severity, Target
from python_env.doctor.subject import UNPACKED, Shape, Subject

_ONLY_TAR_GZ = "ship a .tar.gz: every version unpacks it"
_FORMATS = {".tar.gz": Format.TAR_GZ, ".tgz": Format.TAR_GZ, ".tar": Format.TAR, ".zip": Format.ZIP, ".jar": Format.ZIP}
_BZIP2 = 12
"""Compression method of a zip (APPNOTE 4.4.5)."""


def _suffix(subject: Subject, target: Target) -> Iterator[Hit]:
    archive = subject.archive
    if subject.is_unpacked:
        wanted = _FORMATS[subject.suffix]
        if archive.format is not wanted:
            reason = f"the name says {subject.suffix}, the content is {archive.format}: unpacking it fails"
            yield Hit(file="", reason=reason, remedy="name it by what it is")
    elif archive.format is not Format.ZIP or subject.shape not in (Shape.PEX, Shape.ZIPAPP):
        reason = f"neither YARN nor Spark unpacks this suffix; they know {', '.join(UNPACKED)}, and only warn"
        yield Hit(file="", reason=reason, remedy=_ONLY_TAR_GZ)


def _file_name(subject: Subject, target: Target) -> Iterator[Hit]:
    if not is_list_name(subject.archive.name):
        reason = "the file name cannot stand in a URI or a list of Spark: # starts an alias, a comma the next file"
        yield Hit(file="", reason=reason, remedy="rename it: letters, digits, . _ + - @ ~")


def _stored_descriptors(subject: Subject, target: Target) -> Iterator[Hit]:
    cases = tuple(case for case in target.cases if case.on_yarn)
    if subject.archive.format is not Format.ZIP or not subject.is_unpacked or not cases:
        return
    for member in subject.archive.members:
        if member.stored_descriptor:
            reason = "stored, with a data descriptor (a streaming writer): a NodeManager cannot unpack the archive"
            yield Hit(file=member.name, reason=reason, remedy="compress it, or write to a seekable file", cases=cases)


def _preamble(subject: Subject, target: Target) -> Iterator[Hit]:
    cases = tuple(case for case in target.cases if not reads_preamble(case))
    if subject.is_unpacked and subject.archive.has_preamble and cases:
        reason = "something stands before the first member (the #! of a zipapp): older NodeManagers cannot unpack it"
        yield Hit(
            file="", reason=reason, remedy="pex --layout packed, zipped; or ship it as a file, named .pex", cases=cases
        )


def _methods(subject: Subject, target: Target) -> Iterator[Hit]:
    if subject.archive.format is not Format.ZIP:
        return
    for member in subject.archive.members:
        if member.kind is Kind.FOLDER or member.method in (STORED, DEFLATED):
            continue
        cases = tuple(case for case in target.cases if member.method != _BZIP2 or not reads_bzip2(case))
        if cases or not target.cases:
            reason = f"compressed by method {member.method}; readers in Java and Python's zipimport know deflate"
            yield Hit(file=member.name, reason=reason, remedy="compress with deflate", cases=cases)


def _encrypted(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.archive.members:
        if member.encrypted:
            yield Hit(file=member.name, reason="the member is encrypted", remedy="pack it without a password")


def _names(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.archive.members:
        fault = path_fault(member.name)
        if fault and member.name not in (".", ""):
            severity = Severity.WARNING if fault in (PathFault.ABSOLUTE, PathFault.NOT_NORMALISED) else None
            remedy = "pack the folder with relative names: tar -C FOLDER ."
            yield Hit(file=member.name, reason=f"the name {fault}", remedy=remedy, severity=severity)


def _twice(subject: Subject, target: Target) -> Iterator[Hit]:
    counts = Counter(member.name for member in subject.archive.members if member.kind is not Kind.FOLDER)
    for name, count in counts.items():
        if count > 1:
            yield Hit(file=name, reason=f"the name stands {count} times; the last one wins", remedy="pack it once")


def _damaged(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.everything:
        if member.unread:
            yield Hit(file=member.label, reason=member.unread, remedy="build the archive again")


_UNZIP = "org.apache.hadoop.fs.FileUtil.unZip, run"
CHECKS = (
    Check(
        id="suffix",
        severity=Severity.ERROR,
        what="a suffix that nobody unpacks (.tar.xz, .tar.bz2, .tar.zst), or that is not what the file is",
        source="org.apache.hadoop.yarn.util.FSDownload, org.apache.spark.util.Utils.unpack, run on both",
        find=_suffix,
    ),
    Check(
        id="file-name",
        severity=Severity.ERROR,
        what="a file name that Spark's lists of URIs take for something else",
        source="Spark: docs/running-on-yarn.md, spark.yarn.dist.archives",
        find=_file_name,
    ),
    Check(
        id="zip-stored-descriptor",
        severity=Severity.ERROR,
        what="a stored member with a data descriptor, on YARN",
        source=_UNZIP,
        find=_stored_descriptors,
    ),
    Check(
        id="zip-preamble",
        severity=Severity.ERROR,
        what="a zip with something before it, on a NodeManager before 3.4.1",
        source=_UNZIP,
        find=_preamble,
    ),
    Check(
        id="zip-method",
        severity=Severity.ERROR,
        what="a compression that the unpacker does not know; bzip2 is read from Hadoop 3.3.5 on",
        source=_UNZIP,
        find=_methods,
    ),
    Check(id="zip-encrypted", severity=Severity.ERROR, what="an encrypted member", source=_UNZIP, find=_encrypted),
    Check(
        id="name-unsafe",
        severity=Severity.ERROR,
        what="a name that leaves the archive, or no file system takes; a warning for one that is absolute",
        source="FileUtil.unZip: would create file outside of; GNU tar: Removing leading",
        find=_names,
    ),
    Check(
        id="name-twice",
        severity=Severity.WARNING,
        what="two members of one name",
        source="FileUtil.unZip and unTar, run",
        find=_twice,
    ),
    Check(
        id="damaged",
        severity=Severity.ERROR,
        what="a member that cannot be inflated, or into far more than the archive is large",
        source="RFC 1951",
        find=_damaged,
    ),
)
