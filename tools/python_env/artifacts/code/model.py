"""What the wheels of an environment can be imported by: what code that lies apart from them must not hide.

Two folders on one path are not one folder. Of two regular packages or modules of one name the first hides the second;
only folders without `__init__` (PEP 420) are joined. So each side is its *units*: packages and modules, below such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from python_env.base.documents import Reader, parse_document

SCHEMA = 1
_KIND = "imports"
_FIX = "build the environment again; the document is written from its wheels"
_MODULE = re.compile(r"([^/.]+)(\.[^/]+)?\.(py|pyc|pyd|so)")
"""A module's file: in Python, compiled, or native with a tag of the ABI between."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A package, a module, or a file that is neither, outside of every package."""

    path: str
    """From the root of the imports, a module without its suffix: `numpy`, `google/cloud/storage`, `six`."""
    owner: str
    """What brings it: a wheel's file, or a first-party file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Imports:
    """The units of all wheels of an environment."""

    parent: str
    """sha256 of the env document."""
    units: tuple[Unit, ...]


def import_units(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield unit and file for paths below a root of the imports, each unit once; metadata of wheels is none."""
    names = sorted(paths)
    packages = {name.rpartition("/")[0] for name in names if _stem(name).rpartition("/")[2] == "__init__"}
    seen: set[str] = set()
    for name in names:
        unit = next((folder for folder in _folders(name) if folder in packages), _stem(name))
        if unit not in seen and not _is_metadata(name):
            seen.add(unit)
            yield unit, name


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    match = _MODULE.fullmatch(name)
    return folder + slash + match[1] if match else path


def _folders(path: str) -> Iterator[str]:
    """Yield the folders that a file lies in, outermost first."""
    parts = path.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def _is_metadata(path: str) -> bool:
    first = path.partition("/")[0]
    return first.endswith(".dist-info") or "__pycache__" in path.split("/") or path.endswith(".pth")


def imports_document(imports: Imports) -> dict[str, Any]:
    """Return `<env>.imports.json` (docs/formats/imports.md)."""
    return {
        "kind": _KIND,
        "parent": imports.parent,
        "schema": SCHEMA,
        "units": [{"path": unit.path, "wheel": unit.owner} for unit in imports.units],
    }


def parse_imports(data: bytes, *, where: str) -> Imports:
    """Return the units in `data`; raises ToolError when a field is missing or of another type."""
    document = parse_document(data, where=where, kind=_KIND, schema=SCHEMA, fix=_FIX)
    reader = Reader(where, _FIX)
    return Imports(
        parent=reader.take(document, "parent", str),
        units=tuple(
            Unit(path=reader.text(row, "path", f"units[{i}]"), owner=reader.text(row, "wheel", f"units[{i}]"))
            for i, row in enumerate(reader.items(document, "units", dict))
        ),
    )
