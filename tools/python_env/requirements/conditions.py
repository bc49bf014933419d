"""When a pin of a lock made elsewhere holds: markers under the chosen extras and groups, and over paths of a graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from packaging.markers import Marker

Condition = frozenset[frozenset[str]]
"""Any of the sets must hold, and of a set all markers; a marker is only its text."""

NEVER: Condition = frozenset()
ALWAYS: Condition = frozenset({frozenset()})


def either(one: Condition, other: Condition) -> Condition:
    """Return the condition that holds where one of both does; a set that another one implies is left out."""
    sets = one | other
    return frozenset(each for each in sets if not any(smaller < each for smaller in sets))


def under(condition: Condition, marker: str) -> Condition:
    """Return the condition that holds where also a marker does; an empty text always does."""
    return either(NEVER, frozenset(each | {marker} for each in condition)) if marker else condition


def condition_marker(condition: Condition) -> Marker | None:
    """Return a condition, which some target may fit, as one marker; None when it always holds."""
    if frozenset() in condition:
        return None
    sets = sorted(sorted(each) for each in condition)
    return Marker(" or ".join(" and ".join(f"({text})" for text in each) for each in sets))


def chosen(marker: Marker | None, *, extras: Collection[str], groups: Collection[str]) -> Marker | bool | None:
    """Return what is left of a lock's marker once extras and groups (PEP 751) are chosen.

    None when it always holds, False when it never does; ValueError where they are used other than by `in` and `not in`.
    """
    if marker is None:
        return None
    # packaging has no public view of a marker's parts; the tree below is described in its source
    left = _left(marker._markers, {"extras": extras, "dependency_groups": groups})
    if isinstance(left, bool):
        return None if left else False
    return Marker(left)


def _left(tree: list[Any], sets: Mapping[str, Collection[str]]) -> str | bool:
    """Return a tree's text without the parts that are known; `and` binds closer than `or`."""
    alternatives: list[list[str | bool]] = [[]]
    for item in tree:
        if item == "or":
            alternatives.append([])
        elif item != "and":
            alternatives[-1].append(_left(item, sets) if isinstance(item, list) else _atom(item, sets))
    possible = [[part for part in parts if part is not True] for parts in alternatives if False not in parts]
    if [] in possible:
        return True
    texts = [" and ".join(map(str, parts)) for parts in possible]
    if len(texts) > 1:
        return f"({' or '.join(texts)})"
    return texts[0] if texts else False


def _atom(item: tuple[Any, Any, Any], sets: Mapping[str, Collection[str]]) -> str | bool:
    left, operator, right = item
    if left.value in sets and type(left).__name__ == "Variable":
        raise ValueError(f"{left.value} may only stand behind `in` or `not in`")
    if type(right).__name__ == "Variable" and right.value in sets:
        if operator.value not in ("in", "not in"):
            raise ValueError(f"{right.value} may only stand behind `in` or `not in`")
        return bool((left.value in sets[right.value]) == (operator.value == "in"))
    return " ".join(part.serialize() for part in item)
