"""Indexes that serve nonsense: an error in three parts that names the alias, no host, no secret; nothing is written."""

from __future__ import annotations

import pytest

from python_env.lock.indexes import web
from support.index_server import PASSWORD, IndexServer, Reply
from support.index_workspace import Workspace

JSON = "application/vnd.pypi.simple.v1+json"
PAGE = "/simple/app/"
EMPTY = "the page has no link to a file of it"
LOOP = "it redirects in a loop, or too often"
CUT_JSON = b'{"meta": {"api-version": "1.0"}, "files": ['
LATIN = b'<a href="app-1.0.whl">\xff\xfe</a>'

CASES = {
    "HTML without links": (
        {PAGE: Reply(b"<html><body>nothing here</body></html>")},
        "the page has no link to a file of it",
    ),
    "HTML with other links": ({PAGE: Reply(b'<a href="/login">log in</a>')}, EMPTY),
    "500": ({PAGE: Reply(b"oops", status=500)}, "it answers 500 Internal Server Error"),
    "503": ({PAGE: Reply(b"oops", status=503)}, "it answers 503 Service Unavailable"),
    "418": ({PAGE: Reply(b"oops", status=418)}, "it answers 418 I'm a Teapot"),
    "truncated body": ({PAGE: Reply(b"<html>", cut=100)}, "it is cut off (6 bytes came of 106)"),
    "truncated tag": ({PAGE: Reply(b'<a href="app-1.0-py3-none-any.whl#sha2')}, "it is cut off: it ends inside a tag"),
    "truncated JSON": (
        {PAGE: Reply(CUT_JSON, kind=JSON)},
        "not the JSON of PEP 691",
    ),
    "JSON of another kind": ({PAGE: Reply(b"[]", kind=JSON)}, "it is not the JSON of PEP 691"),
    "JSON of a newer version": (
        {PAGE: Reply(b'{"meta": {"api-version": "2.0"}, "files": []}', kind=JSON)},
        "its API version is 2.0",
    ),
    "JSON files that are none": (
        {PAGE: Reply(b'{"meta": {"api-version": "1.0"}, "files": [1]}', kind=JSON)},
        "a file of its JSON is not what PEP 691 says",
    ),
    "redirect to itself": (
        {PAGE: Reply(status=302, headers={"Location": PAGE})},
        LOOP,
    ),
    "redirects in a circle": (
        {
            PAGE: Reply(status=301, headers={"Location": "/simple/other/"}),
            "/simple/other/": Reply(status=301, headers={"Location": PAGE}),
        },
        LOOP,
    ),
    "a sha256 that is none": (
        {PAGE: Reply(b'<a href="app-1.0-py3-none-any.whl#sha256=12zz">x</a>')},
        "the sha256 that it states for app-1.0-py3-none-any.whl is none: '12zz'",
    ),
    "not UTF-8": (
        {PAGE: Reply(LATIN)},
        "it is not utf-8: invalid start byte at byte 22",
    ),
    "JSON that is not UTF-8": ({PAGE: Reply(b'{"files": "\xff"}', kind=JSON)}, "it is not utf-8"),
    "an unknown character set": ({PAGE: Reply(b"x", kind="text/html; charset=klingon")}, "character set klingon"),
    "401": ({PAGE: Reply(status=401)}, "refuses app: 401 Unauthorized"),
    "403": ({PAGE: Reply(status=403)}, "refuses app: 403 Forbidden"),
}


@pytest.mark.parametrize("alias", ["default", "inner"])
@pytest.mark.parametrize("case", CASES)
def test_a_bad_index_is_named(
    workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str], case: str, alias: str
) -> None:
    """The same whether the resolver asks the index itself (`default` alone) or through the gateway."""
    replies, reason = CASES[case]
    server.replies.update(replies)
    workspace.point(alias, server.url_with_password())
    assert workspace.update("app\n", "--index", alias) == 2
    said = capsys.readouterr().err
    check(said, alias)
    assert reason in said
    assert not workspace.written


def check(said: str, alias: str) -> None:
    """Check that an error has three parts, the alias, and neither host nor secret."""
    assert said.startswith("error: ") and "\n  where: " in said and "\n  fix:   " in said, said
    assert f"index alias {alias}" in said
    assert PASSWORD not in said and "127.0.0.1" not in said and "Traceback" not in said, said


@pytest.mark.parametrize("alias", ["default", "inner"])
def test_a_name_that_no_index_has(
    workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str], alias: str
) -> None:
    """404 is no fault of the index: the error names the line that asks for it."""
    workspace.point(alias, server.url)
    assert workspace.update("\napp\n", "--index", alias) == 2
    said = capsys.readouterr().err
    check(said, alias)
    assert f"error: app is not on index alias {alias}\n" in said and "where: r.in:2" in said
    assert not workspace.written


@pytest.mark.parametrize("alias", ["default", "inner"])
def test_a_page_may_not_be_endless(
    workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str], alias: str
) -> None:
    """More than 50 MB of a page are not read."""
    assert web.MOST_PAGE_BYTES == 50_000_000
    server.replies[PAGE] = Reply(b"<html>" + b" " * web.MOST_PAGE_BYTES)
    workspace.point(alias, server.url)
    assert workspace.update("app\n", "--index", alias) == 2
    said = capsys.readouterr().err
    check(said, alias)
    assert "it is larger than 50 MB" in said and not workspace.written


@pytest.mark.parametrize("alias", ["default", "inner"])
def test_a_server_that_is_not_there(workspace: Workspace, capsys: pytest.CaptureFixture[str], alias: str) -> None:
    """Nobody listens."""
    workspace.point(alias, "http://127.0.0.1:1/simple")
    assert workspace.update("app\n", "--index", alias) == 2
    said = capsys.readouterr().err
    check(said, alias)
    assert "refused" in said and not workspace.written


def test_all_indexes_that_fail_are_named_together(
    workspace: Workspace, server: IndexServer, other: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """A resolver ends at the first; the other pages that are asked for are looked at, too."""
    workspace.point("inner", server.url)
    workspace.point("default", other.url)
    server.replies[PAGE] = Reply(status=401)
    other.replies["/simple/lib/"] = Reply(status=500)
    assert workspace.update("lib\napp\n", "--index", "default", "--index-binding", "inner=app") == 2
    said = capsys.readouterr().err
    assert said.index("index alias inner refuses app: 401") < said.index("index alias default serves for lib")
    assert not workspace.written


def test_a_fault_of_an_earlier_index_is_not_passed_over(
    workspace: Workspace, server: IndexServer, other: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """An index that fails may have what is asked for: the next one is not asked instead."""
    server.replies[PAGE] = Reply(status=500)
    other.has("app", workspace.wheel("app"))
    workspace.point("inner", server.url)
    workspace.point("default", other.url)
    assert workspace.update("app\n", "--index", "inner", "--index", "default") == 2
    assert "index alias inner serves for app" in capsys.readouterr().err and not other.asked


def test_a_wheel_that_is_gone(workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str]) -> None:
    """The page links to a file that the index does not serve."""
    wheel = workspace.wheel("app")
    server.has("app", wheel)
    del server.replies[f"/packages/{wheel.name}"]
    workspace.point("inner", server.url)
    assert workspace.update("app\n", "--index", "inner") == 2
    said = capsys.readouterr().err
    check(said, "inner")
    assert f"the metadata of {wheel.name} cannot be read: 404 Not Found" in said and not workspace.written


def test_a_folder_that_is_not_there(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """Its path, which a person wrote, is an alias in the error."""
    assert workspace.update("--no-index\n-f nowhere\napp\n") == 2
    said = capsys.readouterr().err
    check(said, "links-1")
    assert "there is no such folder" in said and not workspace.written
