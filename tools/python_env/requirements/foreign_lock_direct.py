"""What a lock made elsewhere names by where it lies, written as a requirement file would name it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from packaging.pylock import Package

from python_env.requirements.direct import NotDirect
from python_env.requirements.references import git_reference, path_reference, url_reference

_COMMIT = re.compile(r"[0-9a-f]{40}")
_AGAIN = "lock it again with a whole commit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """What a lock says of a package beside its version: what proves it, and where it lies."""

    hashes: tuple[str, ...] = ()
    reference: str = ""
    """A direct reference, from the folder of the lock; empty for what an index has."""
    editable: bool = False


def stated_by_uv(source: Mapping[str, Any], digests: tuple[str, ...]) -> Stated:
    """Return what a `source` of uv.lock says, `digests` being those of the package's files.

    Raises NotDirect for a source that is unknown, or says too little to have the same bytes again.
    """
    folder = next((source[key] for key in ("directory", "editable") if key in source), None)
    if isinstance(git := source.get("git"), str):
        return Stated(reference=_uv_git(git))
    if isinstance(url := source.get("url"), str):
        subdirectory = str(source.get("subdirectory", ""))
        return Stated(reference=url_reference(url, sha256=_one(digests), subdirectory=subdirectory))
    if isinstance(path := source.get("path"), str):
        return Stated(reference=path_reference(path), hashes=(_one(digests),))
    if isinstance(folder, str):
        return Stated(reference=path_reference(folder), editable="editable" in source)
    raise NotDirect("it is from an unknown source", "use a release of rules_python_env that reads it")


def _uv_git(text: str) -> str:
    """Return the reference of `<url>?tag=v1&subdirectory=x#<commit>`."""
    parts = urlsplit(text)
    query = parse_qs(parts.query)
    if "lfs" in query:
        raise NotDirect("git LFS is not supported", "lock it without")
    url = parts._replace(query="", fragment="").geturl()
    return _commit_reference(url, commit=parts.fragment, subdirectory=query.get("subdirectory", [""])[0])


def _commit_reference(url: str, *, commit: str, subdirectory: str) -> str:
    if not _COMMIT.fullmatch(commit):
        raise NotDirect(f"{commit or 'nothing'} is no whole commit", _AGAIN)
    return git_reference(url, revision=commit, subdirectory=subdirectory)


def _one(digests: tuple[str, ...]) -> str:
    if len(digests) != 1 or not re.fullmatch(r"[0-9a-f]{64}", digests[0]):
        raise NotDirect("its file has no sha256", "lock it again with one that states sha256")
    return digests[0]


def stated_by_pylock(package: Package) -> Stated | None:
    """Return what `vcs`, `archive` or `directory` of a package (PEP 751) say; None where an index has it.

    Raises NotDirect for what says too little to have the same bytes again.
    """
    if vcs := package.vcs:
        if not vcs.url:
            raise NotDirect("the repository lies in a folder", "lock it by a URL")
        if vcs.type != "git":
            raise NotDirect(f"{vcs.type} is not supported, of version control systems only git", "take git")
        return Stated(reference=_commit_reference(vcs.url, commit=vcs.commit_id, subdirectory=vcs.subdirectory or ""))
    if archive := package.archive:
        digest, folder = _one((archive.hashes.get("sha256", ""),)), archive.subdirectory or ""
        if archive.url:
            return Stated(reference=url_reference(archive.url, sha256=digest, subdirectory=folder))
        return Stated(reference=path_reference(archive.path or ""), hashes=(digest,))
    if directory := package.directory:
        reference = path_reference(directory.path, subdirectory=directory.subdirectory or "")
        return Stated(reference=reference, editable=bool(directory.editable))
    return None
