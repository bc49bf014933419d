"""Which index a distribution comes from: bindings, the order, and nowhere else."""

from __future__ import annotations

import pytest

from support.index_server import IndexServer
from support.index_workspace import Workspace


@pytest.fixture
def two(workspace: Workspace, server: IndexServer, other: IndexServer) -> Workspace:
    """Return a workspace with the default index (`server`) and `inner` (`other`), both with acme-core."""
    workspace.point("default", server.url)
    workspace.point("inner", other.url)
    server.has("acme-core", workspace.wheel("acme_core", "9.9", of="evil"))
    other.has("acme-core", workspace.wheel("acme_core", "1.0", of="inner"))
    server.has("app", workspace.wheel("app", "1.0", "acme-core>=1"))
    return workspace


def test_the_first_index_that_has_it_is_the_only_one(two: Workspace, other: IndexServer) -> None:
    """A higher version elsewhere is not seen."""
    assert two.update("acme-core", "--index", "inner", "--index", "default") == 0
    assert two.found() == {"acme-core": ("1.0", "inner")}
    assert two.update("acme-core", "--index", "default", "--index", "inner") == 0
    assert two.found() == {"acme-core": ("9.9", "default")}


def test_a_bound_name_is_looked_up_nowhere_else(two: Workspace, server: IndexServer) -> None:
    """Dependency confusion: the public index has a higher version, and is not even asked."""
    assert two.update("acme-core", "--index", "default", "--index-binding", "inner=acme-core") == 0
    assert two.found() == {"acme-core": ("1.0", "inner")}
    assert not [path for path in server.asked if "acme" in path]


def test_a_binding_holds_for_what_another_distribution_asks_for(two: Workspace, server: IndexServer) -> None:
    """Transitively, by a prefix."""
    assert two.update("app", "--index", "default", "--index-binding", "inner=Acme_*") == 0
    assert two.found() == {"acme-core": ("1.0", "inner"), "app": ("1.0", "default")}
    assert not [path for path in server.asked if "acme" in path]
    assert two.lock().inputs.index_bindings == (("acme-*", "inner"),)


def test_a_bound_name_that_its_index_does_not_have_is_an_error(
    two: Workspace, other: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """No other index is asked instead."""
    other.replies.clear()
    assert two.update("app", "--index", "default", "--index-binding", "inner=acme-core") == 2
    said = capsys.readouterr().err
    assert "acme-core is not on index alias inner, which it is bound to: it is looked up nowhere else" in said
    assert not two.written


def test_an_exact_binding_wins_over_a_prefix(two: Workspace) -> None:
    """The longest one that fits."""
    words = ["--index-binding", "inner=acme-*", "--index-binding", "default=acme-core"]
    assert two.update("acme-core", "--index", "default", *words) == 0
    assert two.found() == {"acme-core": ("9.9", "default")}


def test_an_alias_that_only_has_bindings_is_asked_for_nothing_else(two: Workspace, other: IndexServer) -> None:
    """What is bound nowhere is looked for in `indexes` alone."""
    other.has("lib", two.wheel("lib"))
    assert two.update("lib", "--index", "default", "--index-binding", "inner=acme-*") == 2
    assert not [path for path in other.asked if "lib" in path]


def test_an_alias_without_a_place_names_its_variable(two: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is asked or written."""
    assert two.update("lib", "--index", "default", "--index", "gpu-wheels") == 2
    said = capsys.readouterr().err
    assert "error: where index alias gpu-wheels lies is not known on this machine" in said
    assert "fix:   set PYTHON_ENV_INDEX_GPU_WHEELS" in said
    assert not two.written


def test_the_lock_names_no_place(two: Workspace) -> None:
    """Only aliases and paths; a second refresh gives the same bytes."""
    words = ["--index", "default", "--index-binding", "inner=acme-core"]
    assert two.update("app", *words) == 0
    before = (two.path / "a.lock.json").read_bytes()
    assert b"127.0.0.1" not in before and b"://" not in before
    assert two.update("app", *words) == 0
    assert (two.path / "a.lock.json").read_bytes() == before


def test_files_of_a_lock_may_name_indexes(two: Workspace, other: IndexServer) -> None:
    """An extra index is asked first, as in uv; its URL is an input of the lock."""
    assert two.update(f"--extra-index-url {other.url}\nacme-core\n") == 0
    assert two.found() == {"acme-core": ("1.0", "extra-1")}
    inputs = two.lock().inputs
    assert inputs.indexes == ("extra-1", "default") and inputs.index_urls == (("extra-1", other.url),)
    assert two.update(f"--index-url {other.url}\nacme-core\n") == 0
    assert two.found() == {"acme-core": ("1.0", "index")}


def test_a_folder_of_wheels_beside_the_file(two: Workspace) -> None:
    """By --find-links and --no-index; the lock has a path below the folder."""
    made = two.wheel("local", "2.0+cpu", of="wheels")
    assert two.update("--no-index\n-f made/wheels\nlocal\n") == 0
    assert two.found() == {"local": ("2.0+cpu", "links-1")}
    assert two.lock().files[made.name].path == "local-2.0%2Bcpu-py3-none-any.whl"
    assert two.lock().inputs.index_urls == (("links-1", "made/wheels"),)


def test_a_flat_page_of_links(two: Workspace, other: IndexServer) -> None:
    """Relative links, escaped plus, no digests: the files are read once for theirs."""
    from support.index_server import Reply

    made = two.wheel("local", "2.0+cpu")
    other.replies["/dir/"] = Reply(b'<html><a href="local-2.0%2Bcpu-py3-none-any.whl">x</a><a href="../">up</a></html>')
    other.replies[f"/dir/{made.name}"] = Reply(made.read_bytes(), kind="application/zip")
    assert two.update(f"-f {other.origin}/dir/\nlocal\n") == 0
    file = two.lock().files[made.name]
    assert (file.index, file.path) == ("links-1", "dir/local-2.0%2Bcpu-py3-none-any.whl")


def test_a_yanked_version_is_taken_only_when_pinned(
    two: Workspace, other: IndexServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a warning that has the reason."""
    other.has("acme-core", two.wheel("acme_core", "1.0", of="inner"), attributes='data-yanked="leaks &lt;keys&gt;"')
    assert two.update("acme-core==1.0", "--index", "inner") == 0
    said = capsys.readouterr().err
    assert "warning: acme-core 1.0 is yanked from index alias inner (leaks <keys>): it is taken because" in said
