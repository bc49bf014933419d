"""The document that says of a wheel, by its digest, that it was checked (docs/formats/check.md)."""

from __future__ import annotations

from typing import Any

from python_env.base.documents import Reader, parse_document

SCHEMA = 1
_FIX = "build the wheel again; the document is written by the check of it"


def check_document(sha256: str) -> dict[str, Any]:
    """Return `<wheel>.check.json` of a wheel that passed."""
    return {"kind": "wheel-check", "schema": SCHEMA, "sha256": sha256}


def parse_check(data: bytes, *, where: str) -> str:
    """Return the sha256 (hex) of the wheel that passed.

    Raises ToolError when the document is of another kind or lacks it.
    """
    document = parse_document(data, where=where, kind="wheel-check", schema=SCHEMA, fix=_FIX)
    return Reader(where, _FIX).take(document, "sha256", str)
