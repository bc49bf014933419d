"""A Spark job that proves where it ran: every worker's interpreter and numpy must come from the shipped environment.

    spark-submit <options of the launcher manifest> job.py [OUTPUT]

Prints one line `TRAINING {...}`; exits 1 when a worker, or a driver on the cluster, used the host's Python.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def identity(role: str) -> Row:
    """Return which interpreter, environment and numpy this process uses."""
    import numpy

    marker = Path(sys.prefix, "python_env.json")
    return {
        "cwd": str(Path.cwd()),
        "executable": sys.executable,
        "hash_of_spark": hash("spark"),
        "in_environment": numpy.__file__.startswith(sys.prefix + os.sep),
        "marker": marker.exists(),
        "numpy": numpy.__file__,
        "numpy_version": numpy.__version__,
        "prefix": sys.prefix,
        "python": ".".join(map(str, sys.version_info[:3])),
        "role": role,
    }


def summed(numbers: Iterable[int]) -> Iterator[Row]:
    """Sum a partition with numpy and say who did it."""
    import numpy

    total = int(numpy.fromiter(numbers, dtype="int64").sum())
    yield {**identity("executor"), "sum": total}


def shipped(row: Row) -> bool:
    """Return whether a process ran in the shipped environment: an unpacked archive or a PEX, never a system prefix."""
    return bool(row["in_environment"]) and (row["marker"] or "pex" in row["prefix"])


def string_shuffle(context: Any) -> dict[str, int]:
    """Count words by a shuffle over string keys: equal keys meet only when all processes hash alike."""
    words = context.parallelize(["spark", "yarn", "pex", "spark"] * 25, 4)
    return dict(words.map(lambda word: (word, 1)).reduceByKey(lambda one, other: one + other, 3).collect())


def arrow_sum(spark: Any) -> int | None:
    """Sum a column by a pandas UDF through Arrow, where the environment has both."""
    import importlib.util

    if not (importlib.util.find_spec("pandas") and importlib.util.find_spec("pyarrow")):
        return None
    from pyspark.sql.functions import pandas_udf

    plus_one = pandas_udf(lambda series: series + 1, "long")
    return int(spark.range(100).select(plus_one("id").alias("x")).groupBy().sum("x").collect()[0][0])


def main() -> int:
    """Run the job and judge it."""
    import pyspark
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("training").getOrCreate()
    context = spark.sparkContext
    rows = context.parallelize(range(1000), 2).mapPartitions(summed).collect()
    driver = {"executable": sys.executable, "prefix": sys.prefix, "role": "driver"}
    on_cluster = context.getConf().get("spark.submit.deployMode", "client") == "cluster"
    if on_cluster:
        driver = identity("driver")
    counts = string_shuffle(context)
    arrow = arrow_sum(spark) if on_cluster or "--arrow" in sys.argv else None
    good = (
        sum(row["sum"] for row in rows) == 499500
        and all(shipped(row) for row in rows)
        and (not on_cluster or shipped(driver))
        and counts == {"pex": 25, "spark": 50, "yarn": 25}
        and arrow in (None, 5050)
    )
    result = {
        "arrow": arrow,
        "counts": counts,
        "driver": driver,
        "executors": rows,
        "good": good,
        "spark": pyspark.__version__,
    }
    line = json.dumps(result, sort_keys=True)
    print("TRAINING " + line)
    outputs = [word for word in sys.argv[1:] if not word.startswith("--")]
    if outputs:
        context.parallelize([line], 1).saveAsTextFile(outputs[0])
    spark.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
