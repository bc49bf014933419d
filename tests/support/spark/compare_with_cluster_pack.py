"""Compares our compat functions with cluster-pack's own, in a Python that has it: prints how many were compared.

PySpark itself is a stand-in: cluster-pack takes only a name from it.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

ARCHIVES = (
    *("hdfs:///u/e.pex", "hdfs:///u/e.pex.zip", "s3://b/e.pex", "s3:///b//e.pex.zip/", "s3a://b/e.pex", "e.pex"),
    *("/l/e f.pex", "file:///x/e.pex#z", "x.tar.gz", "e.pex/", "viewfs://r/e.pex.zip", "", "a,b.pex"),
)
MASTERS = (None, "yarn", "spark://h:7077", "k8s://https://h", "local[2]")
MODES = (None, "client", "cluster")
BEFORE: tuple[dict[str, str], ...] = (
    {},
    {"spark.files": "q"},
    {"spark.files": "q,r", "spark.yarn.dist.files": "z"},
    {"spark.yarn.dist.archives": "k#k"},
    {"spark.executorEnv.PEX_ROOT": "/x"},
)
LISTS = ("spark.files", "spark.yarn.dist.files", "spark.yarn.dist.archives")
VARIABLES = ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")


class Builder:
    """A SparkSession.Builder's properties."""

    def __init__(self, options: dict[str, str]) -> None:
        self._options = dict(options)

    def config(self, key: str, value: str) -> Builder:
        """Set one."""
        self._options[key] = value
        return self


def _options() -> Iterator[dict[str, str]]:
    for master, mode, before in itertools.product(MASTERS, MODES, BEFORE):
        given = {"spark.master": master, "spark.submit.deployMode": mode}
        yield {**before, **{key: value for key, value in given.items() if value is not None}}


def _outcome(function: Callable[..., Any], *words: Any) -> Any:
    try:
        return function(*words)
    except Exception as error:  # cluster-pack's own error is the result that is compared
        return repr(error)


def _added(add: Callable[..., None], archive: str, options: dict[str, str]) -> Any:
    """Return what a function sets; lists are compared as sets, since cluster-pack has them in no order."""
    for name in VARIABLES:
        os.environ.pop(name, None)
    builder = Builder(options)
    said = _outcome(add, builder, archive)
    conf = [(key, sorted(value.split(",")) if key in LISTS else value) for key, value in builder._options.items()]
    return conf, [os.environ.get(name) for name in VARIABLES], said


def _stand_in() -> None:
    session = ModuleType("pyspark.sql")
    session.SparkSession = type("SparkSession", (), {"Builder": Builder})  # type: ignore[attr-defined]
    sys.modules.update({"pyspark": ModuleType("pyspark"), "pyspark.sql": session})


def main() -> int:
    """Compare, and name every difference."""
    _stand_in()
    import cluster_pack
    from cluster_pack.spark import spark_config_builder

    from python_env.compat import cluster_pack as ours

    theirs, count, differences = spark_config_builder.add_packaged_environment, 0, []
    for archive, options in itertools.product(ARCHIVES, _options()):
        count += 1
        if _added(theirs, archive, options) != _added(ours.add_packaged_environment, archive, options):
            differences.append((archive, options))
    for archive in ARCHIVES:
        count += 1
        said = [_outcome(each.get_pyenv_usage_from_archive, archive) for each in (cluster_pack, ours)]
        if said[0] != said[1]:
            differences.append((archive, {}))
    print(f"{count} compared, {len(differences)} different", *differences, sep="\n")
    return bool(differences)


if __name__ == "__main__":
    sys.exit(main())
