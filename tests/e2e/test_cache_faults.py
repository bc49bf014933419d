"""A cache that is away, silent, full or lying costs a warning, never the build; and never becomes an artifact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from support.bazel import NEWER
from support.remote.casd import casd
from support.remote.http_cache import http_cache, silent_server, spoil
from support.remote.users import Built, User, first_user

PEX = "examples/hello/hello.pex"
SERVERS = ("grpc", "http")
AWAY = "127.0.0.1:9"
PATIENCE = ("--remote_local_fallback", "--remote_timeout=1s", "--remote_retries=0")
"""Of docs/sharing.md, with less patience."""

EVERYTHING = "--remote_download_outputs=all"
"""With less, Bazel 7 reads what lies between actions when none of them can run anew: it fails, with no artifact."""


@pytest.fixture(scope="module", params=NEWER)
def user(request: pytest.FixtureRequest) -> Iterator[User]:
    """Give a user of one engine."""
    with first_user(request.param) as found:
        yield found


@pytest.fixture(scope="module")
def right(user: User) -> bytes:
    """Return the PEX as it is built without a cache."""
    build(user)
    return pex(user)


def build(user: User, *words: str, target: str = "//examples/hello:hello_pex") -> Built:
    """Build one target with options of a cache."""
    return user.build(*words, targets=(target,))


def pex(user: User) -> bytes:
    """Return the built PEX."""
    return user.files(PEX)[PEX]


def warnings(built: Built) -> list[str]:
    """Return the warnings of a build."""
    return [line for line in built.said.splitlines() if "WARNING" in line and "rc files" not in line]


@contextmanager
def cache(server: str, folder: Path, *words: str) -> Iterator[str]:
    """Give the URL of a server."""
    with ExitStack() as stack:
        if server == "grpc":
            yield stack.enter_context(casd(folder / "store", *words))
        else:
            yield stack.enter_context(http_cache(folder / "store")).url


@pytest.mark.parametrize("server", SERVERS)
def test_a_cache_that_is_away(user: User, right: bytes, server: str) -> None:
    """Nobody listens: the build says so and does the work itself."""
    built = build(user, f"--remote_cache={server}://{AWAY}", *PATIENCE)
    assert warnings(built)
    assert len(built.executed) == len(built.spawns) > 0
    assert pex(user) == right


@pytest.mark.parametrize("server", SERVERS)
def test_a_silent_cache(user: User, server: str) -> None:
    """The connection is taken and nothing is ever said: the time limit holds, and the work is done here."""
    with silent_server() as address:
        built = build(user, f"--remote_cache={server}://{address}", *PATIENCE, target="//examples/hello")
    assert warnings(built)
    assert len(built.executed) == len(built.spawns) > 0


def test_a_slow_cache(user: User, right: bytes, tmp_path: Path) -> None:
    """A fifth of a second before each answer is waited for; what takes longer than the time limit is done here."""
    with http_cache(tmp_path / "store") as slow:
        options = ("--remote_local_fallback", "--remote_retries=0", f"--remote_cache={slow.url}")
        build(user, *options)
        slow.latency = 0.2
        assert build(user, *options).executed == []
        slow.latency = 2
        built = build(user, *options, "--remote_timeout=1s")
    assert warnings(built)
    assert built.executed
    assert pex(user) == right


def test_a_full_http_cache(user: User, right: bytes, tmp_path: Path) -> None:
    """Writes are refused: a warning, and the build is whole."""
    with http_cache(tmp_path / "store") as full:
        full.full = True
        built = build(user, f"--remote_cache={full.url}", *PATIENCE)
    assert full.refused > 0
    assert warnings(built)
    assert pex(user) == right


def test_a_full_grpc_cache(user: User, right: bytes, tmp_path: Path) -> None:
    """The same of a server whose quota is smaller than the PEX."""
    with casd(tmp_path / "store", "--quota-high=1M", "--quota-low=50%") as url:
        built = build(user, f"--remote_cache={url}", *PATIENCE)
    assert warnings(built)
    assert pex(user) == right


@pytest.mark.parametrize("server", SERVERS)
def test_a_lying_cache(user: User, right: bytes, server: str, tmp_path: Path) -> None:
    """A byte of each blob is another one than its digest says: Bazel notices, and builds the right bytes itself."""
    with cache(server, tmp_path) as url:
        build(user, f"--remote_cache={url}", *PATIENCE)
        assert build(user, f"--remote_cache={url}", *PATIENCE).executed == []
        assert spoil(tmp_path / "store") > 10
        built = build(user, f"--remote_cache={url}", "--noremote_upload_local_results", EVERYTHING, *PATIENCE)
    assert warnings(built)
    assert built.executed
    assert pex(user) == right


@pytest.mark.parametrize("server", SERVERS)
def test_a_lying_cache_that_is_read_late(user: User, right: bytes, server: str, tmp_path: Path) -> None:
    """With `toplevel` what lies between actions is read when one needs it: the build fails, and makes no artifact."""
    options = ("--noremote_upload_local_results", "--remote_download_outputs=toplevel", *PATIENCE)
    with cache(server, tmp_path) as url:
        build(user, f"--remote_cache={url}")
        spoil(tmp_path / "store")
        with pytest.raises(AssertionError, match="Failed to fetch blobs because of a remote cache error"):
            build(user, f"--remote_cache={url}", *options)
        assert not (user.checkout.path / "bazel-bin" / PEX).exists()
    build(user)
    assert pex(user) == right
