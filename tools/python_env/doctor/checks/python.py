"""The Python that runs it: versions, bytecode, and where the interpreter lies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from python_env.base.sparks import spark_of
from python_env.doctor.archive import Format, Kind
from python_env.doctor.model import Check, Hit, Severity, Target, dotted
from python_env.doctor.pythons import own_python, python_of
from python_env.doctor.subject import Shape, Subject

_MAGIC = {
    6: (3360, 3379),
    7: (3390, 3394),
    8: (3400, 3413),
    9: (3420, 3425),
    10: (3430, 3439),
    11: (3450, 3495),
    12: (3500, 3531),
    13: (3550, 3571),
    14: (3600, 3627),
}
"""First and last magic number of a Python's bytecode (CPython: Include/internal/pycore_magic_number.h)."""

_CACHED = re.compile(r"\.cpython-3(\d{1,2})")


def _minor(subject: Subject, target: Target) -> Iterator[Hit]:
    own = own_python(subject)
    asked = target.python or (target.platform.python if target.platform else None)
    if own and asked and own != asked and not (target.python and subject.has_interpreter):
        reason = f"the archive is made for Python {dotted(own)}, the cluster's is {dotted(asked)}"
        yield Hit(file="", reason=reason, remedy=f"build it for {dotted(asked)}, or take an interpreter inside")


def _spark_range(subject: Subject, target: Target) -> Iterator[Hit]:
    python = python_of(subject, target)
    if python is None:
        return
    old = tuple(case for case in target.cases if python < spark_of(case.spark).pythons[0])
    new = tuple(case for case in target.cases if python > spark_of(case.spark).pythons[1])
    if old:
        oldest = dotted(max(spark_of(case.spark).pythons[0] for case in old))
        yield Hit(
            file="",
            reason=f"Python {dotted(python)}: that Spark wants {oldest} or newer",
            remedy="a newer Python",
            cases=old,
        )
    if new:
        newest = dotted(min(spark_of(case.spark).pythons[1] for case in new))
        reason = f"Python {dotted(python)}: that Spark was made for {newest} and older"
        yield Hit(
            file="", reason=reason, remedy=f"Python {newest}, or a newer Spark", cases=new, severity=Severity.WARNING
        )


def _bytecode(subject: Subject, target: Target) -> Iterator[Hit]:
    python = python_of(subject, target)
    stale = []
    for member in subject.everything:
        if not member.name.endswith(".pyc") or len(member.head) < 16:
            continue
        found = _python_of_magic(int.from_bytes(member.head[:2], "little"))
        cached = "/__pycache__/" in f"/{member.name}"
        if not cached and python and found and found != python[1]:
            reason = f"bytecode of Python 3.{found} without its source: {dotted(python)} cannot import it"
            yield Hit(file=member.label, reason=reason, remedy="pack the source", severity=Severity.ERROR)
        named = _CACHED.search(member.base)
        if cached and (found is None or (named and int(named[1]) != found) or (python and found != python[1])):
            stale.append(member.label)
    if stale:
        reason = f"bytecode of another Python in {len(stale)} files: every import reads the source and compiles it anew"
        yield Hit(file=stale[0], reason=reason, remedy="pack without __pycache__, or compile with the same Python")


def _python_of_magic(magic: int) -> int | None:
    return next((minor for minor, (first, last) in _MAGIC.items() if first <= magic <= last), None)


def _nothing_to_start(subject: Subject, target: Target) -> Iterator[Hit]:
    if not subject.is_unpacked or subject.archive.format is Format.OTHER or subject.is_code:
        return
    if not subject.start:
        reason = "there is neither bin/python nor __main__.py: PYSPARK_PYTHON has nothing to name"
        yield Hit(file="", reason=reason, remedy="pack a whole environment (venv-pack, conda-pack, a packed PEX)")
    elif subject.shape is Shape.ZIPAPP:
        reason = "a program, not an interpreter: Spark starts `<python> -m pyspark.daemon`"
        yield Hit(file=subject.start, reason=reason, remedy="build a PEX without entry point, or pack the venv")


def _zipapp(subject: Subject, target: Target) -> Iterator[Hit]:
    if not subject.is_unpacked and subject.shape is Shape.ZIPAPP:
        reason = "a zipapp runs its own program, never `-m pyspark.daemon`"
        yield Hit(file=subject.start, reason=reason, remedy="build a PEX without entry point, or pack the venv")


def _without_library(subject: Subject, target: Target) -> Iterator[Hit]:
    place, fault = subject.resolve(subject.start) if subject.start else ("", "none")
    member = subject.by_name.get(place)
    if fault or member is None or member.binary is None or subject.standard_library:
        return
    if _home(subject) in target.on_nodes:
        return
    reason = "a CPython without its standard library: it starts only where the nodes have that, at the same path"
    yield Hit(file=place, reason=reason, remedy="pack lib/python3.X, too (conda-pack; an interpreter inside the venv)")


def _home(subject: Subject) -> str:
    member = subject.by_name.get(f"{subject.root}pyvenv.cfg")
    text = (member.data or b"").decode(errors="replace") if member else ""
    found = re.search(r"(?m)^home\s*=\s*(\S+)", text)
    return found[1] if found else ""


def _on_node(subject: Subject, target: Target) -> Iterator[Hit]:
    if subject.has_interpreter or not subject.start or subject.resolve(subject.start)[1]:
        return
    member = subject.by_name[subject.start]
    if member.kind is not Kind.FILE or member.binary is not None:
        return
    python = python_of(subject, target)
    name = f"python{dotted(python)}" if python else "its Python"
    reason = f"no interpreter inside: {name} must be on the PATH of every container"
    remedy = "on YARN by yarn.nodemanager.admin-env or spark.executorEnv.PATH; or take an interpreter inside"
    yield Hit(file=subject.start if subject.is_unpacked else "", reason=reason, remedy=remedy)


def _nested(subject: Subject, target: Target) -> Iterator[Hit]:
    if subject.is_unpacked and subject.root:
        reason = f"the environment lies below {subject.root} in the archive"
        yield Hit(file=subject.start, reason=reason, remedy=f"PYSPARK_PYTHON=./<alias>/{subject.start}")


_PACKAGING = "Spark: python/docs/source/tutorial/python_packaging.rst"
CHECKS = (
    Check(
        id="python-minor",
        severity=Severity.ERROR,
        what="an archive for another Python than the cluster's or the platform tag's",
        source="Spark: PYTHON_VERSION_MISMATCH (pyspark/worker.py)",
        find=_minor,
    ),
    Check(
        id="python-spark",
        severity=Severity.ERROR,
        what="a Python that this Spark does not take; a warning where it is newer than it knows",
        source="pyspark: Requires-Python and classifiers of each version",
        find=_spark_range,
    ),
    Check(
        id="bytecode",
        severity=Severity.WARNING,
        what="__pycache__ of another Python; an error for bytecode without source",
        source="PEP 3147, PEP 488; pycore_magic_number.h",
        find=_bytecode,
    ),
    Check(
        id="interpreter-missing",
        severity=Severity.ERROR,
        what="an archive without bin/python and __main__.py, or whose __main__.py is a program",
        source=_PACKAGING,
        find=_nothing_to_start,
    ),
    Check(
        id="zipapp",
        severity=Severity.ERROR,
        what="a zipapp that is no PEX",
        source="pyspark: python/pyspark/daemon.py; PEP 441",
        find=_zipapp,
    ),
    Check(
        id="interpreter-alone",
        severity=Severity.ERROR,
        what="a CPython without its standard library (`python -m venv --copies`)",
        source="CPython: Modules/getpath.py",
        find=_without_library,
    ),
    Check(
        id="interpreter-on-node",
        severity=Severity.NOTE,
        what="no interpreter inside: what the nodes must have",
        source=_PACKAGING,
        find=_on_node,
    ),
    Check(
        id="nested",
        severity=Severity.NOTE,
        what="an environment below a folder of the archive",
        source="Spark: docs/configuration.md, spark.archives",
        find=_nested,
    ),
)
