"""What uv and pip-tools make of an index's pages, asked by themselves (`default`) or through the gateway."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest

from support.index_server import PASSWORD, USER, IndexServer, Reply
from support.index_workspace import Workspace
from support.served import Served, beside, metadata_of, serve

OLD, NEW = "2025-12-31T23:59:59.123456Z", "2026-01-01T00:00:00Z"
CUT = "--exclude-newer=2026-01-01"
BOTH = pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
ALIASES = pytest.mark.parametrize("alias", ["default", "inner"])
PAGES = pytest.mark.parametrize("as_json", [False, True], ids=["html", "json"])

Update = Callable[..., int]


@BOTH
@ALIASES
@PAGES
def test_files_uploaded_later_are_not_seen(
    workspace: Workspace, server: IndexServer, update: Update, alias: str, resolver: str, as_json: bool
) -> None:
    """The index tells upload times in JSON (PEP 700), or in HTML as uv and pip-tools are let read them."""
    files = [Served(wheel=workspace.wheel("app", version), upload_time=time) for version, time in _times()]
    serve(server, "app", *files, as_json=as_json)
    assert update("app\n", alias, resolver, CUT) == 0
    assert workspace.found() == {"app": ("1.0", alias)}
    assert update("app\n", alias, resolver, "--upgrade") == 0
    assert workspace.found() == {"app": ("2.0", alias)}


def _times() -> tuple[tuple[str, str], ...]:
    return ("1.0", OLD), ("2.0", NEW)


@ALIASES
@PAGES
def test_uv_does_not_see_a_file_without_upload_time(
    workspace: Workspace,
    server: IndexServer,
    update: Update,
    capsys: pytest.CaptureFixture[str],
    alias: str,
    as_json: bool,
) -> None:
    """Where nothing else is there, the error has the cut-off; where something is, that is taken."""
    silent = Served(wheel=workspace.wheel("app", "2.0"))
    serve(server, "app", silent, as_json=as_json)
    assert update("app\n", alias, "uv", CUT) == 2
    said = capsys.readouterr().err
    assert "no file of 2026-01-01 or later is seen (exclude_newer)" in said and not workspace.written
    serve(server, "lib", Served(wheel=workspace.wheel("lib", "2.0")), _old(workspace), as_json=as_json)
    assert update("lib\n", alias, "uv", CUT) == 0
    assert workspace.found() == {"lib": ("1.0", alias)}


def _old(workspace: Workspace) -> Served:
    return Served(wheel=workspace.wheel("lib", "1.0"), upload_time=OLD)


@ALIASES
def test_pip_tools_refuses_a_page_without_upload_times(
    workspace: Workspace,
    server: IndexServer,
    update: Update,
    capsys: pytest.CaptureFixture[str],
    alias: str,
) -> None:
    """It says what the index does not, and what to do; a file of unknown time among others is not seen."""
    serve(server, "lib", Served(wheel=workspace.wheel("lib", "2.0")), as_json=True)
    assert update("lib\n", alias, "pip-tools", CUT) == 2
    said = capsys.readouterr().err
    assert "the index does not say when files were uploaded (PEP 700), which exclude_newer needs" in said
    assert 'fix:   leave exclude_newer out, or lock with resolver = "uv"' in said and not workspace.written
    serve(server, "lib", Served(wheel=workspace.wheel("lib", "2.0")), _old(workspace), as_json=True)
    assert update("lib\n", alias, "pip-tools", CUT) == 0
    assert workspace.found() == {"lib": ("1.0", alias)}


@BOTH
@ALIASES
def test_metadata_beside_the_wheels_is_what_is_asked_for(
    workspace: Workspace, server: IndexServer, update: Update, alias: str, resolver: str
) -> None:
    """A version that is given up is known by its METADATA alone (PEP 658): its wheel is not asked for."""
    given_up = beside(workspace.wheel("app", "2.0", "lib>=2"))
    serve(server, "app", given_up, beside(workspace.wheel("app", "1.0", "lib>=1")))
    serve(server, "lib", beside(workspace.wheel("lib", "1.0")))
    assert update("app\nlib<2\n", alias, resolver) == 0
    assert workspace.found() == {"app": ("1.0", alias), "lib": ("1.0", alias)}
    assert f"/files/{given_up.wheel.name}.metadata" in server.asked
    assert f"/files/{given_up.wheel.name}" not in server.asked


@BOTH
@ALIASES
def test_missing_metadata_is_told_and_read_out_of_the_wheel(
    workspace: Workspace,
    server: IndexServer,
    update: Update,
    capsys: pytest.CaptureFixture[str],
    alias: str,
    resolver: str,
) -> None:
    """uv, which asks the index itself, would fail: it is asked again, through the gateway."""
    wheel = workspace.wheel("app", "1.0", "lib")
    serve(server, "app", Served(wheel=wheel, states="core-metadata", digest=""))
    serve(server, "lib", beside(workspace.wheel("lib")))
    assert update("app\n", alias, resolver) == 0
    assert sorted(workspace.found()) == ["app", "lib"]
    said = capsys.readouterr().err
    assert f"warning: index alias {alias} does not have {wheel.name}.metadata, which its page states (404)" in said


@BOTH
@ALIASES
def test_requires_python_of_a_page_decides(
    workspace: Workspace, server: IndexServer, update: Update, alias: str, resolver: str
) -> None:
    """A version for a newer Python is passed over, though its METADATA says nothing of it."""
    newer = Served(wheel=workspace.wheel("app", "2.0"), requires_python=">=3.13")
    older = Served(wheel=workspace.wheel("app", "1.0"), requires_python=">=3.8,<4")
    serve(server, "app", newer, older, as_json=True)
    assert update("app\n", alias, resolver) == 0
    assert workspace.found() == {"app": ("1.0", alias)}
    assert f"/files/{newer.wheel.name}" not in server.asked


@BOTH
@ALIASES
def test_a_yanked_version_is_taken_only_where_it_is_pinned(
    workspace: Workspace,
    server: IndexServer,
    update: Update,
    capsys: pytest.CaptureFixture[str],
    alias: str,
    resolver: str,
) -> None:
    """By `==`, with a warning that has the reason; else the next lower one, without."""
    yanked = Served(wheel=workspace.wheel("app", "2.0"), yanked="leaks keys")
    serve(server, "app", yanked, Served(wheel=workspace.wheel("app", "1.0")))
    assert update("app>=1\n", alias, resolver) == 0
    assert workspace.found() == {"app": ("1.0", alias)} and "yanked" not in capsys.readouterr().err
    assert update("app==2.0\n", alias, resolver) == 0
    assert workspace.found() == {"app": ("2.0", alias)}
    said = capsys.readouterr().err
    assert "warning: " in said and "yanked" in said and "leaks keys" in said


@BOTH
@ALIASES
def test_a_version_that_is_yanked_later_stays_locked(
    workspace: Workspace,
    server: IndexServer,
    update: Update,
    capsys: pytest.CaptureFixture[str],
    alias: str,
    resolver: str,
) -> None:
    """Nothing moves unasked, with a warning; `--upgrade` leaves it."""
    older, newer = (Served(wheel=workspace.wheel("app", version)) for version in ("1.0", "2.0"))
    serve(server, "app", older, newer)
    assert update("app\n", alias, resolver) == 0
    serve(server, "app", older, replace(newer, yanked="leaks keys"))
    shutil.rmtree(workspace.path / "cache")  # uv trusts a page for half a minute
    assert update("app\n", alias, resolver) == 0
    assert workspace.found() == {"app": ("2.0", alias)} and "leaks keys" in capsys.readouterr().err
    assert update("app\n", alias, resolver, "--upgrade") == 0
    assert workspace.found() == {"app": ("1.0", alias)}


@BOTH
@ALIASES
def test_a_local_version_comes_over_relative_links(
    workspace: Workspace, server: IndexServer, update: Update, alias: str, resolver: str
) -> None:
    """The plus is escaped in the link (`%2B`), in what is asked for and in the lock."""
    wheel = workspace.wheel("app", "2.0+cpu")
    serve(server, "app", Served(wheel=wheel))
    assert update("app==2.0+cpu\n", alias, resolver) == 0
    assert workspace.found() == {"app": ("2.0+cpu", alias)}
    assert workspace.lock().files[wheel.name].path == "files/app-2.0%2Bcpu-py3-none-any.whl"


@BOTH
@ALIASES
@pytest.mark.parametrize("by", ["URL", "netrc"])
def test_an_index_with_a_password(
    workspace: Workspace, server: IndexServer, update: Update, alias: str, resolver: str, by: str
) -> None:
    """For its pages, its metadata and its wheels; nothing of it is written."""
    serve(server, "app", beside(workspace.wheel("app", "1.0", "lib")))
    serve(server, "lib", Served(wheel=workspace.wheel("lib")))
    server.private = True
    if by == "netrc":
        (workspace.path / "home/.netrc").write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
        (workspace.path / "home/.netrc").chmod(0o600)
        workspace.monkeypatch.setattr(server, "url_with_password", lambda: server.url)
    assert update("app\n", alias, resolver) == 0
    assert sorted(workspace.found()) == ["app", "lib"]
    ours = [workspace.path / "a.lock.json", *(workspace.path / "cache").rglob("*")]
    assert not [file for file in ours if file.is_file() and PASSWORD.encode() in file.read_bytes()]


@BOTH
@ALIASES
@pytest.mark.parametrize("status", [401, 404])
def test_a_wheel_that_fails_names_the_alias(
    workspace: Workspace,
    server: IndexServer,
    update: Update,
    capsys: pytest.CaptureFixture[str],
    alias: str,
    resolver: str,
    status: int,
) -> None:
    """Its page is good; a 401 names the file to edit. No host is told."""
    wheel = workspace.wheel("app")
    serve(server, "app", Served(wheel=wheel))
    server.replies[f"/files/{wheel.name}"] = Reply(status=status)
    assert update("app\n", alias, resolver) == 2
    said = capsys.readouterr().err
    assert f"index alias {alias}" in said and str(status) in said and wheel.name in said
    assert (f"{workspace.path}/home/.netrc" in said) == (status == 401)
    assert "127.0.0.1" not in said and "Traceback" not in said and not workspace.written


@BOTH
@ALIASES
def test_metadata_that_is_not_utf8_names_the_alias(
    workspace: Workspace,
    server: IndexServer,
    update: Update,
    capsys: pytest.CaptureFixture[str],
    alias: str,
    resolver: str,
) -> None:
    """Beside the wheel, where the resolver itself may not mind."""
    wheel = workspace.wheel("app")
    serve(server, "app", beside(wheel, beside=metadata_of(wheel) + b"Summary: \xff\n"))
    code = update("app\n", alias, resolver)
    said = capsys.readouterr().err
    assert "Traceback" not in said and "127.0.0.1" not in said
    if (alias, resolver) == ("default", "uv"):
        assert code == 0  # uv reads on; the closure is checked against the wheel's own METADATA
    else:
        assert code == 2 and f"index alias {alias}" in said and "is not UTF-8" in said and not workspace.written
