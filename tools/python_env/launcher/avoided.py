"""What the launcher never sets and no artifact ever is, because Spark or YARN fails on it.

For those who write their own. Each row has its proof run, so that it can be dropped when Spark heals. No command reads
this: it is for docs/reference.py, and stands here beside the rules so that both change at once.
"""

from __future__ import annotations

from python_env.launcher.model import Why

_UNPACK = "test_refusals.py::test_what_is_unpacked_wrongly"
_TAR_GZ = "`.tar.gz`, which every version and master unpacks"

AVOIDED: tuple[tuple[str, str, Why], ...] = (
    (
        "a zip with symlinks",
        "any",
        Why(
            "each becomes a text file with the name of its target",
            f'`format = "zip"`, without links, or {_TAR_GZ}',
            _UNPACK,
        ),
    ),
    (
        "a zip with stored members whose sizes stand behind them (written into a pipe)",
        "yarn-client, yarn-cluster",
        Why(
            "the NodeManager reads it as a stream and fails",
            "sizes before the data, as all zips here have them",
            _UNPACK,
        ),
    ),
    (
        "a zip behind `#!`, shipped as an archive",
        "yarn-client, yarn-cluster with Hadoop 3.3",
        Why("the NodeManager finds nothing in it", "a PEX is shipped as a file, a packed PEX has no `#!`", _UNPACK),
    ),
    (
        "a plain `.tar` with absolute symlinks",
        "all but YARN",
        Why("Spark takes it for an escape: would create entry outside", _TAR_GZ, _UNPACK),
    ),
    (
        "`.tar.xz`, `.tar.bz2`, `.tar.zst`, or a `.pex` as an archive",
        "any",
        Why(
            "not unpacked: a file of that name lies in its place",
            _TAR_GZ,
            "test_refusals.py::test_what_is_not_unpacked",
        ),
    ),
    (
        "an archive written over in place",
        "yarn-client, yarn-cluster",
        Why(
            "changed on src filesystem: containers that start later fail",
            "the digest in the file's name, as deploy does",
            "test_refusals.py::test_a_file_that_changed_is_refused",
        ),
    ),
    (
        "`spark.archives` beside `--archives`",
        "yarn-client, yarn-cluster",
        Why(
            "spark-submit ships those of `--archives` only",
            "one key: `spark.yarn.dist.archives`",
            "test_refusals.py::test_one_of_two_keys_for_archives_is_left_out",
        ),
    ),
    (
        "`spark.executorEnv.PYSPARK_PYTHON`",
        "any",
        Why(
            "no worker is started by it: the driver's own PYSPARK_PYTHON is",
            "`spark.pyspark.python`, the variable without spark-submit",
            "test_refusals.py::test_keys_that_do_nothing",
        ),
    ),
    (
        "`spark.pyspark.python` alone, without spark-submit",
        "any client",
        Why(
            "only spark-submit reads it",
            "the variable PYSPARK_PYTHON: `environment.sh`",
            "test_refusals.py::test_keys_that_do_nothing",
        ),
    ),
    (
        "`spark.pyspark.driver.python`",
        "yarn-cluster",
        Why(
            "it wins over spark.yarn.appMasterEnv, and names a path of the submitting machine",
            "spark.yarn.appMasterEnv.PYSPARK_PYTHON",
            "test_refusals.py::test_the_drivers_own_python_wins_on_the_cluster",
        ),
    ),
    (
        "a PEX with entry point and without `PEX_INTERPRETER`",
        "any",
        Why(
            "the entry point runs instead of pyspark.daemon",
            "`spark.executorEnv.PEX_INTERPRETER`",
            "test_refusals.py::test_an_entry_point_runs_instead_of_the_daemon",
        ),
    ),
    (
        "scripts with an absolute shebang",
        "any",
        Why(
            "the kernel reads 255 bytes of it (127 before 5.1), and the path of a YARN container is long",
            "`#!/bin/sh` and `#!/usr/bin/env`",
            "test_refusals.py::test_a_long_shebang_is_cut_off",
        ),
    ),
)
"""What, on which combinations, and why."""
