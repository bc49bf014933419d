"""A Spark job that proves where it ran: every worker's interpreter and numpy must come from the shipped environment.

    spark-submit <options of the launcher manifest> job.py [--arrow] [OUTPUT]

Prints one line `TRAINING {...}`; exits 1 when a worker, or a driver on the cluster, used the host's Python or packages.
A driver on the submitting machine is not judged, and runs the Arrow part only when asked to.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]

WORDS = {"pex": 25, "spark": 50, "yarn": 25}


def env_id() -> str:
    """Return the id of the environment that this interpreter belongs to; empty for any other Python."""
    for folder in (Path(sys.prefix), Path(sysconfig.get_path("purelib"))):
        document = folder / "python_env.json"
        if document.is_file() and folder.is_relative_to(sys.prefix):
            return str(json.loads(document.read_text(encoding="utf-8"))["env_id"])
    return ""


def identity(role: str) -> Row:
    """Return which interpreter, environment and numpy this process uses."""
    import numpy

    return {
        "cwd": str(Path.cwd()),
        "env_id": env_id(),
        "executable": sys.executable,
        "numpy": numpy.__file__,
        "numpy_inside": numpy.__file__.startswith(sys.prefix + os.sep),
        "numpy_version": numpy.__version__,
        "prefix": sys.prefix,
        "python": ".".join(map(str, sys.version_info[:3])),
        "role": role,
    }


def shipped(row: Row) -> bool:
    """Return whether a process ran in a shipped environment: its prefix carries an id, and numpy lies below it."""
    return bool(row["env_id"]) and bool(row["numpy_inside"])


def summed(numbers: Iterable[int]) -> Iterator[Row]:
    """Sum a partition with numpy and say who did it."""
    import numpy

    total = int(numpy.fromiter(numbers, dtype="int64").sum())
    yield {**identity("executor"), "sum": total}


def string_shuffle(context: Any) -> dict[str, int]:
    """Count words by a shuffle over string keys, and look each up from the driver.

    Equal keys meet only when all workers hash alike; the driver asks the right partition only when it does, too.
    """
    words = context.parallelize([word for word, times in WORDS.items() for _ in range(times)], 4)
    counts = words.map(lambda word: (word, 1)).reduceByKey(lambda one, other: one + other, 3).cache()
    return {word: sum(counts.lookup(word)) for word, _ in counts.collect()}


def arrow_sum(spark: Any) -> int | None:
    """Sum a column by a pandas UDF through Arrow, where the environment has both."""
    import importlib.util

    if not (importlib.util.find_spec("pandas") and importlib.util.find_spec("pyarrow")):
        return None
    from pyspark.sql.functions import pandas_udf

    plus_one = pandas_udf(lambda series: series + 1, "long")
    return int(spark.range(100).select(plus_one("id").alias("x")).groupBy().sum("x").collect()[0][0])


def work(spark: Any, *, on_cluster: bool, arrow: bool) -> Row:
    """Run the parts of the job and return what each found."""
    import pyspark

    context = spark.sparkContext
    local = {"executable": sys.executable, "prefix": sys.prefix, "role": "driver"}
    return {
        "arrow": arrow_sum(spark) if arrow else None,
        "counts": string_shuffle(context),
        "driver": identity("driver") if on_cluster else local,
        "executors": context.parallelize(range(1000), 2).mapPartitions(summed).collect(),
        "spark": pyspark.__version__,
    }


def judged(result: Row, *, on_cluster: bool) -> bool:
    """Return whether the sums are right and every process that counts ran in the shipped environment."""
    return (
        sum(row["sum"] for row in result["executors"]) == 499500
        and all(map(shipped, result["executors"]))
        and (not on_cluster or shipped(result["driver"]))
        and result["counts"] == WORDS
        and result["arrow"] in (None, 5050)
    )


def main() -> int:
    """Run the job, print and write its answer, and return 0 when it is good."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("training").getOrCreate()
    on_cluster = spark.sparkContext.getConf().get("spark.submit.deployMode", "client") == "cluster"
    result = work(spark, on_cluster=on_cluster, arrow=on_cluster or "--arrow" in sys.argv)
    good = judged(result, on_cluster=on_cluster)
    line = json.dumps({**result, "good": good}, sort_keys=True)
    print("TRAINING " + line)
    for output in (word for word in sys.argv[1:] if not word.startswith("--")):
        spark.sparkContext.parallelize([line], 1).saveAsTextFile(output)
    spark.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
