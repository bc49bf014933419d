"""PEX files under Spark: what PEX-INFO says of sys.path, of the program that runs, and of where it unpacks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.specifiers import SpecifierSet

from python_env.doctor.model import Check, Hit, Severity, Target, dotted, on_connect
from python_env.doctor.pex_path import pex_path
from python_env.doctor.pythons import python_of
from python_env.doctor.subject import Shape, Subject

_FILE = "PEX-INFO"
_GIB4, _MOST = 1 << 32, 0xFFFF


def _text(subject: Subject, key: str) -> str:
    value = subject.pex_info.get(key)
    return value if isinstance(value, str) else ""


def _sees_no_pyspark(subject: Subject) -> bool:
    path = pex_path(subject)
    return path is not None and path.drops_pythonpath and "pyspark" not in subject.distributions


def _inherits(subject: Subject) -> str:
    path = pex_path(subject)
    return path.inherit if path else ""


def _blind(subject: Subject, target: Target) -> Iterator[Hit]:
    if _sees_no_pyspark(subject) and _inherits(subject) == "false":
        reason = (
            "inherit_path is false and there is no pyspark inside: PYTHONPATH is dropped, No module named 'pyspark'"
        )
        yield Hit(file=_FILE, reason=reason, remedy="pex --inherit-path=fallback --non-hermetic-venv-scripts")


def _hermetic(subject: Subject, target: Target) -> Iterator[Hit]:
    if _sees_no_pyspark(subject) and _inherits(subject) != "false":
        reason = "venv mode with hermetic scripts: they drop PYTHONPATH, No module named 'pyspark'"
        yield Hit(file=_FILE, reason=reason, remedy="pex --non-hermetic-venv-scripts")


def _prefers(subject: Subject, target: Target) -> Iterator[Hit]:
    if _inherits(subject) == "prefer":
        reason = "inherit_path is prefer: packages of the node's Python win over the packed ones, silently"
        yield Hit(file=_FILE, reason=reason, remedy="pex --inherit-path=fallback")


def _entry_point(subject: Subject, target: Target) -> Iterator[Hit]:
    program = _text(subject, "entry_point") or _text(subject, "script")
    if not program:
        return
    reason = f"its entry point {program} runs instead of pyspark.daemon"
    sessions = on_connect(target.cases)
    others = tuple(case for case in target.cases if case not in sessions)
    if others or not sessions:
        severity = Severity.NOTE if target.launched_by_us else Severity.ERROR
        remedy = "spark.executorEnv.PEX_INTERPRETER=1 (the launcher's manifest has it), or build without entry point"
        yield Hit(file=_FILE, reason=reason, remedy=remedy, severity=severity, cases=others)
    if sessions:
        reason += "; a session of Spark Connect cannot set PEX_INTERPRETER"
        yield Hit(file=_FILE, reason=reason, remedy="build without entry point", cases=sessions)


def _root(subject: Subject, target: Target) -> Iterator[Hit]:
    if subject.shape is not Shape.PEX or target.launched_by_us:
        return
    place = _text(subject, "pex_root")
    where = f"it unpacks itself below {place}" if place else "it unpacks itself below HOME, which containers may lack"
    reason = f"{where}: a fresh temporary folder for each process where that cannot be written"
    yield Hit(file=_FILE, reason=reason, remedy="spark.executorEnv.PEX_ROOT=./.pex (the launcher's manifest has it)")


def _constraints(subject: Subject, target: Target) -> Iterator[Hit]:
    python, stated = python_of(subject, target), subject.pex_info.get("interpreter_constraints")
    if python is None or not isinstance(stated, list) or not stated:
        return
    if not any(_admits(str(each), python) for each in stated):
        words = ", ".join(str(each) for each in stated)
        reason = f"its interpreter constraints ({words}) do not admit Python {dotted(python)}"
        yield Hit(file=_FILE, reason=reason, remedy="build it for the cluster's Python")


def _admits(constraint: str, python: tuple[int, int]) -> bool:
    """Return whether some release of a Python fits `CPython>=3.9,<3.12`."""
    words = re.sub(r"^[A-Za-z]+(\[[^\]]*\])?", "", constraint.strip())
    try:
        specifiers = SpecifierSet(words)
        return any(specifiers.contains(f"{dotted(python)}.{micro}") for micro in range(40))
    except ValueError:  # InvalidSpecifier, or a number of more digits than Python reads
        return True


def _too_large(subject: Subject, target: Target) -> Iterator[Hit]:
    python = python_of(subject, target)
    large = subject.archive.size >= _GIB4 or len(subject.archive.members) >= _MOST
    if subject.shape in (Shape.PEX, Shape.ZIPAPP) and not subject.is_unpacked and large and python and python < (3, 13):
        reason = f"a zip of 4 GiB or of 65,535 files and more: CPython {dotted(python)} does not find its __main__"
        yield Hit(file="", reason=reason, remedy="pex --layout packed, zipped; or the venv")


_RUN = "run on Spark 3.5.6 and 4.3.0 (docs/launcher.md); pex: PEX-INFO"
CHECKS = (
    Check(
        id="pex-blind",
        severity=Severity.ERROR,
        what="a PEX that cannot see the cluster's pyspark: inherit_path = false, and none inside",
        source=_RUN,
        find=_blind,
    ),
    Check(
        id="pex-hermetic",
        severity=Severity.ERROR,
        what="a venv-mode PEX with hermetic scripts and no pyspark inside",
        source=_RUN,
        find=_hermetic,
    ),
    Check(
        id="pex-prefer",
        severity=Severity.WARNING,
        what="a PEX in which the node's packages win",
        source=_RUN,
        find=_prefers,
    ),
    Check(
        id="pex-entry-point",
        severity=Severity.ERROR,
        what="a PEX with an entry point; a note where our launcher starts it",
        source=_RUN,
        find=_entry_point,
    ),
    Check(
        id="pex-interpreter",
        severity=Severity.ERROR,
        what="interpreter constraints that the cluster's Python does not meet",
        source="pex: PEX-INFO, interpreter_constraints",
        find=_constraints,
    ),
    Check(
        id="pex-root",
        severity=Severity.NOTE,
        what="a PEX whose PEX_ROOT nobody sets",
        source="pex: PEX runtime environment variables, PEX_ROOT",
        find=_root,
    ),
    Check(
        id="pex-size",
        severity=Severity.ERROR,
        what="a zipapp that its CPython cannot start: 4 GiB, or 65,535 files, before 3.13",
        source="CPython: Lib/zipimport.py, run on 3.8 to 3.13 (docs/artifacts.md)",
        find=_too_large,
    ),
)
