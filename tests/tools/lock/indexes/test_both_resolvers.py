"""`lock resolvers` with the real uv and pip-tools: asked for what `.update` would lock, from the same places."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from python_env.__main__ import main
from python_env.base.errors import ToolError
from python_env.lock.comparison import cli as comparing
from python_env.lock.model import Lock
from python_env.lock.resolvers import pip_tools
from python_env.lock.resolvers.uv import UvResolver
from python_env.lock.update import open_task
from python_env.lock.update import run as updating
from python_env.lock.update.task import Task
from support.fake_index import LINUX
from support.index_server import PASSWORD, IndexServer
from support.index_workspace import Workspace

PIP_WHEELS = ("PIP_WHEEL", "PIP_TOOLS_WHEEL", "CLICK_WHEEL")


@dataclass
class Both:
    """A workspace in which both commands run with the real resolvers."""

    workspace: Workspace

    def run(self, command: str, requirements: str, *words: str) -> int:
        """Run a command of `lock` as the rules do."""
        (self.workspace.path / "r.in").write_text(requirements)
        rule = ["--lock=a.lock.json", "--update-command=bazel run //:a.update", "--requirements=r.in=r.in"]
        rule += [f"--locked-platform={LINUX}", f"--uv={os.environ['UV_PROGRAM']}"]
        rule += [f"--pip-tools-wheel={os.environ[name]}" for name in PIP_WHEELS]
        return main(["lock", command, *rule, *(["--name=a"] if command == "update" else []), *words])

    def compare(self, requirements: str, *words: str) -> int:
        """Run `.resolver_test`."""
        return self.run("resolvers", requirements, *words)


@pytest.fixture
def both(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Both:
    """Return a workspace whose resolvers are the real ones."""
    monkeypatch.setattr(open_task, "UvResolver", UvResolver)
    monkeypatch.setattr(pip_tools, "_START_SECONDS", 0)
    for name in ("ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Both(workspace)


@pytest.fixture
def bound(both: Both, server: IndexServer, other: IndexServer) -> Both:
    """Return the same with acme-core on both indexes, a higher one on `default`, where nobody shall look for it."""
    both.workspace.point("default", server.url)
    both.workspace.point("inner", other.url)
    server.has("acme-core", both.workspace.wheel("acme_core", "9.9", of="evil"))
    other.has("acme-core", both.workspace.wheel("acme_core", "1.0", of="inner"))
    server.has("app", both.workspace.wheel("app", "1.0", "acme-core>=1"))
    return both


BINDING = "--index-binding=inner=acme-*"


def test_bindings_hold_for_both(bound: Both, server: IndexServer, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither asks the public index for what is bound elsewhere."""
    assert bound.compare("app\n", BINDING, "--index=default") == 0, capsys.readouterr()
    assert "choose the same on 1 platforms: 2 files" in capsys.readouterr().out
    assert not [path for path in server.asked if "acme" in path]


def test_a_password_is_used_and_not_told(bound: Both, other: IndexServer, capsys: pytest.CaptureFixture[str]) -> None:
    """As `.update` has it; without it the alias and the netrc file are named."""
    other.private = True
    assert bound.compare("app\n", BINDING, "--index=default") == 2
    said = capsys.readouterr().err
    assert "index alias inner refuses acme-core: 401" in said and ".netrc" in said
    bound.workspace.point("inner", other.url_with_password())
    assert bound.compare("app\n", BINDING, "--index=default") == 0
    said = "".join(capsys.readouterr())
    assert PASSWORD not in said and "127.0.0.1" not in said


def test_a_true_difference_is_explained(bound: Both, other: IndexServer, capsys: pytest.CaptureFixture[str]) -> None:
    """Behind a binding, too: a pre-release that only another distribution asks for."""
    made = bound.workspace.wheel
    other.has("acme-lib", made("acme_lib", "1.0"), made("acme_lib", "2.0rc1"))
    other.has("acme-core", made("acme_core", "1.0", "acme-lib>=1.0rc1", of="asks"))
    assert bound.compare("app\n", BINDING, "--index=default") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f"acme-lib 1.0 2.0rc1 {LINUX}" in said
    assert "pip-tools: asked for by acme-core 1.0 (acme-lib>=1.0rc1)" in said
    assert bound.compare("app\n", BINDING, "--index=default", "--known=acme-lib") == 0


def test_a_folder_of_the_workspace_is_an_index_in_the_runfiles(
    both: Both, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A test starts there: the link to the lock says where the workspace is."""
    both.workspace.wheel("app", of="shelf")
    runfiles = both.workspace.path / "runfiles"
    runfiles.mkdir()
    (both.workspace.path / "a.lock.json").write_text("{}\n")
    (runfiles / "a.lock.json").symlink_to(both.workspace.path / "a.lock.json")
    (runfiles / "r.in").symlink_to(both.workspace.path / "r.in")
    monkeypatch.chdir(runfiles)
    assert both.compare("app\n", "--index=shelf", "--index-url=shelf=made/shelf") == 0, capsys.readouterr()


def test_a_base_keeps_its_pins_with_both(both: Both, capsys: pytest.CaptureFixture[str]) -> None:
    """The derived environment's newest version would be another; who cannot have it, says the base."""
    both.workspace.point("default", str(both.workspace.path / "made/shelf"))
    both.workspace.wheel("lib", "1.0", of="shelf")
    assert both.run("update", "lib\n") == 0
    (both.workspace.path / "a.lock.json").rename(both.workspace.path / "base.lock.json")
    both.workspace.wheel("lib", "2.0", of="shelf")
    both.workspace.wheel("app", "1.0", "lib", of="shelf")
    both.workspace.wheel("newer", "1.0", "lib>=2", of="shelf")
    base = ["--base=//:base", "--base-lock=base.lock.json", "--base-update=bazel run //:base.update"]
    assert both.compare("app\n", *base) == 0, capsys.readouterr()
    assert both.compare("newer\n", *base) == 2
    said = capsys.readouterr().err
    assert "error: uv: " in said and "the base //:base pins" in said and "lib 1.0" in said


def test_what_only_uv_is_asked_for_is_refused(both: Both, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it at once, each in three parts, and no index is asked."""
    words = ["--sdist=docopt", "--index=nowhere"]
    text = "one @ https://host.invalid/one-1.0-py3-none-any.whl\n--no-binary two\ntwo\n"
    assert both.compare(text, *words) == 2
    said = capsys.readouterr().err
    start = "error: the resolvers cannot be compared: pip-tools is asked for wheels of an index only, not for "
    for what, where in (
        ("one @ https://host.invalid/one-1.0-py3-none-any.whl", "r.in:1"),
        ("an sdist of docopt", "sdists"),
        ("an sdist of two (--no-binary)", "the requirement files"),
    ):
        assert f"{start}{what}\n  where: {where}\n  fix:   lock it with uv alone" in said


WORDS = {
    "policy": ["--override=lib<9", "--exclude=heavy", "--exclude-newer=2026-01-02", "--prereleases=allow"],
    "markers": ["--marker-value=python_full_version=3.11.9", "--marker-value=platform_release=6.1"],
    "indexes": ["--index=inner", "--index=default", BINDING, "--index-url=shelf=made/shelf"],
    "platforms": [f"--platform-requirements={LINUX}=r.in", "--constraints=c.txt=c.txt"],
}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_the_task_is_that_of_an_update(bound: Both, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    """Request, platforms, base and the places of the indexes are equal: only the resolver differs."""
    (bound.workspace.path / "c.txt").write_text("app<3\n")
    tasks: list[Task] = []

    def noted(task: Task) -> Lock:
        tasks.append(task)
        raise ToolError.one("far enough", where="here", fix="none")

    for module, command in ((updating, "update"), (comparing, "resolvers")):
        monkeypatch.setattr(module, "refresh", noted)
        assert bound.run(command, "app\n${MORE}\n", "--variable=MORE=lib", *words) == 2
    one, other = tasks
    assert (one.request, one.platforms, one.base) == (other.request, other.platforms, other.base)
    assert [type(one.resolver), one.resolver.name] == [type(other.resolver), other.resolver.name]
    catalogs = [task.resolver.catalog for task in tasks]  # type: ignore[attr-defined]  # both are wrapped
    assert catalogs[0].places == catalogs[1].places and catalogs[0].indexes == catalogs[1].indexes
