"""Source trees on this machine: git commits checked out, project folders copied."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from python_env.base.documents import sha256_hex
from python_env.base.errors import ToolError

_COMMIT = re.compile(r"[0-9a-f]{40}")
_OF_A_HOOK = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_WORK_TREE")
"""Variables that git sets for what its hooks run: they name a repository, which is another one."""

_ANYWHERE = shutil.ignore_patterns(".git", ".hg", "__pycache__", "*.pyc", "*.egg-info", "node_modules")
_AT_THE_TOP = shutil.ignore_patterns("build", "dist", "bazel-*", ".venv", "venv", ".tox", ".nox", ".*_cache")


def find_commit(url: str, revision: str, *, where: str) -> str:
    """Return the commit that a branch, a tag or the default branch of a repository names now; a commit is itself.

    Raises ToolError when there is no git, the repository cannot be asked, or it has no such revision.
    """
    if _COMMIT.fullmatch(revision):
        return revision
    rows = [line.split("\t") for line in _git(["ls-remote", "--", url], where=where).splitlines()]
    commits = {name: commit for commit, name in rows}
    wanted = revision or "HEAD"
    for name in (f"refs/tags/{wanted}^{{}}", f"refs/tags/{wanted}", f"refs/heads/{wanted}", wanted):
        if name in commits:
            return commits[name]
    found = {commit for commit in commits.values() if len(revision) >= 7 and commit.startswith(revision)}
    if len(found) == 1:
        return found.pop()
    raise ToolError.one(
        f"the repository has no branch or tag {wanted}", where=where, fix="name a branch, a tag or a whole commit"
    )


def check_out(url: str, commit: str, folder: Path, *, where: str) -> Path:
    """Check out one commit with its submodules; history and tags are there for backends that make versions of them."""
    _git(["clone", "--quiet", "--no-checkout", "--filter=blob:none", "--", url, str(folder)], where=where)
    inside = ["-C", str(folder)]
    try:
        _git([*inside, "cat-file", "-e", f"{commit}^{{commit}}"], where=where)
    except ToolError:
        _git([*inside, "fetch", "--quiet", "origin", commit], where=where)
    _git([*inside, "checkout", "--quiet", commit], where=where)
    _git([*inside, "submodule", "--quiet", "update", "--init", "--recursive"], where=where)
    return folder


def _git(words: list[str], *, where: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise ToolError.one("there is no git on PATH", where=where, fix="install git")
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    environment = {**kept, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [git, *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=environment
    )
    if done.returncode:
        reason = re.sub(r"://[^/@\s]+@", "://", done.stderr.strip()) or "git gave no reason"
        raise ToolError.one(
            f"git failed: {reason}",
            where=where,
            fix="check the URL and your access to it (git's own credential helper)",
        )
    return done.stdout


def copy_project(folder: Path, target: Path, *, where: str) -> Path:
    """Copy a project's folder, so that what its backend writes lies elsewhere; links are followed, but not in circles.

    What other tools made (`build`, `dist`, `.venv`, `bazel-*` at its top) is left out. Raises ToolError.
    """
    try:
        shutil.copytree(folder, target, ignore=_ignored_in(folder), symlinks=False)
    except (OSError, shutil.Error) as error:
        raise ToolError.one(
            f"the project's folder cannot be copied: {error!s:.300}", where=where, fix="mend what the reason names"
        ) from None
    for path in target.rglob("*"):
        path.chmod(path.stat().st_mode | 0o200)
    return target


def _ignored_in(top: Path) -> Callable[[str, list[str]], set[str]]:
    """Return what copytree asks: which names of a folder are left out."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        found = _ANYWHERE(folder, names) | {name for name in names if _leads_nowhere(Path(folder, name))}
        return found | _AT_THE_TOP(folder, names) if Path(folder) == top else found

    return ignored


def _leads_nowhere(path: Path) -> bool:
    """Return whether a path is a link to nothing or to a folder that it lies in, or no file or folder at all."""
    if path.is_symlink():
        real = Path(os.path.realpath(path))
        if Path(os.path.realpath(path.parent)).is_relative_to(real):
            return True
    return not (path.is_file() or path.is_dir())


def tree_digest(folder: Path) -> str:
    """Return the digest of all files below a folder, by path and content."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{sha256_hex(path.read_bytes())}\n".encode())
    return digest.hexdigest()
