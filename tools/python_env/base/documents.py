"""The JSON documents that the stages hand to each other: canonical bytes, one schema number, atomic writes."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from python_env.base.errors import ToolError

_Value = TypeVar("_Value")
_Choice = TypeVar("_Choice", bound=str)

_TYPE_NAME = {dict: "an object", list: "an array", str: "a string", int: "a number", bool: "true or false"}
"""JSON's types in words."""


def sha256_hex(data: bytes) -> str:
    """Return the lower-case hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: Any) -> bytes:
    """Return `value` as the one JSON text that equal values share: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def render_document(document: Mapping[str, Any]) -> bytes:
    """Return a document as indented JSON with sorted keys and a final newline."""
    return (json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def parse_document(data: bytes, *, where: str, kind: str, schema: int, fix: str) -> dict[str, Any]:
    """Return the JSON object in `data` after checking its kind and schema.

    Raises ToolError when it is not JSON, not an object, of another kind, or of a newer schema than `schema`.
    """
    try:
        document = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
        if b"\\u" in data:
            canonical_json(document)  # half a surrogate pair is no text: it could be read, never written
    except RecursionError:
        raise ToolError.one("not a JSON document: nested too deeply", where=where, fix=fix) from None
    except ValueError as error:
        raise ToolError.one(f"not a JSON document: {error}", where=where, fix=fix) from None
    if not isinstance(document, dict):
        raise ToolError.one(f"expected a JSON object, found {_type_name(document)}", where=where, fix=fix)
    if document.get("kind") != kind:
        raise ToolError.one(
            f"expected a document of kind {kind!r}, found {document.get('kind')!r}", where=where, fix=fix
        )
    found = document.get("schema")
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise ToolError.one(f"schema must be a positive integer, found {found!r}", where=f"{where}: schema", fix=fix)
    if found > schema:
        raise ToolError.one(
            f"{kind} document of schema {found}; these rules read up to schema {schema}",
            where=f"{where}: schema",
            fix="use the release of rules_python_env that wrote it, or a newer one",
        )
    return document


class Reader:
    """Takes typed values out of a document that was parsed; an error names the field by its path."""

    def __init__(self, where: str, fix: str) -> None:
        self._where = where
        self._fix = fix

    def error(self, what: str, path: str) -> ToolError:
        """Return an error about the field at `path`, e.g. `wheels[0].name`."""
        return ToolError.one(what, where=f"{self._where}: {path}", fix=self._fix)

    def take(self, value: Mapping[str, Any], key: str, kind: type[_Value], path: str = "") -> _Value:
        """Return the field `key` of the object that lies at `path`.

        Raises ToolError when it is missing or of another type; true and false are no numbers.
        """
        return self._checked(value.get(key), kind, f"{path}.{key}" if path else key)

    def text(self, value: Mapping[str, Any], key: str, path: str = "") -> str:
        """Return the string `key`, which may enter scripts; raises ToolError when it has a control character."""
        found = self.take(value, key, str, path)
        if has_control_character(found):
            raise self.error(f"{found!r} has a control character", f"{path}.{key}" if path else key)
        return found

    def choice(self, value: Mapping[str, Any], key: str, choices: Iterable[_Choice], path: str = "") -> _Choice:
        """Return the one of `choices` that the string `key` is; raises ToolError for any other."""
        found = self.take(value, key, str, path)
        for choice in choices:
            if choice == found:
                return choice
        expected = ", ".join(str(choice) or "an empty string" for choice in choices)
        raise self.error(f"expected one of {expected}; found {found!r}", f"{path}.{key}" if path else key)

    def items(self, value: Mapping[str, Any], key: str, kind: type[_Value], path: str = "") -> tuple[_Value, ...]:
        """Return the array `key`; raises ToolError for the first item that is of another type, by its number."""
        place = f"{path}.{key}" if path else key
        found = self.take(value, key, list, path)
        return tuple(self._checked(item, kind, f"{place}[{i}]") for i, item in enumerate(found))

    def strings(self, value: Mapping[str, Any], key: str, path: str = "") -> tuple[str, ...]:
        """Return the array of strings `key`; raises ToolError when it is none."""
        return self.items(value, key, str, path)

    def _checked(self, found: Any, kind: type[_Value], path: str) -> _Value:
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise self.error(f"expected {_TYPE_NAME[kind]}, found {_type_name(found)}", path)
        return found


def has_control_character(text: str) -> bool:
    """Return whether a text has a character that ends a line or hides what follows (Unicode: Cc, Zl, Zp)."""
    return any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text)


def _type_name(value: Any) -> str:
    return "a fraction" if isinstance(value, float) else _TYPE_NAME.get(type(value), "null")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises ValueError for a name that stands twice: readers differ in which one counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"{twice!r} stands twice in one object")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON (RFC 8259)")


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` through a temporary name in the same folder, so that no reader sees a part of it.

    Raises OSError when it cannot be written; the old file, if there was one, then stays.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
