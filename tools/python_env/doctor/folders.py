"""Which folders an archive has."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from python_env.doctor.archive import Kind, Member


class Folders:
    """The folders that members lie in or are, found in their sorted names.

    They are not listed: of one name of PATH_MAX bytes they would take megabytes.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self._names = sorted(f"{each.name}/" if each.kind is Kind.FOLDER else each.name for each in members)

    def __contains__(self, path: str) -> bool:
        """Return whether the path is one of them."""
        return next(self._below(f"{path}/"), None) is not None

    def starting(self, start: str) -> set[str]:
        """Return the folders whose path is `start` and the rest of one name."""
        ends = ((name, name.find("/", len(start))) for name in self._below(start))
        return {name[:end] for name, end in ends if end >= 0}

    def _below(self, start: str) -> Iterator[str]:
        for at in range(bisect_left(self._names, start), len(self._names)):
            if not self._names[at].startswith(start):
                return
            yield self._names[at]
