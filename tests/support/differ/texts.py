"""Differences of two JSON documents."""

from __future__ import annotations

import json
from typing import Any

from support.differ.model import Compare, Difference, raw_difference


def is_json(data: bytes) -> bool:
    """Tell whether it may be an object or a list."""
    return data[:1] in (b"{", b"[")


def json_difference(one: bytes, other: bytes, _compare: Compare) -> Difference | None:
    """Return the path of the first value that differs, or the line where equal values are written differently."""
    found = _value_difference(json.loads(one), json.loads(other), "$")
    return found or raw_difference(one, other, "text of equal values")


def _value_difference(one: Any, other: Any, path: str) -> Difference | None:
    if isinstance(one, dict) and isinstance(other, dict):
        return _object_difference(one, other, path)
    if isinstance(one, list) and isinstance(other, list):
        for index, pair in enumerate(zip(one, other, strict=False)):
            if found := _value_difference(*pair, f"{path}[{index}]"):
                return found
        return None if len(one) == len(other) else Difference(f"length of {path}", str(len(one)), str(len(other)))
    same = type(one) is type(other) and one == other
    return None if same else Difference(path, json.dumps(one), json.dumps(other))


def _object_difference(one: dict[str, Any], other: dict[str, Any], path: str) -> Difference | None:
    for key in sorted(one.keys() | other.keys()):
        if key not in one or key not in other:
            shown = ["there" if key in each else "missing" for each in (one, other)]
            return Difference(f"{path}.{key}", *shown)
        if found := _value_difference(one[key], other[key], f"{path}.{key}"):
            return found
    return Difference(f"order of {path}", str(list(one)), str(list(other))) if list(one) != list(other) else None
