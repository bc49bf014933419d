"""One cache for two users: equal action keys, nothing executed by the second one, and caches that fail."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from support.bazel import ENGINES, EVERY, ROOT
from support.determinism.matrix import Matrix
from support.index_server import IndexServer, index_server
from support.remote.casd import USR, casd
from support.remote.http_cache import http_cache
from support.remote.keys import aquery_documents, key_difference, spawn_documents
from support.remote.spawns import runners
from support.remote.users import ARTIFACTS, OTHERS, Built, User, first_user, second_user

COLUMNS = {Path(path).name.removeprefix("hello."): [path] for path in ARTIFACTS}
MATRIX = Matrix(COLUMNS)
SERVERS = ("gRPC", "HTTP")

MODES = {
    "all": "--remote_download_outputs=all",
    "toplevel": "--remote_download_toplevel",
    "minimal": "--remote_download_minimal",
}
"""Word to the option; Bazel 4 wants more options beside the latter two, which these bring along."""

CELLS = (
    [*product(SERVERS, MODES)]
    if EVERY
    else [("gRPC", "all"), ("gRPC", "minimal"), ("HTTP", "all"), ("HTTP", "toplevel")]
)


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
    kept: Path
    """Copies of what was built, the first of all in folder 0."""

    def add(self, user: User, how: str) -> None:
        """Add a row of what a user has built now."""
        folder = self.kept / str(len(MATRIX.rows))
        before = len(MATRIX.differences)
        MATRIX.add(f"{self.engine}, {how}", user.checkout.keep(COLUMNS, folder), self.kept / "0")
        assert MATRIX.differences[before:] == []


@pytest.fixture(scope="module", params=ENGINES)
def sharing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, kept: Path) -> Iterator[Sharing]:
    """Give both users, two servers that the first user's builds filled, and an index that has nothing."""
    folder = tmp_path_factory.mktemp("sharing")
    with ExitStack() as stack:
        index = stack.enter_context(index_server())
        urls = {
            "gRPC": stack.enter_context(casd(folder / "casd")),
            "HTTP": stack.enter_context(http_cache(folder / "http")).url,
        }
        first = stack.enter_context(first_user(request.param))
        built = {server: first.build(f"--remote_cache={urls[server]}") for server in SERVERS}
        second = stack.enter_context(second_user(request.param, first, index.url))
        found = Sharing(request.param, first, second, urls, built, index, kept)
        found.add(first, "first user, executed here")
        yield found


def test_the_first_user_executes_everything(sharing: Sharing) -> None:
    """What follows compares something: every action of ours ran, under a new cache."""
    for built in sharing.built.values():
        assert len(built.executed) == len(built.spawns) >= 20


@pytest.mark.parametrize(("server", "mode"), CELLS)
def test_the_second_user_executes_nothing(sharing: Sharing, server: str, mode: str) -> None:
    """Every action is a hit and no file is asked for, though user, checkout, output base and surroundings differ.

    For --distdir Bazel 4 asks the index for one page, which tells where its files lie.
    """
    built = sharing.second.build(f"--remote_cache={sharing.urls[server]}", MODES[mode])
    hits = sum(each.hit for each in built.spawns)
    print(f"\n{sharing.engine}, {server}, {mode}: {hits} remote cache hits, {len(built.executed)} executed")
    assert built.executed == []
    assert {each.name for each in built.spawns} == {each.name for each in sharing.built[server].spawns}
    asked = set(sharing.index.asked)
    assert asked == set() or (sharing.engine.startswith("4") and len(asked) == 1 and asked.pop().endswith("/"))
    if mode != "minimal":
        sharing.add(sharing.second, f"second user, from the {server} cache, {mode}")


def test_the_keys_hold_nothing_of_a_machine(sharing: Sharing) -> None:
    """Command lines, variables, inputs, outputs, digests, platforms: field by field, by aquery and by the log."""
    own = sharing.second.build()
    assert len(own.executed) == len(own.spawns)
    documents = spawn_documents(sharing.built["gRPC"].spawns)
    for name, document in documents.items():
        print(f"{sharing.engine}, {name}: {len(document['inputs'])} inputs, {document['environmentVariables']}")
    assert key_difference(documents, spawn_documents(own.spawns)) == ""
    planned = aquery_documents(sharing.first.actions())
    mine = sharing.first.actions("--action_env=HOME=/home/jane", "--action_env=SECRET=1")
    assert key_difference(planned, aquery_documents(mine)) == ""
    assert documents.keys() <= planned.keys()
    assert key_difference(planned, aquery_documents(sharing.second.actions())) == ""
    sharing.add(sharing.second, "second user, executed here")


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
    planned = [aquery_documents(sharing.first.actions(*words)) for words in ((), ("-c", "opt"))]
    assert "-opt" in key_difference(planned[0], planned[1])


def test_every_action_runs_remotely(sharing: Sharing, tmp_path: Path) -> None:
    """In a root of inputs and /usr, which has the host wrapper's interpreter, without a network."""
    if not sharing.engine.startswith("7"):
        pytest.skip("Bazel 4 expects that the server makes the folders of outputs: REAPI 2.0 does not")
    with casd(tmp_path / "store", mounts=USR) as url:
        options = (f"--remote_executor={url}", "--spawn_strategy=remote")
        remote = sharing.first.build(*options)
        assert runners(remote.spawns) == {"remote": len(sharing.built["gRPC"].spawns)}
        sharing.add(sharing.first, "first user, executed remotely")
        more = sharing.first.build(*options, "--noremote_accept_cached", targets=tuple(OTHERS.values()))
    print(f"\n{dict(Counter((each.mnemonic, each.runner) for each in (*remote.spawns, *more.spawns)))}")
    assert runners(more.spawns).keys() == {"remote"}
    assert OTHERS.keys() <= {each.mnemonic for each in more.spawns}


@pytest.fixture
def pasted(sharing: Sharing, tmp_path: Path) -> Iterator[None]:
    """Let the first user's `.bazelrc` end with the lines of docs/sharing.md, for a server of this machine."""
    blocks = re.findall(r"```(?:sh)?\n(.*?)```", (ROOT / "docs/sharing.md").read_text(), re.DOTALL)
    [helper] = [block for block in blocks if block.startswith("#!/bin/sh")]
    lines = blocks[0 if sharing.engine.startswith("7") else 1]
    rc, program = (sharing.first.checkout.path / path for path in (".bazelrc", "tools/credentials"))
    before = rc.read_text()
    program.write_text(helper)
    program.chmod(0o755)
    with casd(tmp_path / "store") as url:
        lines = lines.replace("grpcs://cache.example.com", url).replace("cache.example.com", "127.0.0.1")
        rc.write_text(f"{before}\n{lines}")
        yield
    rc.write_text(before)
    program.unlink()


@pytest.mark.usefixtures("pasted")
def test_the_pasted_lines_share(sharing: Sharing) -> None:
    """People read, CI writes: a first build leaves nothing in the cache, one by CI all that the next one needs."""
    assert sharing.first.build().executed
    assert sharing.first.build("--config=ci").executed
    assert sharing.first.build().executed == []


def test_every_way_has_the_same_bytes() -> None:
    """The rows of all tests above: both engines, both users, executed here, remotely, and from either cache."""
    print(f"\n{MATRIX.markdown()}")
    assert len(MATRIX.rows) >= 5 * len(ENGINES)
