"""Source trees on this machine: git commits checked out, project folders copied."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from python_env.base.errors import ToolError

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SKIPPED = shutil.ignore_patterns(".git", ".hg", "__pycache__", "*.pyc", "build", "dist", "*.egg-info", "bazel-*")


def find_commit(url: str, revision: str, *, where: str) -> str:
    """Return the commit that a branch, a tag or the default branch of a repository names now; a commit is itself.

    Raises ToolError when there is no git, the repository cannot be asked, or it has no such revision.
    """
    if _COMMIT.fullmatch(revision):
        return revision
    rows = [line.split("\t") for line in _git(["ls-remote", url], where=where).splitlines()]
    commits = {name: commit for commit, name in rows}
    wanted = revision or "HEAD"
    for name in (f"refs/tags/{wanted}^{{}}", f"refs/tags/{wanted}", f"refs/heads/{wanted}", wanted):
        if name in commits:
            return commits[name]
    if len(revision) >= 7 and (found := {commit for commit in commits.values() if commit.startswith(revision)}):
        return min(found)
    raise ToolError.one(
        f"the repository has no branch or tag {wanted}", where=where, fix="name a branch, a tag or a whole commit"
    )


def check_out(url: str, commit: str, folder: Path, *, where: str) -> Path:
    """Check out one commit with its submodules; history and tags are there for backends that make versions of them."""
    _git(["clone", "--quiet", "--no-checkout", "--filter=blob:none", url, str(folder)], where=where)
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
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
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


def copy_project(folder: Path, target: Path) -> Path:
    """Copy a project's folder, so that what its backend writes lies elsewhere; links are followed."""
    shutil.copytree(folder, target, ignore=_SKIPPED, symlinks=False)
    for path in target.rglob("*"):
        path.chmod(path.stat().st_mode | 0o200)
    return target
