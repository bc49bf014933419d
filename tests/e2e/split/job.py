"""A Spark job that proves where its code came from: prints one line `TRAINING {...}`, and writes it to OUTPUT."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any


def told(_: Iterable[int]) -> list[dict[str, str]]:
    """Return what a worker's own copy of the code says."""
    import shipped

    return [shipped.where()]


def main() -> int:
    """Ask the driver's code and every worker's; 0 when all could read the file beside it."""
    import shipped
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("split").getOrCreate()
    rows: list[dict[str, Any]] = spark.sparkContext.parallelize(range(4), 2).mapPartitions(told).collect()
    driver = shipped.where()
    good = all(row["words"] == "beside the code" for row in (*rows, driver))
    line = json.dumps({"driver": driver, "executors": rows, "good": good}, sort_keys=True)
    print("TRAINING " + line)
    for output in sys.argv[1:]:
        spark.sparkContext.parallelize([line], 1).saveAsTextFile(output)
    spark.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
