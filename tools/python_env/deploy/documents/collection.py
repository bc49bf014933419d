"""The marker of a collection (docs/formats/collection.md)."""

from __future__ import annotations

from dataclasses import dataclass

from python_env.base.documents import Reader, parse_document, render_document
from python_env.deploy.documents.reader import FIX, SCHEMA


@dataclass(frozen=True, slots=True)
class Condemned:
    """The marker of a collection: which run it is, and what it may remove."""

    run: str
    files: frozenset[str]


def render_collection(run: str, condemned: frozenset[str]) -> bytes:
    """Return the marker of a collection (docs/formats/collection.md)."""
    return render_document({"condemned": sorted(condemned), "kind": "collection", "run": run, "schema": SCHEMA})


def parse_collection(data: bytes, *, where: str) -> Condemned:
    """Return a collection's marker; raises ToolError when it is none."""
    document = parse_document(data, where=where, kind="collection", schema=SCHEMA, fix=FIX)
    reader = Reader(where, FIX)
    return Condemned(reader.text(document, "run"), frozenset(reader.strings(document, "condemned")))
