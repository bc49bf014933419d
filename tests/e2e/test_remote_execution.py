"""Remote execution on a real server: every action of ours, from its declared inputs alone, and the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.bazel import CONFIGURATIONS
from support.remote.casd import USR, casd
from support.remote.spawns import runners
from support.remote.users import ARTIFACTS, User, first_user

ENGINE = "7.7.1 bzlmod"

# Bazel 4.2.3 expects that the server makes the folders of outputs, which REAPI 2.0 leaves to the client
pytestmark = pytest.mark.skipif(ENGINE not in CONFIGURATIONS, reason="no Bazel 7")


@pytest.fixture(scope="module")
def user() -> Iterator[User]:
    """Give a user whose interpreter for actions is the machine's."""
    user = first_user(ENGINE)
    yield user
    user.bazel("shutdown")


def artifacts(user: User) -> dict[str, bytes]:
    """Return the bytes of all artifacts of examples/hello."""
    return {path: (user.checkout.path / "bazel-bin" / path).read_bytes() for path in ARTIFACTS}


def test_every_action_runs_remotely(user: User, tmp_path: Path) -> None:
    """In a root of inputs and /usr, without a network: all are remote, and the bytes are those of a local build."""
    local = user.build()
    expected = artifacts(user)
    with casd(tmp_path / "store", mounts=USR) as url:
        remote = user.build(f"--remote_executor={url}", "--spawn_strategy=remote")
    print(f"\nlocal: {runners(local.spawns)}, remote: {runners(remote.spawns)}")
    assert runners(remote.spawns) == {"remote": len(local.spawns)}
    assert artifacts(user) == expected
