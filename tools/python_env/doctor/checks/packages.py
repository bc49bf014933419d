"""Packages that must agree with the cluster's Spark."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.base.releases import dotted, is_older, release_of
from python_env.base.sparks import spark_of
from python_env.doctor.model import Case, Check, Hit, Severity, Target
from python_env.doctor.subject import Subject


def _pyspark(subject: Subject, target: Target) -> Iterator[Hit]:
    version = subject.distributions.get("pyspark", "")
    release = release_of(version)
    cases = tuple(case for case in target.cases if release and release[: len(case.spark)] != case.spark)
    if not cases:
        return
    wanted = ", ".join(sorted({dotted(case.spark) for case in cases}))
    if subject.own_packages_win:
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
    version = subject.distributions.get("py4j", "")
    cases = tuple(case for case in target.cases if version and version != spark_of(case.spark).py4j)
    if cases:
        wanted = ", ".join(sorted({spark_of(case.spark).py4j for case in cases}))
        severity = Severity.WARNING if subject.own_packages_win else Severity.NOTE
        remedy = "leave py4j out, or lock the cluster's version"
        yield Hit(
            file="",
            reason=f"py4j {version} inside, Spark brings {wanted}",
            remedy=remedy,
            cases=cases,
            severity=severity,
        )


def _minimum(subject: Subject, target: Target, *, name: str) -> Iterator[Hit]:
    version = subject.distributions.get(name, "")
    cases = tuple(case for case in target.cases if is_older(version, _lowest(case, name)))
    if cases:
        lowest = max((_lowest(case, name) for case in cases), key=release_of)
        page = spark_of(max(case.spark for case in cases)).page
        reason = f"{name} {version}: pandas UDFs and Arrow of that Spark want {lowest} or newer ({page})"
        yield Hit(file="", reason=reason, remedy=f"{name}>={lowest}", cases=cases)


def _lowest(case: Case, name: str) -> str:
    return dict(spark_of(case.spark).minimums)[name]


def _pandas(subject: Subject, target: Target) -> Iterator[Hit]:
    return _minimum(subject, target, name="pandas")


def _pyarrow(subject: Subject, target: Target) -> Iterator[Hit]:
    return _minimum(subject, target, name="pyarrow")


_MINIMUMS = "pyspark/sql/pandas/utils.py; Spark: Installation, Dependencies, of each version"
CHECKS = (
    Check(
        id="pyspark-version",
        severity=Severity.ERROR,
        what="a pyspark inside that is not the cluster's; a warning where PYTHONPATH wins: venvs, our PEX",
        source="run on Spark 3.5.6 and 4.3.0: test_refusals.py::test_whose_pyspark_wins",
        find=_pyspark,
    ),
    Check(
        id="py4j-version",
        severity=Severity.WARNING,
        what="a py4j inside that is not the cluster's; a note where PYTHONPATH wins",
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
