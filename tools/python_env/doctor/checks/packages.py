"""Packages that must agree with the cluster's Spark."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from python_env.base.sparks import spark_of
from python_env.doctor.model import Case, Check, Hit, Severity, Target, dotted
from python_env.doctor.pex_path import pex_path
from python_env.doctor.subject import Subject


def _version(subject: Subject, name: str) -> Version | None:
    try:
        return Version(subject.distributions.get(name, ""))
    except InvalidVersion:
        return None


def _pyspark(subject: Subject, target: Target) -> Iterator[Hit]:
    version = _version(subject, "pyspark")
    if version is None:
        return
    cases = tuple(case for case in target.cases if version.release[:2] != case.spark[:2])
    if not cases:
        return
    wanted = ", ".join(sorted({dotted(case.spark) for case in cases}))
    path = pex_path(subject)
    if path and path.own_comes_first:
        reason = f"pyspark {version} inside wins over the cluster's {wanted}: protocol and classes differ"
        severity = Severity.ERROR
    else:
        reason = f"pyspark {version} inside; the cluster's {wanted} wins on PYTHONPATH, the driver's may not"
        severity = Severity.WARNING
    yield Hit(
        file="",
        reason=reason,
        remedy="leave pyspark out, or lock the cluster's version",
        cases=cases,
        severity=severity,
    )


def _py4j(subject: Subject, target: Target) -> Iterator[Hit]:
    version = _version(subject, "py4j")
    if version is None:
        return
    cases = tuple(case for case in target.cases if str(version) != spark_of(case.spark).py4j)
    if cases:
        wanted = ", ".join(sorted({spark_of(case.spark).py4j for case in cases}))
        path = pex_path(subject)
        severity = Severity.WARNING if path and path.own_comes_first else Severity.NOTE
        remedy = "leave py4j out, or lock the cluster's version"
        yield Hit(
            file="",
            reason=f"py4j {version} inside, Spark brings {wanted}",
            remedy=remedy,
            cases=cases,
            severity=severity,
        )


def _minimum(subject: Subject, target: Target, *, name: str) -> Iterator[Hit]:
    version = _version(subject, name)
    if version is None:
        return
    cases = tuple(case for case in target.cases if version < Version(_lowest(case, name)))
    if cases:
        lowest = max((_lowest(case, name) for case in cases), key=Version)
        page = spark_of(max(case.spark for case in cases)).page
        reason = f"{name} {version}: pandas UDFs and Arrow of that Spark want {lowest} or newer ({page})"
        yield Hit(file="", reason=reason, remedy=f"{name}>={lowest}", cases=cases)


def _lowest(case: Case, name: str) -> str:
    row = spark_of(case.spark)
    return row.pandas if name == "pandas" else row.pyarrow


def _pandas(subject: Subject, target: Target) -> Iterator[Hit]:
    return _minimum(subject, target, name="pandas")


def _pyarrow(subject: Subject, target: Target) -> Iterator[Hit]:
    return _minimum(subject, target, name="pyarrow")


_MINIMUMS = "pyspark/sql/pandas/utils.py; Spark: Installation, Dependencies, of each version"
CHECKS = (
    Check(
        id="pyspark-version",
        severity=Severity.ERROR,
        what="a pyspark inside of another minor version than the cluster's; a warning where PYTHONPATH comes first",
        source="run: tests/e2e/test_doctor.py (sys.path of every kind of PEX), test_refusals.py (a worker)",
        find=_pyspark,
    ),
    Check(
        id="py4j-version",
        severity=Severity.WARNING,
        what="a py4j inside that is not the cluster's; a note where PYTHONPATH comes first",
        source="pyspark: install_requires of each version",
        find=_py4j,
    ),
    Check(
        id="pandas-minimum",
        severity=Severity.WARNING,
        what="a pandas that is too old for that Spark",
        source=_MINIMUMS,
        find=_pandas,
    ),
    Check(
        id="pyarrow-minimum",
        severity=Severity.WARNING,
        what="a pyarrow that is too old for that Spark",
        source=_MINIMUMS,
        find=_pyarrow,
    ),
)
