"""What depends on the stated Spark: refusals where the version is known, requirements where it is not.

No rule needs a stated Hadoop: what a NodeManager of 3.3 cannot unpack (a zip behind a preamble) is never written.

Minimums stand in base/sparks.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from python_env.artifacts.model import Container, Report
from python_env.base.releases import dotted, is_older, release_of
from python_env.base.sparks import ADD_ARTIFACT_SINCE, ARCHIVES_SINCE, SPARKS, spark_of
from python_env.launcher.model import Cluster, Combination, Release, Why
from python_env.launcher.pex import own_pyspark_wins

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
    if by_spark and spark.numbers < ARCHIVES_SINCE and (split or artifact.container is not Container.FILE):
        reason = f"Spark {spark.text} has no spark.archives: it is there from {dotted(ARCHIVES_SINCE)} on"
        return Why(reason, "a PEX that is one file, or YARN", "no run: docs/configuration.md, since 3.1.0")
    if combination is Combination.CONNECT and spark.numbers < ADD_ARTIFACT_SINCE:
        since = dotted(ADD_ARTIFACT_SINCE)
        proof = "no run: python/pyspark/sql/connect/session.py, versionadded 3.5.0"
        return Why(f"Spark {spark.text} has no addArtifact: it is there from {since} on", "spark-submit", proof)
    if _unpacked_by_spark(artifact, combination) and spark.numbers < (4,):
        proof = "test_spark_layouts.py::test_spark_3_cannot_execute_what_it_unpacked"
        return Why(f"Spark {spark.text} {_ZIP_LOSES}", _ZIP_REMEDY, proof)
    return _own_pyspark(artifact, spark) or _too_old(artifact, spark)


def _own_pyspark(artifact: Report, spark: Release) -> Why | None:
    """Refuse a PEX whose own pyspark would talk to another Spark."""
    inside = artifact.distributions.get("pyspark")
    if not inside or not own_pyspark_wins(artifact) or release_of(inside)[:2] == spark.numbers[:2]:
        return None
    return Why(
        f"pyspark {inside} inside the PEX wins over the cluster's Spark {spark.text}",
        f"lock pyspark {_minor(spark)}, or leave it out of the environment",
        "test_refusals.py::test_whose_pyspark_wins",
    )


def _minor(spark: Release) -> str:
    return dotted(spark.numbers[:2])


def _too_old(artifact: Report, spark: Release) -> Why | None:
    if spark.numbers < SPARKS[0].version:
        return None
    wants = spark_of(spark.numbers)
    python = dotted(wants.pythons[0])
    if is_older(artifact.python, python):
        reason = f"pyspark of Spark {spark.text} needs Python {python}"
        return Why(reason, f"a platform tag of Python {python} or newer", _MINIMUMS_PROOF)
    for name, minimum in wants.minimums:
        found = artifact.distributions.get(name, "")
        if is_older(found, minimum):
            return Why(
                f"Spark {spark.text} refuses {name} {found} for pandas and Arrow: it takes {minimum} or newer",
                f"{name} >= {minimum}, or an environment without {name}",
                _MINIMUMS_PROOF,
            )
    return None


def version_requirements(artifact: Report, combination: Combination, cluster: Cluster) -> Iterator[str]:
    """Yield what must hold of a version that is not stated."""
    if _unpacked_by_spark(artifact, combination) and not cluster.spark:
        yield f"Spark 4: Spark 3.5 {_ZIP_LOSES}"
    pyspark = artifact.distributions.get("pyspark")
    if pyspark and any(spark.text != pyspark for spark in cluster.spark or (Release((), ""),)):
        yield f"Spark {pyspark} on the cluster: that pyspark is inside the artifact"
