"""An environment in every form that is started on a cluster, and who says whether its processes ran in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.bazel import Workspace, scratch_workspace
from support.interpreters import cpython_jar, declare_archives
from support.spark import probe

TAG = "cp311-manylinux_2_28_x86_64"
BUILD = f"""
load("@rules_python_env//rules:defs.bzl", "python_env")

package(default_visibility = ["//visibility:public"])

python_env(
    name = "training",
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    pex = {{"layout": "packed"}},
    platforms = ["{TAG}"],
    requirements = ["requirements.in"],
)
"""
APART = """
load("@rules_python_env//rules:defs.bzl", "python_env_launcher", "python_env_{kind}")

python_env_{kind}(name = "{kind}", env = "//envs:training", {options})
python_env_launcher(name = "launcher", artifacts = [":{kind}"])
"""
PACKAGES = {
    "venv": ("venv", "format = 'tar.gz'"),  # without the interpreter that lies inside the environment's own
    "pex": ("pex", ""),
    "installed": ("pex", "pre_installed = True, sh_boot = True"),
    "zipapp_mode": ("pex", "venv = False"),
}
"""Package of the workspace to kind and options of the artifact that stands in it."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """One artifact and the folder of its renderings by combination."""

    artifact: Path
    renderings: Path


def forms_workspace(name: str, apart: Iterable[str] = PACKAGES) -> Workspace:
    """Return a workspace whose environment has these forms, beside a packed PEX and a venv with an interpreter inside.

    Requirements and lock of `envs` are the caller's to write.
    """
    made = scratch_workspace(name)
    declare_archives(made, {"cpython_jar": cpython_jar("3.11.3")})
    (made.path / "envs/BUILD").write_text(BUILD)
    for package in apart:
        kind, options = PACKAGES[package]
        (made.path / package).mkdir()
        (made.path / package / "BUILD").write_text(APART.format(kind=kind, options=options))
    return made


def build_forms(made: Workspace, apart: Sequence[str] = tuple(PACKAGES)) -> dict[str, Form]:
    """Build all forms and return them by name."""
    targets = [f"//{name}:{target}" for name in apart for target in (PACKAGES[name][0], "launcher")]
    made.bazel("build", "//envs:training_pex", "//envs:training_venv", "//envs:training_launcher", *targets)
    envs = made.output("envs")
    forms = {
        "packed": Form(envs / "training.pex.zip", envs / "training.launcher/pex"),
        "bundled": Form(envs / "training.venv.tar.gz", envs / "training.launcher/venv"),
    }
    for name in apart:
        kind, place = PACKAGES[name][0], made.output(name)
        file = "training.pex" if kind == "pex" else "training.venv.tar.gz"
        forms[name] = Form(place / file, place / "training.launcher" / kind)
    return forms


def processes(result: Row) -> list[Row]:
    """Return the rows of all processes that ran in a container, after a look at what they computed."""
    assert result["sum"] == 499500 and result["executors"] and result["counts"] == probe.WORDS
    rows: list[Row] = [*result["executors"], *([result["driver"]] if result["driver"] else [])]
    if result["arrow"]:
        assert result["arrow"]["sum"] == 5050 and result["arrow"]["rows"]
        rows += result["arrow"]["rows"]
    return rows


def check(row: Row, place: str, *, alone: bool = True) -> None:
    """Assert that numpy lies in `place`, as every folder of packages, and pyspark is the cluster's."""
    assert row["numpy"].startswith(f"{place}/") and not row["pyspark"].startswith(f"{place}/"), row
    packages = [path for path in row["path"] if path.endswith("-packages")]
    assert not alone or (packages and all(path.startswith(f"{place}/") for path in packages)), row


def _judge_venv(row: Row) -> None:
    check(row, row["prefix"])
    assert row["executable"].startswith((f"{row['cwd']}/pyenv/", f"{row['prefix']}/")), row
    assert row["prefix"] == f"{row['cwd']}/pyenv" or "/filecache/" in row["prefix"], row
    assert row["python"].startswith("3.11."), row


def _judge_bundled(row: Row) -> None:
    check(row, row["prefix"])
    assert row["node"] == dict.fromkeys(probe.PYTHONS, 97), row
    assert row["base_prefix"] == row["prefix"] == f"{row['cwd']}/pyenv" and row["python"] == "3.11.3", row
    assert "/filecache/" in row["program"] and row["program"].endswith("/training.venv.tar.gz/bin/python"), row


def _judge_pex(row: Row) -> None:
    check(row, f"{row['cwd']}/.pex")
    assert row["executable"].startswith(f"{row['prefix']}/bin/"), row
    assert f"{row['cwd']}/.pex/venvs/" in row["prefix"], row


JUDGES = {"venv": _judge_venv, "bundled": _judge_bundled, "pex": _judge_pex, "packed": _judge_pex}
"""Form to what asserts that a container's process ran in nothing but it."""


def judge(form: str, result: Row) -> None:
    """Assert that every process of an application on YARN ran in the form's own interpreter and packages."""
    for row in processes(result):
        JUDGES[form](row)
        assert row["node"] == {**row["node"], "python": 97, "python3": 97}, row


def judge_unpacked_by_spark(form: str, result: Row) -> None:
    """Assert the same where no NodeManager is: what Spark unpacks lies in the executor's own folder."""
    for row in processes(result):
        place = f"{row['cwd']}/{'pyenv' if form in ('venv', 'bundled') else '.pex'}"
        check(row, place)
        assert row["prefix"].startswith(place), row
        assert row["node"] == {**row["node"], "python": 97, "python3": 97}, row
        assert form != "bundled" or (row["base_prefix"] == row["prefix"] and row["python"] == "3.11.3"), row
