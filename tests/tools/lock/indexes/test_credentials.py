"""Who we are to an index: by netrc, a helper or the URL; nothing of it in a lock, an error or another host's log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from python_env.base.errors import ToolError
from python_env.lock.indexes.credentials import Credentials, netrc_path
from support.index_server import PASSWORD, USER, IndexServer, Reply
from support.index_workspace import Workspace

NETRC = f"machine 127.0.0.1 login {USER} password {PASSWORD}\n"


@pytest.fixture
def private(workspace: Workspace, server: IndexServer) -> IndexServer:
    """Return an index with a password."""
    server.private = True
    server.has("app", workspace.wheel("app"))
    workspace.point("inner", server.url)
    workspace.point("default", server.url)
    return server


def check_no_secret(workspace: Workspace) -> None:
    """Check that neither the lock nor anything below the cache holds the password."""
    files = [workspace.path / "a.lock.json", *(workspace.path / "cache").rglob("*")]
    assert not [file for file in files if file.is_file() and PASSWORD.encode() in file.read_bytes()]


def test_netrc_is_read(workspace: Workspace, private: IndexServer) -> None:
    """For pages and for files."""
    (workspace.path / "home/.netrc").write_text(NETRC)
    (workspace.path / "home/.netrc").chmod(0o600)
    assert workspace.update("app\n", "--index", "inner") == 0
    check_no_secret(workspace)


def test_the_url_of_a_variable_may_hold_a_password(workspace: Workspace, private: IndexServer) -> None:
    """It enters neither the lock nor a cache."""
    workspace.point("inner", private.url_with_password())
    assert workspace.update("app\n", "--index", "inner") == 0
    check_no_secret(workspace)


def test_a_helper_of_bazels_protocol_is_asked(workspace: Workspace, private: IndexServer) -> None:
    """The same program as --credential_helper."""
    import base64

    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    helper = workspace.path / "helper"
    helper.write_text(f'#!/bin/sh\n[ "$1" = get ] && echo \'{{"headers": {{"Authorization": ["Basic {token}"]}}}}\'\n')
    helper.chmod(0o755)
    workspace.monkeypatch.setenv("PYTHON_ENV_CREDENTIAL_HELPER", str(helper))
    assert workspace.update("app\n") == 0
    check_no_secret(workspace)


@pytest.mark.parametrize("alias", ["default", "inner"])
def test_a_401_names_the_alias_and_the_file_to_edit(
    workspace: Workspace, private: IndexServer, capsys: pytest.CaptureFixture[str], alias: str
) -> None:
    """No credentials are there."""
    assert workspace.update("app\n", "--index", alias) == 2
    said = capsys.readouterr().err
    assert f"error: index alias {alias} refuses app: 401 Unauthorized" in said
    assert f"where: index alias {alias}; {workspace.path}/home/.netrc" in said
    assert f"fix:   state user and password in {workspace.path}/home/.netrc: machine <the index's host> login" in said
    assert not workspace.written


def test_a_wrong_password_is_not_told(
    workspace: Workspace, private: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error has the path of netrc, nothing of its text."""
    netrc = workspace.path / "elsewhere"
    netrc.write_text("machine 127.0.0.1 login me password wr0ng-s3cret\n")
    workspace.monkeypatch.setenv("NETRC", str(netrc))
    assert workspace.update("app\n", "--index", "inner") == 2
    said = capsys.readouterr().err
    assert "401" in said and str(netrc) in said and "wr0ng" not in said


def test_a_broken_netrc_is_not_quoted(workspace: Workspace, private: IndexServer) -> None:
    """Its parser would."""
    (workspace.path / "home/.netrc").write_text(f"machine 127.0.0.1 {PASSWORD} x\n")
    with pytest.raises(ToolError) as error:
        Credentials({"HOME": str(workspace.path / "home")}).headers(private.url)
    assert "netrc cannot be read (NetrcParseError)" in error.value.render()
    assert PASSWORD not in error.value.render()


def test_a_redirect_to_another_host_is_not_told_the_password(
    workspace: Workspace, server: IndexServer, other: IndexServer
) -> None:
    """Files often lie on another host; it gets no Authorization that is not its own."""
    from python_env.lock.indexes.web import Web

    seen: list[str] = []
    server.replies["/simple/app/"] = Reply(status=302, headers={"Location": f"{other.url}/app/"})
    other.has("app", workspace.wheel("app"))
    handler: Any = other.RequestHandlerClass
    real = handler.do_GET

    def spy(self: object) -> None:
        seen.append(self.headers.get("Authorization") or "")  # type: ignore[attr-defined]
        real(self)

    workspace.monkeypatch.setattr(handler, "do_GET", spy)
    web = Web({}, Credentials({}, {server.origin: (USER, PASSWORD)}))
    assert web.page(f"{server.url}/app/", alias="inner", of="app") is not None
    assert seen[0].startswith("Basic ") and seen[1] == ""


@pytest.mark.parametrize(
    "line", ["--index-url {url}", "--extra-index-url={url}", "-i {url}", "-f {url}", "--find-links {url}"]
)
def test_a_password_in_a_file_is_refused(
    workspace: Workspace, server: IndexServer, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    """With the mend, and without repeating it."""
    assert workspace.update(line.format(url=server.url_with_password()) + "\napp\n") == 2
    said = capsys.readouterr().err
    assert "error: a secret stands in a file: http://***@127.0.0.1" in said and "where: r.in:1" in said
    assert "netrc" in said and "PYTHON_ENV_INDEX_<ALIAS>" in said
    assert PASSWORD not in said and not server.asked and not workspace.written


def test_a_helper_that_fails_is_named(tmp_path: Path) -> None:
    """Its output is not repeated."""
    helper = tmp_path / "helper"
    helper.write_text("#!/bin/sh\necho s3cret >&2\nexit 1\n")
    helper.chmod(0o755)
    with pytest.raises(ToolError) as error:
        Credentials({"PYTHON_ENV_CREDENTIAL_HELPER": str(helper)}).headers("https://h.invalid/")
    assert "the credential helper failed (CalledProcessError)" in error.value.render()
    assert "s3cret" not in error.value.render()


def test_the_netrc_of_windows(tmp_path: Path) -> None:
    """`_netrc` in the profile, unless there is a .netrc."""
    (tmp_path / "_netrc").touch()
    assert netrc_path({"USERPROFILE": str(tmp_path)}) == tmp_path / "_netrc"
    (tmp_path / ".netrc").touch()
    assert netrc_path({"USERPROFILE": str(tmp_path)}) == tmp_path / ".netrc"
