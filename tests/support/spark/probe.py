"""A Spark job that says where each of its processes ran, and what the node's own Pythons do there.

Prints one line `TRAINING {...}` with a row of the driver, rows of the executors and, with `--arrow`, what a pandas UDF
and mapInPandas made of numbers: their workers say who they are, too. Words are counted by a shuffle over string keys.
It judges nothing; the tests do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PYTHONS = ("python", "python3", "python3.11")
BEGAN = time.clock_gettime(time.CLOCK_BOOTTIME)
WORDS = {"pex": 25, "spark": 50, "yarn": 25}


def code_of(name: str) -> int:
    """Return the exit code of a Python of this process's PATH; 127 for none."""
    try:
        return subprocess.run([name, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode
    except FileNotFoundError:
        return 127


def started(pid: int) -> float:
    """Return when a process began, in seconds since the machine's start."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return int(ticks) / os.sysconf("SC_CLK_TCK")


def start_seconds(role: str) -> float:
    """Return how long Python took to start: a driver until its first line, a worker's daemon until it forked this one.

    An artifact that unpacks itself does it within that time.
    """
    if role == "driver":
        return BEGAN - started(os.getpid())
    return started(os.getpid()) - started(os.getppid())


def identity(role: str) -> str:
    """Return as JSON which interpreter, search path and packages this process uses, and what they cost in seconds."""
    before = time.perf_counter()
    import numpy
    import pandas  # noqa: F401

    import_seconds = time.perf_counter() - before
    import pyspark

    row = {
        "base_prefix": sys.base_prefix,
        "container": os.environ.get("CONTAINER_ID", ""),
        "cwd": str(Path.cwd()),
        "executable": sys.executable,
        "import_seconds": import_seconds,
        "localized": os.environ.get("LOCALIZATION_COUNTERS", ""),
        "node": {name: code_of(name) for name in PYTHONS},
        "numpy": numpy.__file__,
        "path": sys.path,
        "prefix": sys.prefix,
        "program": os.path.realpath("/proc/self/exe"),
        "pyspark": pyspark.__file__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "role": role,
        "start_seconds": start_seconds(role),
    }
    return json.dumps(row)


def summed(numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Sum a partition with numpy and say who did it."""
    row = identity("executor")
    import numpy

    yield int(numpy.fromiter(numbers, dtype="int64").sum()), row


def counted(context: Any) -> dict[str, int]:
    """Count words by a shuffle over string keys: equal ones meet only when all workers hash alike, and the driver."""
    words = context.parallelize([word for word, times in WORDS.items() for _ in range(times)], 4)
    counts = words.map(lambda word: (word, 1)).reduceByKey(lambda one, other: one + other, 3).cache()
    return {word: sum(counts.lookup(word)) for word in WORDS}


def arrow(spark: Any) -> dict[str, Any]:
    """Return a sum by a pandas UDF, and the rows of mapInPandas's workers."""
    import pandas
    from pyspark.sql.functions import pandas_udf

    def who(frames: Iterable[Any]) -> Iterator[Any]:
        for frame in frames:
            yield pandas.DataFrame({"row": [identity("pandas")] * min(1, len(frame))})

    plus_one = pandas_udf(lambda series: series + 1, "long")
    total = spark.range(100).select(plus_one("id").alias("x")).groupBy().sum("x").collect()[0][0]
    rows = spark.range(0, 100, 1, 2).mapInPandas(who, "row string").collect()
    return {"sum": int(total), "rows": [json.loads(row[0]) for row in rows]}


def main() -> None:
    """Run the job and print its answer."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("probe").getOrCreate()
    on_cluster = spark.sparkContext.getConf().get("spark.submit.deployMode", "client") == "cluster"
    sums = spark.sparkContext.parallelize(range(1000), 2).mapPartitions(summed).collect()
    result = {
        "arrow": arrow(spark) if "--arrow" in sys.argv else None,
        "counts": counted(spark.sparkContext),
        "driver": json.loads(identity("driver")) if on_cluster else None,
        "executors": [json.loads(row) for _, row in sums],
        "spark": spark.version,
        "sum": sum(total for total, _ in sums),
    }
    print("TRAINING " + json.dumps(result, sort_keys=True))
    spark.stop()


if __name__ == "__main__":
    main()
