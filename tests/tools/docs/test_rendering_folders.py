"""The folders that the launcher's rule declares are those that its tool writes into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from python_env.artifacts.model import parse_report, render_report
from python_env.launcher.cli import main
from python_env.launcher.model import Combination
from support.reports import PEX, VENV

FILE = Path(__file__).parents[3] / "rules/private/launcher/rendering_folders.bzl"


def starlark() -> dict[str, Any]:
    """Return what the file defines: its Starlark is Python, too."""
    found: dict[str, Any] = {}
    exec(FILE.read_text(), found)
    return found


def written(folder: Path, *options: str) -> set[str]:
    """Return the folders that the tool filled for a PEX and a venv."""
    words = ["--name=a", f"--output={folder}/a.launcher.json", *options]
    for report in (PEX, VENV):
        path = folder / f"{report.kind}.json"
        path.write_bytes(render_report(report))
        assert parse_report(path.read_bytes(), where=path.name) == report
        words += ["--report", str(path)]
    assert main(words) == 0
    base = folder / "a.launcher"
    return {path.parent.relative_to(base).as_posix() for path in base.rglob("*") if path.is_file()}


def test_each_folder_of_the_tool_is_declared(tmp_path: Path) -> None:
    """By default: none is missing, and the combinations that are left out start nothing."""
    folders: Callable[..., list[str]] = starlark()["rendering_folders"]
    assert written(tmp_path) == {*folders(["code", "pex", "venv"], [], "")}
    assert {*starlark()["COMBINATIONS"]} < {each.value for each in Combination}


def test_what_was_asked_for_is_declared_alone(tmp_path: Path) -> None:
    """A scheduler of YARN starts what YARN can, and no other profile's settings."""
    folders: Callable[..., list[str]] = starlark()["rendering_folders"]
    wanted = ["--combination=yarn-client"]
    assert written(tmp_path, *wanted) == {*folders(["pex", "venv"], ["yarn-client"], "")}
    assert folders(["pex"], ["yarn-client"], "cluster-pack") == ["pex/yarn-client"]
    assert folders(["pex"], ["local-cluster"], "") == ["pex/local-cluster"]
