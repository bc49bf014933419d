"""METADATA that an index serves beside its wheels (PEP 658): taken, compared, passed on to the resolver."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import pytest

from python_env.lock.index import default_index
from python_env.lock.indexes.opened import open_indexes
from python_env.requirements.model import Indexes
from support.index_server import PASSWORD, IndexServer
from support.index_workspace import Workspace
from support.served import Served, beside, metadata_of, serve
from support.wheels import make_wheel

FILE = "app-1.0-py3-none-any.whl"
BESIDE = f"/files/{FILE}.metadata"
OTHER = b"Metadata-Version: 2.1\nName: app\nVersion: 1.0\nRequires-Dist: lib>=2\n"

FORMS = [(states, as_json) for states in ("core-metadata", "dist-info-metadata") for as_json in (False, True)]


@pytest.mark.parametrize(("states", "as_json"), FORMS)
@pytest.mark.parametrize("digest", [None, ""])
def test_it_is_taken_where_the_page_states_it(
    workspace: Workspace, server: IndexServer, states: str, as_json: bool, digest: str | None
) -> None:
    """In both spellings, HTML or JSON, with a digest or without: asked for once, and the closure is the wheel's."""
    serve(server, "app", beside(workspace.wheel("app", "1.0", "lib>=1"), states, digest=digest), as_json=as_json)
    serve(server, "lib", Served(wheel=workspace.wheel("lib")))
    workspace.point("inner", server.url)
    assert workspace.update("app\n", "--index", "inner") == 0
    assert sorted(workspace.found()) == ["app", "lib"]
    assert server.asked.count(BESIDE) == 1 and "/files/lib-1.0-py3-none-any.whl.metadata" not in server.asked


def large(workspace: Workspace, server: IndexServer, *, as_json: bool = False) -> Path:
    """Let a server without ranges have a wheel of 3 MB, of which it sends no more than the first half."""
    noise = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(100_000))
    wheel = make_wheel(workspace.path, "app", "1.0", files={"app/data.bin": noise}, requires=("lib>=1",))
    serve(server, "app", beside(wheel), as_json=as_json)
    serve(server, "lib", Served(wheel=workspace.wheel("lib")))
    reply = server.replies[f"/files/{FILE}"]
    half = len(reply.body) // 2
    server.replies[f"/files/{FILE}"] = replace(reply, body=reply.body[:half], cut=len(reply.body) - half)
    return wheel


@pytest.mark.parametrize("alias", ["default", "inner"])
@pytest.mark.parametrize("as_json", [False, True])
def test_a_large_wheel_without_ranges_is_not_loaded_for_it(
    workspace: Workspace, server: IndexServer, alias: str, as_json: bool
) -> None:
    """Its size is what the server states; also where the resolver asks the index itself."""
    wheel = large(workspace, server, as_json=as_json)
    workspace.point(alias, server.url)
    assert workspace.update("app\n", "--index", alias) == 0
    assert sorted(workspace.found()) == ["app", "lib"]
    assert workspace.lock().files[FILE].size == wheel.stat().st_size


def test_a_large_wheel_is_loaded_where_nothing_lies_beside_it(
    workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no other way; here it is cut off, which is told."""
    large(workspace, server)
    del server.replies[BESIDE]
    workspace.point("inner", server.url)
    assert workspace.update("app\n", "--index", "inner") == 2
    check(capsys.readouterr().err, f"the metadata of {FILE} cannot be read: IncompleteRead")


def test_what_is_stated_and_missing_is_told(
    workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wheel is read instead."""
    serve(server, "app", Served(wheel=workspace.wheel("app"), states="core-metadata", digest=""))
    workspace.point("inner", server.url)
    assert workspace.update("app\n", "--index", "inner") == 0
    said = capsys.readouterr().err
    assert f"warning: index alias inner does not have {FILE}.metadata, which its page states (404)" in said
    assert said.count("warning") == 1


def check(said: str, reason: str) -> None:
    """Check that an error has three parts, alias and file, and neither host nor secret."""
    assert said.startswith("error: ") and "\n  where: " in said and "\n  fix:   " in said, said
    assert reason in said, said
    assert f"{FILE} on index alias inner" in said
    assert PASSWORD not in said and "127.0.0.1" not in said and "Traceback" not in said, said


BAD: dict[str, tuple[dict[str, object], str]] = {
    "another sha256 than the page states": ({"digest": "0" * 64}, "has another sha256 than the page states"),
    "missing, and the wheel's own is another": (
        {"beside": None, "digest": "0" * 64},
        "has another sha256 than the page states",
    ),
    "another requirement than the wheel": (
        {"beside": OTHER},
        f"{FILE}.metadata of index alias inner contradicts its wheel: it says requires 'lib>=2', the wheel 'lib>=1'",
    ),
    "another name than the wheel": (
        {"beside": OTHER.replace(b"Name: app", b"Name: elsewhere")},
        "it says name 'elsewhere', the wheel 'app'",
    ),
    "not UTF-8": ({"beside": OTHER + b"Summary: \xff\n"}, "is not UTF-8: invalid start byte at byte 76"),
}


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("case", BAD)
def test_bad_metadata_is_an_error(
    workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str], case: str, as_json: bool
) -> None:
    """It names the alias and the file; nothing is written."""
    words, reason = BAD[case]
    serve(server, "app", beside(workspace.wheel("app", "1.0", "lib>=1"), **words), as_json=as_json)  # type: ignore[arg-type]  # the words of one case each
    serve(server, "lib", Served(wheel=workspace.wheel("lib")), Served(wheel=workspace.wheel("lib", "2.0")))
    workspace.point("inner", server.url_with_password())
    assert workspace.update("app\n", "--index", "inner") == 2
    check(capsys.readouterr().err, reason)
    assert not workspace.written


def test_a_digest_that_is_none_is_refused(
    workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """As that of a file."""
    serve(server, "app", beside(workspace.wheel("app"), digest="12zz"))
    workspace.point("inner", server.url)
    assert workspace.update("app\n", "--index", "inner") == 2
    assert f"the sha256 that it states for {FILE}.metadata is none: '12zz'" in capsys.readouterr().err


def test_a_resolver_is_given_what_the_index_has(workspace: Workspace, server: IndexServer) -> None:
    """Through the gateway: the digest, the upload time, what Python it needs, and the METADATA's own bytes."""
    wheel = workspace.wheel("app")
    text = metadata_of(wheel) + b"\nof the index"
    stated = {"requires_python": ">=3.9", "upload_time": "2026-01-02T03:04:05Z"}
    serve(server, "app", beside(wheel, beside=text, **stated))
    workspace.point("inner", server.url)
    environ = {"PYTHON_ENV_INDEX_INNER": server.url, "PIP_INDEX_URL": server.url}
    with open_indexes(Indexes(order=("inner",)), default_index(environ), environ, workspace.path) as opened:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": opened.index.proxy}))
        with opener.open(f"{opened.index.url}/app/") as response:
            (row,) = json.loads(response.read())["files"]
            url = urljoin(response.url, f"{row['url']}.metadata")
        with opener.open(url) as response:
            assert response.read() == text
    assert row["core-metadata"] == {"sha256": hashlib.sha256(text).hexdigest()}
    assert (row["requires-python"], row["upload-time"]) == (">=3.9", "2026-01-02T03:04:05Z")
