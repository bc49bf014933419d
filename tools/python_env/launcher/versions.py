"""What depends on the stated Spark: refusals where the version is known, requirements where it is not.

No rule needs a stated Hadoop: what a NodeManager of 3.3 cannot unpack (a zip behind a preamble) is never written.

Minimums: pyspark/sql/pandas/utils.py and Requires-Python of 3.5.6, 4.0.5, 4.1.4, 4.2.1 and 4.3.0, each run; the oldest
and the newest are in tests/e2e/test_refusals.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from python_env.artifacts.model import Container, Report
from python_env.base.sparks import SPARKS
from python_env.launcher.model import Cluster, Combination, Release, Why
from python_env.launcher.pex import own_pyspark_wins

_KNOWN = tuple(row for row in reversed(SPARKS) if row.version >= (3, 5))
MINIMUMS = tuple((row.version, {"pyarrow": row.pyarrow, "pandas": row.pandas}) for row in _KNOWN)
"""Spark, newest first, to the oldest that it takes of what Arrow needs."""

_RELEASE = re.compile(r"[0-9]+(?:\.[0-9]+)*")

PYTHONS = tuple((row.version, ".".join(map(str, row.pythons[0]))) for row in _KNOWN)
"""Spark, newest first, to the oldest Python that its pyspark runs on."""

_MINIMUMS_PROOF = "test_refusals.py::test_minimums_are_those_of_pyspark"

_ZIP_LOSES = "drops the executable bits of a zip that it unpacks, Permission denied"
"""Before HADOOP-18145, by the Hadoop inside Spark: a cluster's own Hadoop says nothing of it."""
_ZIP_REMEDY = 'format = "tar.gz" of the venv, a PEX that is one file, or Spark 4'


def version_refusal(artifact: Report, combination: Combination, cluster: Cluster, *, split: bool) -> Why | None:
    """Return what the first rule says by which a stated version refuses, or None."""
    for spark in cluster.spark:
        refused = _of_spark(artifact, combination, spark, split=split)
        if refused:
            return refused
    return None


def _unpacked_by_spark(artifact: Report, combination: Combination) -> bool:
    return artifact.container is Container.ZIP and combination.manager != "yarn"


def _of_spark(artifact: Report, combination: Combination, spark: Release, *, split: bool) -> Why | None:
    by_spark = combination.manager != "yarn"
    if by_spark and spark.numbers < (3, 1) and (split or artifact.container is not Container.FILE):
        reason = f"Spark {spark.text} has no spark.archives: it is there from 3.1 on"
        return Why(reason, "a PEX that is one file, or YARN", "no run: docs/configuration.md, since 3.1.0")
    if combination is Combination.CONNECT and spark.numbers < (3, 5):
        proof = "no run: python/pyspark/sql/connect/session.py, versionadded 3.5.0"
        return Why(f"Spark {spark.text} has no addArtifact: it is there from 3.5 on", "spark-submit", proof)
    if _unpacked_by_spark(artifact, combination) and spark.numbers < (4,):
        proof = "test_spark_layouts.py::test_spark_3_cannot_execute_what_it_unpacked"
        return Why(f"Spark {spark.text} {_ZIP_LOSES}", _ZIP_REMEDY, proof)
    return _own_pyspark(artifact, spark) or _too_old(artifact, spark)


def _own_pyspark(artifact: Report, spark: Release) -> Why | None:
    """Refuse a PEX whose own pyspark would talk to another Spark."""
    inside = artifact.distributions.get("pyspark")
    if not inside or not own_pyspark_wins(artifact) or inside.split(".")[:2] == _minor(spark).split("."):
        return None
    return Why(
        f"pyspark {inside} inside the PEX wins over the cluster's Spark {spark.text}",
        f"lock pyspark {_minor(spark)}, or leave it out of the environment",
        "test_refusals.py::test_a_pyspark_inside_wins",
    )


def _minor(spark: Release) -> str:
    return ".".join(str(number) for number in spark.numbers[:2])


def _too_old(artifact: Report, spark: Release) -> Why | None:
    python = next((python for since, python in PYTHONS if spark.numbers >= since), "")
    if python and _key(artifact.python) < _key(python):
        reason = f"pyspark of Spark {spark.text} needs Python {python}"
        return Why(reason, f"a platform tag of Python {python} or newer", _MINIMUMS_PROOF)
    oldest = next((oldest for since, oldest in MINIMUMS if spark.numbers >= since), {})
    for name, minimum in oldest.items():
        found = artifact.distributions.get(name)
        if found and _key(found) < _key(minimum):
            return Why(
                f"Spark {spark.text} refuses {name} {found} for pandas and Arrow: it takes {minimum} or newer",
                f"{name} >= {minimum}, or an environment without {name}",
                _MINIMUMS_PROOF,
            )
    return None


def _key(text: str) -> tuple[int, ...]:
    """Return the release of a version as numbers, without trailing zeros: what minimums are compared by."""
    found = _RELEASE.match(text)
    numbers = [int(number) for number in found[0].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def version_requirements(artifact: Report, combination: Combination, cluster: Cluster) -> Iterator[str]:
    """Yield what must hold of a version that is not stated."""
    if _unpacked_by_spark(artifact, combination) and not cluster.spark:
        yield f"Spark 4: Spark 3.5 {_ZIP_LOSES}"
    pyspark = artifact.distributions.get("pyspark")
    if pyspark and any(spark.text != pyspark for spark in cluster.spark or (Release((), ""),)):
        yield f"Spark {pyspark} on the cluster: that pyspark is inside the artifact"
