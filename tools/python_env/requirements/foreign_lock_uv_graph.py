"""The dependency graph of a uv.lock, followed under markers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import canonicalize_name

from python_env.requirements.conditions import ALWAYS, NEVER, Condition, either, under
from python_env.requirements.model import Choice
from python_env.requirements.toml_file import TomlFile

REMAKE = "run `uv lock` again"
"""What mends a lock that does not hold together."""

_MOST_SETS = 512
"""Alternatives of one package's condition: a real lock has a handful; beyond, following it would not end in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """One dependency: the package that it leads to, under a marker."""

    to: int
    extras: tuple[str, ...]
    marker: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """One `[[package]]`."""

    name: str
    version: str
    source: Mapping[str, Any]
    place: str
    table: Mapping[str, Any]
    forks: tuple[str, ...]
    """Markers of the forks that it belongs to; empty: all."""

    @property
    def folder(self) -> str:
        """Return the project folder that it is in, from the lock's own; empty when it is none."""
        return next((str(self.source[key]) for key in ("virtual", "editable", "directory") if key in self.source), "")


@dataclass(slots=True)
class Graph:
    """The packages of one lock, and under which condition each is reached."""

    file: TomlFile
    choice: Choice
    packages: list[Package]
    members: frozenset[str]
    edges: dict[tuple[int, str], list[Edge]] = field(default_factory=dict)
    reached: dict[tuple[int, str], Condition] = field(default_factory=dict)
    markers: dict[str, str] = field(default_factory=dict)
    named: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the packages by name."""
        for i, package in enumerate(self.packages):
            self.named.setdefault(package.name, []).append(i)

    def first_party(self, package: Package) -> bool:
        """Return whether a package is the locked project or a part of its workspace: that is not locked."""
        return bool(package.folder) and (package.name in self.members or "virtual" in package.source)

    def out_edges(self, node: tuple[int, str]) -> list[Edge]:
        """Return the dependencies of a package, or of one of its extras."""
        if node not in self.edges:
            index, extra = node
            package = self.packages[index]
            table, key = (package.table, "dependencies") if not extra else _optional(self.file, package, extra)
            self.edges[node] = list(self.read_edges(table, key, package.place))
        return self.edges[node]

    def read_edges(self, table: Mapping[str, Any], key: str, place: str) -> Iterator[Edge]:
        """Yield the edges that an array states; one that leads nowhere is a fault."""
        for _, row in self.file.tables(table, key):
            name = canonicalize_name(self.file.take(row, "name", str))
            found = self._targets(row, name)
            if not found:
                self.file.fault(f"{name} is required, but the lock has no such package", place, REMAKE)
            words = [*self.file.strings(row, "extra"), *self.file.strings(row, "extras")]
            marker = self._marker(self.file.take(row, "marker", str), place)
            extras = tuple(canonicalize_name(extra) for extra in words)
            for index, fork in found:
                both = " and ".join(f"({each})" for each in (marker, fork) if each) if fork else marker
                yield Edge(to=index, extras=extras, marker=both)

    def _targets(self, row: Mapping[str, Any], name: str) -> list[tuple[int, str]]:
        """Return the packages that a dependency may mean, each with the marker of its forks where there are several."""
        found = [
            (i, package)
            for i, package in ((i, self.packages[i]) for i in self.named.get(name, ()))
            if row.get("version", package.version) == package.version
            and row.get("source", package.source) == package.source
        ]
        if len(found) < 2:
            return [(i, "") for i, _ in found]
        return [(i, " or ".join(f"({each})" for each in package.forks)) for i, package in found]

    def _marker(self, text: str, place: str) -> str:
        """Return a marker's text in packaging's spelling."""
        if text not in self.markers:
            self.markers[text] = str(self.file.marker(text, place) or "")
        return self.markers[text]

    def follow(self, start: list[Edge]) -> None:
        """Reach everything that the roots need; a package's condition grows until nothing changes."""
        queue = [((edge.to, extra), under(ALWAYS, edge.marker)) for edge in start for extra in ("", *edge.extras)]
        while queue:
            node, condition = queue.pop()
            before = self.reached.get(node, NEVER)
            after = either(before, condition)
            if after == before:
                continue
            self.reached[node] = after
            package = self.packages[node[0]]
            if len(after) > _MOST_SETS:
                fix = "run `uv export --format pylock.toml` and take that file over"
                self.file.fault(f"{package.name} is needed under too many conditions", package.place, fix)
                return
            if package.name in self.choice.excludes:
                continue
            for edge in self.out_edges(node):
                queue += [((edge.to, extra), under(after, edge.marker)) for extra in ("", *edge.extras)]


def _optional(file: TomlFile, package: Package, extra: str) -> tuple[Mapping[str, Any], str]:
    """Return the table and key of an extra's dependencies; an extra that adds nothing has none."""
    table = file.take(package.table, "optional-dependencies", dict, f"package {package.name}")
    key = next((name for name in table if canonicalize_name(name) == extra), extra)
    return table, key
