"""What a difference is."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_SHOWN = 16
"""Bytes that are shown of differing content."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which two things differ."""

    what: str
    """A field's word (`mode`, `mtime`, `order`), or `content at byte N`."""
    one: str
    other: str
    where: tuple[str, ...] = ()
    """Members, from the outermost archive to the innermost."""

    def inside(self, name: str) -> Difference:
        """Return the difference as seen from the archive or folder that holds `name`."""
        return dataclasses.replace(self, where=(name, *self.where))

    def __str__(self) -> str:
        """Return one line."""
        return " > ".join(self.where) + f": {self.what}: {self.one} | {self.other}"


Compare = Callable[[bytes, bytes], Difference | None]
"""Compares two contents, archives inside archives, too."""


def first_byte(one: bytes, other: bytes) -> int:
    """Return the offset of the first differing byte of different contents; the shorter length where one begins so."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def raw_difference(one: bytes, other: bytes, what: str = "content", *, start: int = 0) -> Difference | None:
    """Return where contents that begin at the offset `start` of a file differ."""
    if one == other:
        return None
    offset = first_byte(one, other)
    shown = [repr(data[offset : offset + _SHOWN]) if offset < len(data) else "ends" for data in (one, other)]
    return Difference(f"{what} at byte {start + offset}", *shown)


def field_difference(one: Mapping[str, object], other: Mapping[str, object]) -> Difference | None:
    """Return the first field whose values differ."""
    for name, value in one.items():
        if value != other[name]:
            return Difference(name, str(value), str(other[name]))
    return None


def name_difference(index: int, one: Sequence[str], other: Sequence[str]) -> Difference | None:
    """Return how the names of the members number `index` differ: by order, by name, or one is missing."""
    names = [names[index] if index < len(names) else "" for names in (one, other)]
    if names[0] == names[1]:
        return None
    absent = [name for name, others in zip(names, (other, one), strict=True) if name and name not in others]
    what = f"name of member {index}" if all(names) else f"end after {index} members"
    shown = [repr(name) if name else "ends" for name in names]
    return Difference(what if absent or not all(names) else f"order of member {index}", *shown)


def walk(one: Sequence[str], other: Sequence[str], difference: Callable[[int], Difference | None]) -> Difference | None:
    """Return the first difference of members by number, where `difference` compares two of one name."""
    for index, names in enumerate(itertools.zip_longest(one, other)):
        if found := name_difference(index, one, other):
            return found
        if found := difference(index):
            return found.inside(names[0])
    return None
