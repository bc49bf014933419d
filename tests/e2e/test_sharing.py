"""One cache for two users: equal action keys, nothing executed by the second one, and caches that fail."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from support.bazel import ENGINES
from support.index_server import IndexServer, index_server
from support.remote.casd import casd
from support.remote.http_cache import http_cache
from support.remote.keys import aquery_documents, key_difference, spawn_documents
from support.remote.users import ARTIFACTS, Built, User, first_user, second_user

SERVERS = ("gRPC", "HTTP")

MODES = {
    "all": "--remote_download_outputs=all",
    "toplevel": "--remote_download_toplevel",
    "minimal": "--remote_download_minimal",
}
"""Word to the option; Bazel 4 wants more options beside the latter two, which these bring along."""


@dataclass(frozen=True)
class Sharing:
    """Two users of one engine, and what the first one did."""

    engine: str
    first: User
    second: User
    urls: dict[str, str]
    """Server to the option's value."""
    built: dict[str, Built]
    """Server to the first user's build, which filled it."""
    index: IndexServer

    def digests(self, user: User) -> dict[str, bytes]:
        """Return the artifacts' bytes."""
        return {path: (user.checkout.path / "bazel-bin" / path).read_bytes() for path in ARTIFACTS}


@pytest.fixture(scope="module", params=ENGINES)
def sharing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sharing]:
    """Give both users, two servers that the first user's builds filled, and an index that has nothing."""
    folder = tmp_path_factory.mktemp("sharing")
    with ExitStack() as stack:
        index = stack.enter_context(index_server())
        urls = {
            "gRPC": stack.enter_context(casd(folder / "casd")),
            "HTTP": stack.enter_context(http_cache(folder / "http")).url,
        }
        first = first_user(request.param)
        stack.callback(first.bazel, "shutdown")
        built = {server: first.build(f"--remote_cache={urls[server]}") for server in SERVERS}
        second = second_user(request.param, first, index.url)
        stack.callback(second.bazel, "shutdown")
        yield Sharing(request.param, first, second, urls, built, index)


def test_the_first_user_executes_everything(sharing: Sharing) -> None:
    """What follows compares something: every action of ours ran, under a new cache."""
    for built in sharing.built.values():
        assert len(built.executed) == len(built.spawns) >= 20


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("server", SERVERS)
def test_the_second_user_executes_nothing(sharing: Sharing, server: str, mode: str) -> None:
    """Every action is a hit and no file is asked for, though user, checkout, output base and surroundings differ."""
    built = sharing.second.build(f"--remote_cache={sharing.urls[server]}", MODES[mode])
    hits = sum(each.hit for each in built.spawns)
    print(f"\n{sharing.engine}, {server}, {mode}: {hits} remote cache hits, {len(built.executed)} executed")
    assert built.executed == []
    assert {each.name for each in built.spawns} == {each.name for each in sharing.built[server].spawns}
    assert sharing.index.asked == []
    if mode != "minimal":
        assert sharing.digests(sharing.second) == sharing.digests(sharing.first)


def test_the_keys_hold_nothing_of_a_machine(sharing: Sharing) -> None:
    """Command lines, variables, inputs, outputs, digests, platforms: field by field, by aquery and by the log."""
    own = sharing.second.build()
    assert len(own.executed) == len(own.spawns)
    documents = spawn_documents(sharing.built["gRPC"].spawns)
    assert key_difference(documents, spawn_documents(own.spawns)) == ""
    if sharing.engine.startswith("7"):
        planned = aquery_documents(sharing.first.actions())
        assert documents.keys() <= planned.keys()
        assert key_difference(planned, aquery_documents(sharing.second.actions())) == ""
    assert sharing.digests(sharing.second) == sharing.digests(sharing.first)


def test_a_planted_difference_is_found(sharing: Sharing) -> None:
    """The comparison can fail: of variables and inputs by the log, of the configuration by aquery."""
    documents = spawn_documents(sharing.built["gRPC"].spawns)
    name = next(name for name in documents if name.startswith("PyEnvPex "))
    planted = copy.deepcopy(documents)
    planted[name]["environmentVariables"]["HOME"] = "/home/jane"
    assert f"{name}: $.environmentVariables.HOME: missing | there" in key_difference(documents, planted)
    planted = copy.deepcopy(documents)
    planted[name]["inputs"]["tools/run.py"]["digest"] = "another one"
    assert f"{name}: $.inputs.tools/run.py" in key_difference(documents, planted)
    if sharing.engine.startswith("7"):
        planned = [aquery_documents(sharing.first.actions(*words)) for words in ((), ("-c", "opt"))]
        assert "-opt" in key_difference(planned[0], planned[1])
