"""TOML files as values: every take names its key path, and faults are collected, not raised one by one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from python_env.base.errors import Fault
from python_env.requirements.model import Asked, Scope

_Kind = TypeVar("_Kind", str, dict[str, Any], list[Any])
_NAMES = {str: "a string", dict: "a table", list: "an array"}
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What one pyproject.toml, or one lock made elsewhere, asks for."""

    asked: tuple[Asked, ...]
    scope: Scope
    extras: frozenset[str]
    """Extras that the file knows, normalised."""
    groups: frozenset[str]
    """Dependency groups that the file knows, normalised."""
    extras_key: str
    groups_key: str


@dataclass(slots=True)
class TomlFile:
    """One file that is being read, and what is wrong with it."""

    source: str
    faults: list[Fault] = field(default_factory=list)

    def fault(self, what: str, key: str, fix: str) -> None:
        """Note a fault at a key path, or at `:line`."""
        where = f"{self.source}{key}" if key.startswith(":") else f"{self.source}: {key}" if key else self.source
        self.faults.append(Fault(what, where, fix))

    def load(self, text: str) -> dict[str, Any]:
        """Return the file's tables; empty after a syntax error."""
        try:
            return tomllib.loads(text.removeprefix("\ufeff"))
        except tomllib.TOMLDecodeError as error:
            said = str(error)
            line = _AT_LINE.search(said)
            reason = _AT_LINE.sub("", said)
            where = f":{line[1]}" if line else ""
            self.fault(f"not TOML: {reason[:1].lower()}{reason[1:]}", where, "mend the syntax")
            return {}

    def take(self, table: Mapping[str, Any], key: str, kind: type[_Kind], path: str = "") -> _Kind:
        """Return a value of the wanted type; an absent one is empty, another type is a fault and empty, too."""
        value = table.get(key)
        if value is None:
            return kind()
        if isinstance(value, kind):
            return value
        where = f"{path}.{key}" if path else key
        self.fault(f"expected {_NAMES[kind]}", where, f"write {_NAMES[kind]}")
        return kind()

    def strings(self, table: Mapping[str, Any], key: str, path: str = "") -> list[str]:
        """Return an array of strings; what is none is a fault."""
        items = self.take(table, key, list, path)
        where = f"{path}.{key}" if path else key
        for i, item in enumerate(items):
            if not isinstance(item, str):
                self.fault("expected a string", f"{where}[{i}]", "write a string")
        return [item for item in items if isinstance(item, str)]

    def tables(self, table: Mapping[str, Any], key: str, path: str = "") -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield an array's tables with their places; what is none is a fault."""
        where = f"{path}.{key}" if path else key
        for i, item in enumerate(self.take(table, key, list, path)):
            if isinstance(item, dict):
                yield i, item
            else:
                self.fault("expected a table", f"{where}[{i}]", "write a table")

    def requirement(self, text: str, key: str) -> Requirement | None:
        """Return the requirement that a text states, or None after a fault."""
        try:
            return Requirement(text)
        except InvalidRequirement as error:
            reason = str(error).splitlines()[0]
            self.fault(f"not a requirement: {text} ({reason})", key, "write it as PEP 508 says, e.g. numpy>=2,<3")
            return None

    def marker(self, text: str, key: str) -> Marker | None:
        """Return the marker that a text states, or None for an empty one and after a fault."""
        try:
            return Marker(text) if text else None
        except InvalidMarker as error:
            self.fault(f"not a marker: {text} ({str(error).splitlines()[0]})", key, "write it as PEP 508 says")
            return None

    def specifier(self, text: str, key: str) -> str:
        """Return a text of specifiers, or an empty one after a fault."""
        try:
            return str(SpecifierSet(text))
        except InvalidSpecifier:
            self.fault(f"not a version specifier: {text}", key, "write it as PEP 440 says, e.g. >=3.11")
            return ""


def header_lines(text: str, name: str, count: int) -> list[int]:
    """Return the line of every `[[name]]` header, from 1; empty when they are not `count`."""
    header = re.compile(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if header.match(line)]
    return lines if len(lines) == count else []
