"""The one entry of all tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from python_env.__main__ import main

RUN = Path(__file__).parents[3] / "tools" / "run.py"


def test_an_unknown_command_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code says bad input."""
    assert main(["artifacts", "egg"]) == 2
    assert "artifacts pex" in capsys.readouterr().err


def test_a_bug_of_ours_shows_its_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 70 and a traceback tell it from bad input."""
    monkeypatch.setattr("python_env.env.cli.main", lambda _: 1 // 0)
    assert main(["env", "closure"]) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_action_tools_need_nothing_but_the_standard_library() -> None:
    """Every command that actions run is importable on a bare interpreter, without site-packages."""
    modules = ["env.cli", "artifacts.pex.cli", "artifacts.venv.cli", "launcher.cli", "wheels.cli", "wheels.check.cli"]
    code = f"import sys; sys.path.insert(0, {str(RUN.parent)!r})\n"
    code += "".join(f"import python_env.{module}\n" for module in modules)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
