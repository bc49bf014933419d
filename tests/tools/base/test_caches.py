"""Where the tools keep what can be had again: one folder, decided once."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_env.base.caches import cache_folder

TOOLS = Path(__file__).parents[3] / "tools" / "python_env"


def test_the_variable_wins_over_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the XDG base directories say."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_folder({}) == tmp_path / ".cache/rules_python_env"
    assert cache_folder({"XDG_CACHE_HOME": ""}) == tmp_path / ".cache/rules_python_env"
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/rules_python_env")


def test_nothing_else_decides_it() -> None:
    """A second reader of the variable would sooner or later name another folder."""
    readers = [path.name for path in TOOLS.rglob("*.py") if '"XDG_CACHE_HOME"' in path.read_text()]
    assert readers == ["caches.py"]
