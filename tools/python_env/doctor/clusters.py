"""What the versions of Spark and Hadoop bring and want; each row with the page or the class that says so."""

from __future__ import annotations

from python_env.base.sparks import SPARKS, spark_of
from python_env.doctor.model import Case, Version, dotted

DEFAULT_SPARKS: tuple[Version, ...] = ((3, 5), (4, 3))
DEFAULT_HADOOP: Version = (3, 3)


def unzips_modes(case: Case) -> bool:
    """Return whether a zip keeps its execute bits where Spark unpacks it: HADOOP-18145, in 3.3.5 and later."""
    return spark_of(case.spark).hadoop >= (3, 3, 5)


def reads_preamble(case: Case) -> bool:
    """Return whether a zip may have something before its first member.

    Run: FSDownload of 3.3.4, 3.3.6 and 3.4.0 fails, that of 3.4.1, 3.4.2 and 3.5.0 reads on. Spark goes by the central
    directory.
    """
    return not case.on_yarn or case.hadoop >= (3, 4, 1)


def reads_bzip2(case: Case) -> bool:
    """Return whether a zip may be compressed by bzip2: from Hadoop 3.3.5 on (3.3.4, 3.3.6 and 3.4.0 were run)."""
    return (case.hadoop if case.on_yarn else spark_of(case.spark).hadoop) >= (3, 3, 5)


def spark_rows() -> list[tuple[str, ...]]:
    """Return one row per version for the table of docs/doctor.md."""
    rows: list[tuple[str, ...]] = []
    for row in SPARKS:
        oldest, newest = row.pythons
        pythons = f"{dotted(oldest)} to {dotted(newest)}"
        minimums = (row.py4j, row.pandas, row.pyarrow)
        rows.append((dotted(row.version), dotted(row.hadoop), pythons, *minimums, f"[Installation]({row.page})"))
    return rows
