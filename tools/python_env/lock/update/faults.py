"""Faults of several platforms: what is the same on all of them is told once."""

from __future__ import annotations

from collections.abc import Iterable

from python_env.base.errors import Fault

_TAG = "\0"


def merge_faults(found: Iterable[tuple[str, Fault]]) -> list[Fault]:
    """Return the faults of platform tags, those that differ in the tag alone as one that names all their tags."""
    tags: dict[Fault, list[str]] = {}
    for tag, fault in found:
        alike = Fault(*(text.replace(tag, _TAG) for text in (fault.what, fault.where, fault.fix)))
        tags.setdefault(alike, []).append(tag)
    return [
        Fault(*(text.replace(_TAG, ", ".join(dict.fromkeys(names))) for text in (fault.what, fault.where, fault.fix)))
        for fault, names in tags.items()
    ]
