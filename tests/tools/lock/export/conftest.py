"""A small lock of two platforms."""

from __future__ import annotations

import pytest

from python_env.base.documents import sha256_hex
from python_env.lock.document import render_lock
from python_env.lock.export.origin import Origin
from python_env.lock.model import Lock
from python_env.lock.update.refresh import refresh
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task


@pytest.fixture
def lock(index: FakeIndex) -> Lock:
    """Return a lock with a dependency, an extra platform wheel and a local version."""
    index.add("app", "1.0", requires=("lib>=1", 'colour; sys_platform == "win32"'))
    index.add("lib", "2.0+cpu", "cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-win_amd64")
    index.add("colour", "0.4")
    return refresh(make_task(index, "app", [LINUX, WINDOWS]))


@pytest.fixture
def origin(lock: Lock) -> Origin:
    """Return where the lock's files come from."""
    return Origin(label="//envs:a.lock.json", sha256=sha256_hex(render_lock(lock)), env_id=lock.env_id)
