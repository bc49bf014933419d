"""Commits of repositories that the tests make, and copies of project folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_env.base.errors import ToolError
from python_env.lock.sources.trees import check_out, copy_project, find_commit, tree_digest
from support.git_repository import commit, git, make_repository


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with a branch, a tag and an annotated tag, each at another commit."""
    folder = make_repository(tmp_path / "origin", {"a.txt": "1"})
    git(folder, "tag", "light")
    commit(folder, {"a.txt": "2"})
    git(folder, "tag", "-am", "words", "heavy")
    git(folder, "checkout", "-qb", "side")
    commit(folder, {"a.txt": "3"})
    git(folder, "checkout", "-q", "main")
    commit(folder, {"a.txt": "4"})
    return folder


@pytest.mark.parametrize(
    ("revision", "meant"),
    [
        ("", "main"),
        ("HEAD", "main"),
        ("main", "main"),
        ("side", "side"),
        ("light", "light"),
        ("heavy", "heavy^{commit}"),
        ("refs/heads/side", "side"),
    ],
)
def test_a_revision_is_the_commit_that_it_names(repository: Path, revision: str, meant: str) -> None:
    """Of an annotated tag the commit, not the tag's own object."""
    found = find_commit(repository.as_uri(), revision, where="g")
    assert found == git(repository, "rev-parse", meant)


def test_a_short_commit_is_found_where_something_names_it(repository: Path) -> None:
    """Seven digits at least; what no branch or tag names cannot be asked for."""
    whole = git(repository, "rev-parse", "side")
    assert find_commit(repository.as_uri(), whole[:7], where="g") == whole
    with pytest.raises(ToolError, match="no branch or tag"):
        find_commit(repository.as_uri(), whole[:6], where="g")


def test_a_whole_commit_is_itself() -> None:
    """Nobody is asked."""
    assert find_commit("https://h.invalid/none", "a" * 40, where="g") == "a" * 40


def test_an_unknown_revision_is_refused(repository: Path) -> None:
    """In three parts, with what to name."""
    with pytest.raises(ToolError) as error:
        find_commit(repository.as_uri(), "gone", where="lib @ git+…")
    assert "no branch or tag gone" in error.value.render() and "fix:   name a branch" in error.value.render()


@pytest.mark.parametrize("url", ["--upload-pack=touch evil", "ext::sh -c touch% evil", "file:///gone"])
def test_what_is_no_repository_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """No option of git, and no program that it would start."""
    monkeypatch.chdir(tmp_path)
    for call in (lambda: find_commit(url, "", where="g"), lambda: check_out(url, "a" * 40, tmp_path / "t", where="g")):
        with pytest.raises(ToolError, match="git failed"):
            call()
    assert not (tmp_path / "evil").exists()


def test_git_variables_of_a_hook_do_not_count(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A refresh that a hook runs asks the repository that is named."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "gone"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "gone"))
    revision = find_commit(repository.as_uri(), "light", where="g")
    tree = check_out(repository.as_uri(), revision, tmp_path / "tree", where="g")
    assert (tree / "a.txt").read_text() == "1"


def test_a_commit_that_is_on_no_branch_is_fetched(repository: Path, tmp_path: Path) -> None:
    """The server must allow it, as the public ones do."""
    git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(repository, "checkout", "-q", "--detach")
    lost = commit(repository, {"a.txt": "5"})
    git(repository, "checkout", "-q", "main")
    assert (check_out(repository.as_uri(), lost, tmp_path / "tree", where="g") / "a.txt").read_text() == "5"


def project(folder: Path) -> Path:
    """Make a project's folder with what people and tools leave there."""
    for name in ("src/m/build/__init__.py", "build/lib/m.py", "dist/m.whl", ".venv/bin/python", "bazel-out/x", "m.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    (folder / "src/m/loop").symlink_to("..")
    (folder / "self").symlink_to(".")
    (folder / "gone").symlink_to("nowhere")
    (folder / "bazel-bin").symlink_to("/")
    (folder / "linked").symlink_to("src/m/build")
    return folder


def test_a_project_is_copied_without_what_tools_made(tmp_path: Path) -> None:
    """Links in circles, to nothing, and into Bazel's tree are left out; a package `build` deeper inside is not."""
    tree = copy_project(project(tmp_path / "p"), tmp_path / "t", where="p")
    files = sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file())
    assert files == ["linked/__init__.py", "src/m/build/__init__.py"]


def test_the_digest_of_a_tree_is_its_names_and_contents(tmp_path: Path) -> None:
    """No clock, no mode, no place."""
    first = copy_project(project(tmp_path / "p"), tmp_path / "1", where="p")
    second = copy_project(tmp_path / "p", tmp_path / "2", where="p")
    (second / "src/m/build/__init__.py").chmod(0o600)
    assert tree_digest(first) == tree_digest(second)
    (second / "src/m/build/__init__.py").write_text("y")
    assert tree_digest(first) != tree_digest(second)


def test_a_folder_that_cannot_be_copied_is_an_error_in_three_parts(tmp_path: Path) -> None:
    """Here: its target is there already."""
    (tmp_path / "t").mkdir()
    with pytest.raises(ToolError, match="cannot be copied"):
        copy_project(project(tmp_path / "p"), tmp_path / "t", where="p")
