"""`.resolver_test` and a cut-off date, with indexes that are bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.lock.comparison import cli as comparing
from python_env.lock.indexes.catalog import Catalog
from python_env.lock.indexes.credentials import Credentials
from python_env.lock.indexes.gateway import _entry
from python_env.lock.indexes.places import parse_place
from python_env.lock.indexes.web import Web
from python_env.requirements.model import Indexes
from support.fake_index import LINUX
from support.index_server import IndexServer
from support.index_workspace import Workspace
from support.page_resolver import PageResolver


def compared(workspace: Workspace, requirements: str, *words: str) -> int:
    """Run the test as Bazel does: its files are links into the workspace."""
    runfiles = workspace.path / "runfiles"
    runfiles.mkdir()
    (workspace.path / "r.in").write_text(requirements)
    (runfiles / "r.in").symlink_to(workspace.path / "r.in")
    workspace.monkeypatch.chdir(runfiles)
    workspace.monkeypatch.setattr(comparing, "UvResolver", PageResolver)
    workspace.monkeypatch.setattr(comparing, "PipToolsResolver", PageResolver)
    rule = ["--lock", "a.lock.json", "--update-command", "u", "--uv", "uv", "--pip-tools-wheel", "w.whl"]
    return main(["lock", "resolvers", *rule, "--requirements", "r.in=r.in", "--locked-platform", LINUX, *words])


def test_both_resolvers_ask_the_index_that_a_name_is_bound_to(workspace: Workspace, server: IndexServer) -> None:
    """A folder of the workspace; the public index is not asked for the name."""
    workspace.point("default", server.url)
    workspace.wheel("acme_core", "1.0", of="inner")
    server.has("app", workspace.wheel("app", "1.0", "acme-core>=1"))
    words = ["--index", "default", "--index-binding", "shelf=acme-*", "--index-url", "shelf=made/inner"]
    assert compared(workspace, "app\n", *words) == 0
    assert [path for path in server.asked if "app" in path]
    assert not [path for path in server.asked if "acme" in path]


def test_what_pip_tools_cannot_be_asked_for_is_told_before(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is compared half."""
    assert compared(workspace, "app\n", "--sdist", "app") == 2
    assert "error: pip-tools is asked for wheels of an index only" in capsys.readouterr().err


@pytest.mark.parametrize(("declared", "stated"), [("shelf", "1970-01-01T00:00:00Z"), ("https://h.invalid/x", None)])
def test_a_cut_off_leaves_out_nothing_of_a_folder_of_the_workspace(
    workspace: Workspace, tmp_path: Path, declared: str, stated: str | None
) -> None:
    """Nothing is uploaded there; a mirror in a folder, which a variable names, has lost the times."""
    workspace.wheel("app", "1.0")
    place = parse_place("inner", "made", tmp_path)
    indexes = Indexes(order=("inner",), urls=(("inner", declared),))
    web = Web({}, Credentials(environ={}, known={}))
    catalog = Catalog(indexes=indexes, places={"inner": place}, web=web)
    (link,) = catalog.project("app")
    assert _entry(link, "app", catalog).get("upload-time") == stated
