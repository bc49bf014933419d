"""JSON with one row per line, so that a change of a lock shows as the lines of what changed."""

from __future__ import annotations

import json
from typing import Any


def _is_row(value: Any) -> bool:
    """Return whether a value stands on one line: a scalar, or a container of scalars and lists of scalars."""
    if not isinstance(value, dict | list | tuple):
        return True
    items = value.values() if isinstance(value, dict) else value
    return all(not isinstance(item, dict) and (not isinstance(item, list | tuple) or _is_flat(item)) for item in items)


def _is_flat(items: Any) -> bool:
    return not any(isinstance(item, dict | list | tuple) for item in items)


def render_rows(value: Any, depth: int = 0) -> str:
    """Return a value as JSON, its objects sorted by key; `depth` is how far its lines are indented."""
    if _is_row(value):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        lines = [f"{pad}{json.dumps(key)}: {render_rows(item, depth + 1)}" for key, item in sorted(value.items())]
        return "{\n" + ",\n".join(lines) + "\n" + pad[1:] + "}"
    lines = [pad + render_rows(item, depth + 1) for item in value]
    return "[\n" + ",\n".join(lines) + "\n" + pad[1:] + "]"
