"""What the lock tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from python_env.lock.resolvers import pip_tools
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from python_env.lock.resolvers.unpack import unpacked
from support.fake_index import FakeIndex
from support.simple_index import SimpleIndex, running


@pytest.fixture
def index() -> FakeIndex:
    """Return an empty index."""
    return FakeIndex()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SimpleIndex]:
    """Give a running index."""
    with running(tmp_path / "files") as made:
        yield made


@pytest.fixture(scope="session")
def unpacked_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder in which the wheels of pip and pip-tools are unpacked only once."""
    return tmp_path_factory.mktemp("pip")


@pytest.fixture
def pip_wheels(unpacked_once: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ...]:
    """Return the wheels of the adapter that the tools' lock has, on a machine without proxies."""
    monkeypatch.setattr(pip_tools, "_START_SECONDS", 0)
    monkeypatch.setattr(pip_tools, "unpacked", lambda wheels, _: unpacked(wheels, unpacked_once))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tuple(Path(os.environ[name]) for name in ("PIP_WHEEL", "PIP_TOOLS_WHEEL", "CLICK_WHEEL"))


@pytest.fixture
def resolver(server: SimpleIndex, tmp_path: Path, pip_wheels: tuple[Path, ...]) -> PipToolsResolver:
    """Return the adapter, against a running index."""
    return PipToolsResolver(pip_wheels, server.index, tmp_path / "cache")
