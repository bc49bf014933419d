"""Makes a SparkSession ship an environment and run its Python, by the launcher manifest alone; standard library only.

    from pyspark.sql import SparkSession
    from python_env.runtime.spark_session import configure

    builder = SparkSession.builder.master("yarn")
    spark = configure(builder, "training.launcher.json", "hdfs:///envs/training-1f3a.venv.tar.gz").getOrCreate()

For a driver that is started as `python app.py`. One that spark-submit puts on the cluster is there already when it
could ask: it is configured by the arguments of spark-submit. A driver that looks up string keys of an RDD must be
started with PYTHONHASHSEED=0, as spark-submit does; Spark says so when it is not.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, Iterator, Mapping, Union

SCHEMA = 1
PLACEHOLDERS = ("{uri}", "{file}", "{code_uri}", "{driver_python}", "{driver_code}", "{master}")
"""What a manifest's values hold for what is known later only, as the launcher writes it."""

_PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS)))
_LISTS = ("spark.archives", "spark.files", "spark.yarn.dist.archives", "spark.yarn.dist.files")
"""Properties that may have values of the job's own: ours come behind them."""

_MASTERS = (
    ("yarn", "yarn-client"),
    ("spark://", "standalone-client"),
    ("k8s://", "kubernetes-client"),
    ("local-cluster", "local-cluster"),
    ("local", "local"),
    ("sc://", "connect"),
)
"""Start of a master to the combination's name."""

_KEPT = ("PYTHONHASHSEED", "PYTHONPATH")
"""Variables that a Python reads once, when it starts: to set them now would deceive the workers.

Without a seed of the driver, Spark gives its workers 0, and refuses to hash strings in the driver.
"""

Manifest = Union[str, "os.PathLike[str]", Mapping[str, Any]]


def configure(
    builder: Any,
    manifest: Manifest,
    uri: str,
    *,
    artifact: str = "",
    combination: str = "",
    code_uri: str = "",
    driver_code: str = "",
    driver_python: str = "",
) -> Any:
    """Set a builder's properties and this process's PYSPARK_PYTHON and PYSPARK_DRIVER_PYTHON; return the builder.

    `manifest` is the path of `<env>.launcher.json`, or what it holds; `uri` is where the artifact lies. By name:
    `artifact` (`pex` or `venv`; by default what the URI ends in), `combination` (by default what the builder's master
    says, `yarn-client` where it says none), `code_uri` and `driver_code` (with `split`), `driver_python` (by default
    the Python that runs). Raises ValueError, with nothing set, for what the manifest refuses or does not know.
    """
    options = getattr(builder, "_options", {})
    chosen = combination or _combination_of(options.get("spark.remote") or options.get("spark.master") or "yarn")
    launch = _find_launch(_read(manifest), artifact or _artifact_of(uri), chosen)
    values = _values(uri, code_uri=code_uri, driver_python=driver_python or sys.executable)
    conf = {key: _fill(item["value"], values) for key, item in launch["conf"].items()}
    variables = {name: _fill(item["value"], values) for name, item in launch["env"].items() if name not in _KEPT}
    if bad := sorted(name for name, value in variables.items() if not name or "=" in name or "\0" in name + value):
        raise ValueError(f"{bad[0]!r} is no name of a variable: build the :<name>_launcher target again")
    if "spark.master" not in options and "{" not in launch["master"] and launch["combination"] != "connect":
        builder.config("spark.master", launch["master"])
    for key, value in sorted(conf.items()):
        builder.config(key, _behind(options.get(key), value) if key in _LISTS else value)
    os.environ.update(variables)
    if driver_code and driver_code not in sys.path:
        sys.path.insert(0, driver_code)
    return builder


def add_artifacts(session: Any, manifest: Manifest, path: str, *, artifact: str = "") -> Any:
    """Add an artifact of this machine to a session of Spark Connect, and make its Python run there; return the session.

    Raises ValueError for what the manifest refuses there or does not know.
    """
    launch = _find_launch(_read(manifest), artifact or _artifact_of(path), "connect")
    values = _values(path)
    for item in launch["added"]:
        session.addArtifact(_fill(item["value"], values), **{"archive" if item["archive"] else "file": True})
    for key, item in sorted(launch["conf"].items()):
        session.conf.set(key, _fill(item["value"], values))
    return session


def _read(manifest: Manifest) -> Mapping[str, Any]:
    if isinstance(manifest, (str, os.PathLike)):
        try:
            with open(manifest, encoding="utf-8") as file:  # noqa: PTH123  pathlib would cost its import
                manifest = json.load(file)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"not a launcher manifest: {error}") from None
    if not isinstance(manifest, Mapping) or manifest.get("kind") != "launcher":
        raise ValueError("not a launcher manifest: name <env>.launcher.json")
    schema = manifest.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise ValueError(f"a manifest of schema {schema}; this module reads up to {SCHEMA}")
    if not isinstance(schema, int) or not all(_is_whole(manifest.get(name), name) for name in ("launches", "refused")):
        raise ValueError("a damaged launcher manifest: build the :<name>_launcher target again")
    return manifest


def _is_whole(rows: Any, name: str) -> bool:
    """Return whether every row of a manifest has the fields that are read, of their types."""
    texts = (
        "artifact",
        "combination",
        *(("master", "deploy_mode") if name == "launches" else ("reason", "alternative")),
    )
    return isinstance(rows, (list, tuple)) and all(
        isinstance(row, Mapping)
        and all(isinstance(row.get(key), str) for key in texts)
        and (name == "refused" or all(_is_setting(row.get(key)) for key in ("conf", "env")))
        for row in rows
    )


def _is_setting(items: Any) -> bool:
    return isinstance(items, Mapping) and all(
        isinstance(item, Mapping) and isinstance(item.get("value"), str) for item in items.values()
    )


def _combination_of(master: str) -> str:
    return next((name for start, name in _MASTERS if master.startswith(start)), master)


def _artifact_of(uri: str) -> str:
    return "pex" if uri.endswith((".pex", ".pex.zip")) else "venv"


def _find_launch(manifest: Mapping[str, Any], artifact: str, combination: str) -> Mapping[str, Any]:
    """Return the one launch of artifact and combination that a driver can configure itself."""
    wanted = {"artifact": artifact, "combination": combination}
    for refused in _having(manifest["refused"], wanted):
        raise ValueError(
            f"{combination} cannot start the {artifact}: {refused['reason']}; use {refused['alternative']}"
        )
    for launch in _having(manifest["launches"], wanted):
        if launch["deploy_mode"] == "cluster":
            raise ValueError(f"{combination}: the driver is on the cluster already; use the arguments of spark-submit")
        return launch
    known = sorted({f"{each['artifact']} {each['combination']}" for each in manifest["launches"]})
    raise ValueError(f"the manifest has no {artifact} {combination}; it has {', '.join(known)}")


def _having(rows: Any, wanted: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if all(row[key] == value for key, value in wanted.items()))


def _values(uri: str, *, code_uri: str = "", driver_python: str = "") -> dict[str, str]:
    """Return what the placeholders stand for; Hadoop's name for S3 is s3a."""
    places = {"uri": uri, "code_uri": code_uri}
    for place in places.values():
        if any(character in ",#" or not character.isprintable() or character.isspace() for character in place):
            raise ValueError(f"{place!r} would be torn in a list of Spark: a place without comma, # and space")
        if "@" in place.partition("://")[2].partition("/")[0] and not place.startswith("abfs"):
            raise ValueError("a place with a user or password: credentials come from the service's own chain")
    hadoop = {name: "s3a" + place[2:] if place.startswith("s3://") else place for name, place in places.items()}
    return {**hadoop, "file": uri.rstrip("/").rsplit("/", 1)[-1], "driver_python": driver_python}


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders filled, all at once: a value that looks like one is none."""
    needed = (found[1:-1] for found in _PLACEHOLDER.findall(text))
    for name in needed:
        if not values.get(name):
            raise ValueError(f"{name} is not given, and {text} needs it")
    return _PLACEHOLDER.sub(lambda found: values[found[0][1:-1]], text)


def _behind(old: str | None, new: str) -> str:
    """Return a list of Spark with ours behind what it had, each once."""
    return ",".join(dict.fromkeys([*old.split(","), *new.split(",")])) if old else new
