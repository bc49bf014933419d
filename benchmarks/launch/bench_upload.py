"""A deploy to HDFS beside Hadoop's own `hdfs dfs -put`, taking turns; the second deploy finds what is there.

    ./bazelw build //examples/training:training_venv
    PYTHON -m pip install click rich packaging hdfs-native obstore pytest
    PYTHONPATH=tests:tools PYTHON benchmarks/launch/bench_upload.py [--hadoop VERSION] [--runs 7] [--file FILE]

Every turn writes to folders that are new. Both are whole commands: the JVM's start, the interpreter's start, and that a
deploy digests the file before it is sent and reads back what it sent. Prints medians and the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from support.bazel import ROOT
from support.deploying import Command, make_artifact
from support.hadoop.cluster import hadoop_cluster

PUT, FIRST, SECOND = "hdfs dfs -put", "deploy", "deploy, present"
AIMS = f"aims: {FIRST} at most 1/0.8 of {PUT}, {SECOND} 1 s"


def seconds(function: Callable[[], object]) -> float:
    """Return the wall time of a call."""
    started = time.monotonic()
    function()
    return time.monotonic() - started


def main() -> None:
    """Start a cluster, upload in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hadoop", default="3.3.6")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--file", type=Path, default=ROOT / "bazel-bin/examples/training/training.venv.tar.gz")
    options = parser.parse_args()
    results: dict[str, list[float]] = {PUT: [], FIRST: [], SECOND: []}
    with tempfile.TemporaryDirectory(prefix="upload_") as name:
        artifact = make_artifact(Path(name), options.file.read_bytes())
        base = Path(name, "hadoop")
        base.mkdir()
        with hadoop_cluster(base, options.hadoop) as cluster:
            for number in range(options.runs):
                place = Command(f"{cluster.hdfs}/envs/{number}", {"HADOOP_CONF_DIR": str(cluster.conf)})
                words = ("-put", str(artifact.path), f"/put-{number}.tar.gz")
                results[PUT].append(seconds(lambda words=words: cluster.fs(*words)))  # type: ignore[misc]
                for what in (FIRST, SECOND):
                    results[what].append(seconds(lambda place=place: place.upload(artifact)))  # type: ignore[misc]
    print(f"{options.file.stat().st_size / 1e6:.0f} MB, Hadoop {options.hadoop}; {AIMS}\n")
    print("| what | runs | median s | min-max s |\n|---|---|---|---|")
    for what, found in results.items():
        spread = f"{min(found):.2f}-{max(found):.2f}"
        print(f"| {what} | {len(found)} | {statistics.median(found):.2f} | {spread} |")
    print(f"\n{PUT} / {FIRST}: {statistics.median(results[PUT]) / statistics.median(results[FIRST]):.2f} x")


if __name__ == "__main__":
    main()
