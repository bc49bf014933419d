"""cluster-pack's functions, against what its release 0.3.17 sets (cluster_pack.jsonl, made by running it)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from python_env.compat.cluster_pack import add_packaged_environment, get_pyenv_usage_from_archive

GOLDEN = Path(__file__).with_name("cluster_pack.jsonl").read_text().splitlines()
VARIABLES = ("PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON")
TOOLS = Path(__file__).parents[3] / "tools"


class Builder:
    """As much of SparkSession.Builder as is used of it."""

    def __init__(self, **options: str) -> None:
        self._options = {key.replace("_", "."): value for key, value in options.items()}

    def config(self, key: str, value: str) -> Builder:
        """Set a property."""
        self._options[key] = value
        return self


@pytest.fixture(autouse=True)
def variables() -> Iterator[None]:
    """Put back what the function under test sets."""
    before = {name: os.environ.pop(name, None) for name in VARIABLES}
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def row_of(archive: str, master: str | None, deploy_mode: str | None) -> str:
    """Return one golden row as our function makes it."""
    given = {"spark.master": master, "spark.submit.deployMode": deploy_mode}
    builder = Builder()
    builder._options.update({key: value for key, value in given.items() if value is not None})
    add_packaged_environment(builder, archive)
    row: dict[str, Any] = {"archive": archive, "deployMode": deploy_mode, "master": master}
    row["conf"] = {key: value for key, value in builder._options.items() if key not in given}
    row["env"] = {name: os.environ[name] for name in VARIABLES}
    return json.dumps(row, sort_keys=True)


@pytest.mark.parametrize("line", GOLDEN)
def test_the_settings_are_cluster_packs(line: str) -> None:
    """Byte for byte: properties and variables for each archive, master and deploy mode."""
    row = json.loads(line)
    assert row_of(row["archive"], row["master"], row["deployMode"]) == line


def test_there_are_rows() -> None:
    """Three archives, two masters with three modes each, one with two, and none."""
    assert len(GOLDEN) == len(set(GOLDEN)) == 18


def test_usage_of_an_archive() -> None:
    """A file keeps its name; what is unpacked has cluster-pack's alias."""
    assert get_pyenv_usage_from_archive("hdfs:///a/e.pex") == ("hdfs:///a/e.pex", "./e.pex", "e.pex", False)
    assert get_pyenv_usage_from_archive("e.pex.zip") == ("e.pex.zip", "pyenv/__main__.py", "pyenv", True)


@pytest.mark.parametrize("name", ["e.tar.gz", "e.zip", "pex", "e.pex/"])
def test_other_archives_are_refused(name: str) -> None:
    """With cluster-pack's own error, and nothing set."""
    builder = Builder()
    with pytest.raises(ValueError, match=r"unsupported\. Must be"):
        add_packaged_environment(builder, name)
    assert not builder._options and not [variable for variable in VARIABLES if variable in os.environ]


def test_what_a_builder_had_stays_first() -> None:
    """The order never varies, and no value stands twice."""
    builder = Builder(spark_yarn_dist_files="b,a", spark_master="yarn")
    for _ in range(2):
        add_packaged_environment(builder, "hdfs:///e.pex")
        assert builder._options["spark.yarn.dist.files"] == "b,a,hdfs:///e.pex"


def test_it_stands_alone() -> None:
    """A user's Python has nothing of ours beside it: only the standard library is imported, and quickly."""
    code = (
        "import sys; import python_env.compat.cluster_pack; print(*sorted(m for m in sys.modules if 'python_env' in m))"
    )
    done = subprocess.run([sys.executable, "-Sc", code], env={"PYTHONPATH": str(TOOLS)}, capture_output=True, text=True)
    assert done.stdout.split() == ["python_env", "python_env.compat", "python_env.compat.cluster_pack"], done.stderr
