"""The little TOML that we write: strings, and arrays with one item per line (TOML 1.0)."""

from __future__ import annotations

from collections.abc import Sequence

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def toml_string(text: str) -> str:
    """Return a basic string: quotes, backslashes and control characters escaped, everything else as it is."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    return f"\\u{ord(character):04X}" if character < " " or character == "\x7f" else character


def toml_array(items: Sequence[str]) -> str:
    """Return an array of values that are TOML already."""
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
