"""Spark Connect: what a session cannot do for its workers."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.base.releases import dotted
from python_env.base.sparks import ADD_ARTIFACT_SINCE
from python_env.doctor.model import Check, Hit, Severity, Target, on_connect
from python_env.doctor.subject import Subject


def _sessions(subject: Subject, target: Target) -> Iterator[Hit]:
    cases = on_connect(target.cases)
    old = tuple(case for case in cases if case.spark < ADD_ARTIFACT_SINCE)
    if old:
        reason = f"a session has no addArtifact before Spark {dotted(ADD_ARTIFACT_SINCE)}: nothing ships the file"
        yield Hit(file="", reason=reason, remedy="spark-submit", cases=old)
    if subject.is_code and cases:
        reason = "a session cannot set PYTHONPATH of its workers: the code lies there and is not found"
        yield Hit(file="", reason=reason, remedy="split = False", cases=cases)


CHECKS = (
    Check(
        id="connect",
        severity=Severity.ERROR,
        what="code apart, or a Spark before 3.5, on Spark Connect",
        source="python/pyspark/sql/connect/session.py; run on Spark 4.3.0 (docs/launcher.md)",
        find=_sessions,
    ),
)
