"""What the index tests share: servers, and the command with a resolver that asks them over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from python_env.lock.update import open_task as running
from support.index_server import IndexServer, index_server
from support.index_workspace import Workspace
from support.page_resolver import PageResolver


@pytest.fixture
def server() -> Iterator[IndexServer]:
    """Give an index."""
    with index_server() as running:
        yield running


@pytest.fixture
def other() -> Iterator[IndexServer]:
    """Give a second index."""
    with index_server() as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace whose machine has no netrc and no index but those that a test points at."""
    monkeypatch.chdir(tmp_path)
    for name in ("BUILD_WORKSPACE_DIRECTORY", "NETRC", "PYTHON_ENV_CREDENTIAL_HELPER", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setattr(running, "UvResolver", PageResolver)
    (tmp_path / "home").mkdir()
    return Workspace(tmp_path, monkeypatch)
