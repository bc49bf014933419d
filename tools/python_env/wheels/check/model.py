"""The document that says of a wheel, by its digest, that it was checked, and what was read by the way
(docs/formats/check.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_env.base.documents import Reader, parse_document

SCHEMA = 2
_FIX = "build the wheel again; the document is written by the check of it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """A wheel that passed."""

    sha256: str
    """Of the wheel; hexadecimal."""
    requires_python: str
    """As METADATA has it, on one line; empty where it says nothing."""


def check_document(check: Check) -> dict[str, Any]:
    """Return `<wheel>.check.json` of a wheel that passed."""
    return {
        "kind": "wheel-check",
        "requires_python": check.requires_python,
        "schema": SCHEMA,
        "sha256": check.sha256,
    }


def parse_check(data: bytes, *, where: str) -> Check:
    """Return what a document says.

    Raises ToolError when it is of another kind or lacks a field.
    """
    document = parse_document(data, where=where, kind="wheel-check", schema=SCHEMA, fix=_FIX)
    reader = Reader(where, _FIX)
    return Check(
        sha256=reader.take(document, "sha256", str), requires_python=reader.take(document, "requires_python", str)
    )


def read_checks(paths: Iterable[Path]) -> dict[str, Check]:
    """Return the wheels that passed, by sha256; raises ToolError for what is no such document."""
    checks = (parse_check(path.read_bytes(), where=path.name) for path in paths)
    return {check.sha256: check for check in checks}
