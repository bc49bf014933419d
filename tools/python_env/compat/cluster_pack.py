"""cluster-pack's two functions for Spark, with the results of its release 0.3.17; standard library only.

    from python_env.compat.cluster_pack import add_packaged_environment, get_pyenv_usage_from_archive

One difference: where a property had values already, cluster-pack joins a set, in no order; here the new one is last.
"""

from __future__ import annotations

import logging
import os
from typing import Any, NamedTuple

UNPACKED_ENV_NAME = "pyenv"
LARGE_PEX_CMD = UNPACKED_ENV_NAME + "/__main__.py"

_logger = logging.getLogger(__name__)


class PythonEnvDescription(NamedTuple):
    """How a container starts an archive's Python; cluster-pack's own fields."""

    path_to_archive: str
    interpreter_cmd: str
    dest_path: str
    must_unpack: bool


def get_pyenv_usage_from_archive(path_to_archive: str) -> PythonEnvDescription:
    """Return how to use a `.pex` or `.pex.zip`; raises ValueError for any other name."""
    name = os.path.basename(path_to_archive)  # noqa: PTH119  a URI, and cluster-pack's own way to take it apart
    if name.endswith(".pex.zip"):
        return PythonEnvDescription(path_to_archive, LARGE_PEX_CMD, UNPACKED_ENV_NAME, True)
    if name.endswith(".pex"):
        return PythonEnvDescription(path_to_archive, "./" + name, name, False)
    raise ValueError(f"Archive format {name} unsupported. Must be .pex/pex.zip")


def hadoop_path(path: str) -> str:
    """Return a path as Hadoop names its file system: S3 is s3a there."""
    return "s3a://" + path[len("s3://") :].strip("/") if path.startswith("s3://") else path


def packaged_settings(
    usage: PythonEnvDescription, *, master: str | None, deploy_mode: str | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the properties and the variables that cluster-pack sets, each in its order."""
    archive, conf = usage.path_to_archive, {}
    if usage.must_unpack:
        conf["spark.yarn.dist.archives"] = f"{archive}#{usage.dest_path}"
    else:
        conf["spark.executorEnv.PEX_ROOT"] = "./.pex"
        conf["spark.yarn.dist.files"] = archive
    if master != "yarn":
        conf["spark.files"] = archive
    driver = usage.interpreter_cmd if deploy_mode == "cluster" else "python"
    return conf, {"PYSPARK_PYTHON": usage.interpreter_cmd, "PYSPARK_DRIVER_PYTHON": driver}


def add_packaged_environment(ssb: Any, archive: str) -> None:
    """Make a `SparkSession.builder` ship an archive and start its Python.

    Sets PYSPARK_PYTHON and PYSPARK_DRIVER_PYTHON of this process.
    Raises ValueError for what is neither `.pex` nor `.pex.zip`.
    """
    usage = get_pyenv_usage_from_archive(hadoop_path(archive))
    options = ssb._options  # cluster-pack reads it, too: a builder has no public way to ask
    master, deploy_mode = options.get("spark.master"), options.get("spark.submit.deployMode")
    conf, variables = packaged_settings(usage, master=master, deploy_mode=deploy_mode)
    os.environ.update(variables)
    if master != "yarn":
        _logger.info("Not running on yarn. Adding archive to spark.files")
    for key, value in conf.items():
        joined = key != "spark.executorEnv.PEX_ROOT"
        ssb.config(key, _merged(options.get(key), value) if joined else value)


def _merged(old: str | None, new: str) -> str:
    """Return a list of Spark with one more value, each once."""
    return ",".join(dict.fromkeys([*old.split(","), new])) if old is not None else new
