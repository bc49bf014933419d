"""The JSON documents that the stages hand to each other: canonical bytes, one schema number, atomic writes."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from python_env.base.errors import ToolError

_TYPE_NAME = {dict: "an object", list: "an array", str: "a string", int: "a number", bool: "true or false"}


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
        raise ToolError.one(
            f"expected a JSON object, found {_TYPE_NAME.get(type(document), 'null')}", where=where, fix=fix
        )
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
    """Write `data` to `path` through a temporary name in the same folder, so that no reader sees a part of it."""
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
