"""What of an artifact a person looks at first when it is too large; stands in every report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from python_env.base.documents import Reader
from python_env.env.model import Wheel

_MOST = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Largest:
    """One distribution, by the size of its wheel."""

    name: str
    version: str
    file: str
    size: int
    """Of the wheel, in bytes."""


def largest_distributions(wheels: Iterable[Wheel]) -> tuple[Largest, ...]:
    """Return the ten largest, largest first."""
    ordered = sorted(wheels, key=lambda wheel: (-wheel.size, wheel.file))[:_MOST]
    return tuple(Largest(name=each.name, version=each.version, file=each.file, size=each.size) for each in ordered)


def render_largest(largest: Sequence[Largest]) -> list[dict[str, Any]]:
    """Return a report's `largest`."""
    return [asdict(each) for each in largest]


def parse_largest(reader: Reader, document: Mapping[str, Any]) -> tuple[Largest, ...]:
    """Return a report's `largest`; raises ToolError when a field is missing or of another type."""
    return tuple(
        Largest(
            name=reader.text(row, "name", f"largest[{i}]"),
            version=reader.text(row, "version", f"largest[{i}]"),
            file=reader.text(row, "file", f"largest[{i}]"),
            size=reader.take(row, "size", int, f"largest[{i}]"),
        )
        for i, row in enumerate(reader.items(document, "largest", dict))
    )
