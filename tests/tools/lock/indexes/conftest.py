"""What the index tests share: servers, and the command with a resolver that asks them over HTTP."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from python_env.lock.resolvers.uv import UvResolver
from python_env.lock.update import open_task as running
from support.fake_index import LINUX
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


@pytest.fixture
def update(workspace: Workspace, server: IndexServer) -> Callable[..., int]:
    """Return the command with a real resolver, on a machine where each alias means the server."""
    program = os.environ.get("UV_PROGRAM") or shutil.which("uv")
    wheels = [os.environ.get(name, "") for name in ("PIP_WHEEL", "PIP_TOOLS_WHEEL", "CLICK_WHEEL")]
    if not program or not all(wheels):
        pytest.skip("the resolvers are given by Bazel: UV_PROGRAM, PIP_WHEEL, PIP_TOOLS_WHEEL, CLICK_WHEEL")
    workspace.monkeypatch.setattr(running, "UvResolver", UvResolver)
    (workspace.path / "uv").symlink_to(Path(program).absolute())
    words = [word for wheel in wheels for word in ("--pip-tools-wheel", str(Path(wheel).absolute()))]

    def run(requirements: str, alias: str, resolver: str, *more: str, platforms: Sequence[str] = (LINUX,)) -> int:
        workspace.point(alias, server.url_with_password() if server.private else server.url)
        return workspace.update(
            requirements, "--index", alias, "--resolver", resolver, *words, *more, platforms=platforms
        )

    return run
