"""Symbolic links of an archive, followed without a disk."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping


def resolved(path: str, links: Mapping[str, str]) -> str | None:
    """Return where a path leads to, or None when its links run in a circle.

    `links` has path to relative target; no link lies below another one.
    """
    for _ in range(len(links) + 1):
        hit = next((each for each in (path, *parents(path)) if each in links), None)
        if hit is None:
            return path
        path = posixpath.normpath(posixpath.join(posixpath.dirname(hit), links[hit]) + path[len(hit) :])
    return None


def parents(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
