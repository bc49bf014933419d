"""uv.lock: its roots followed over its dependency graph, under markers, to pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import canonicalize_name

from python_env.requirements.conditions import ALWAYS, NEVER, Condition, condition_marker, either, under
from python_env.requirements.foreign_lock import check_hashes, make_pin, refuse
from python_env.requirements.model import Asked, Choice, Scope
from python_env.requirements.toml_file import Document, TomlFile, header_lines

_FORMAT = 1
_REMAKE = "run `uv lock` again"
_MOST_SETS = 512
"""Alternatives of one package's condition: a real lock has a handful; beyond, following it would not end in time."""

_KINDS = {
    "git": "a version control checkout",
    "url": "behind a direct URL",
    "path": "a local file",
    "directory": "a project folder outside the workspace",
    "editable": "an editable project outside the workspace",
}


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
class _Lock:
    file: TomlFile
    choice: Choice
    packages: list[Package]
    members: frozenset[str]
    edges: dict[tuple[int, str], list[Edge]] = field(default_factory=dict)
    reached: dict[tuple[int, str], Condition] = field(default_factory=dict)
    markers: dict[str, str] = field(default_factory=dict)

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
                self.file.fault(f"{name} is required, but the lock has no such package", place, _REMAKE)
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
            for i, package in enumerate(self.packages)
            if package.name == name
            and row.get("version", package.version) == package.version
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


def parse_uv_lock(text: str, file: TomlFile, choice: Choice) -> Document:
    """Return the pins of uv's lock for the chosen extras and groups; faults are left in `file`."""
    data = file.load(text)
    if not file.faults:
        _check_format(file, data)
    manifest = file.take(data, "manifest", dict)
    packages = [] if file.faults else list(_packages(file, data, text))
    members = frozenset(map(canonicalize_name, file.strings(manifest, "members", "manifest")))
    lock = _Lock(file, choice, packages, members or frozenset(p.name for p in packages if p.folder == "."))
    roots = _roots(lock)
    if not roots and not file.faults:
        fix = "take over a lock of a project, or `uv export --format pylock.toml`"
        file.fault("the lock has no project that its packages are for", "package", fix)
    lock.follow([edge for edge in _root_edges(lock, roots, manifest) if not file.faults])
    requires_python = file.specifier(file.take(data, "requires-python", str), "requires-python")
    supported = [file.marker(each, "supported-markers") for each in file.strings(data, "supported-markers")]
    return Document(
        asked=tuple(_asked(lock)),
        scope=Scope(
            source=file.source,
            requires_python=requires_python,
            environments=tuple(each for each in supported if each),
        ),
        extras=frozenset(extra for package in roots for extra in _known(file, package, "extras")),
        groups=frozenset(
            [
                *(group for package in roots for group in _known(file, package, "groups")),
                *map(canonicalize_name, file.take(manifest, "dependency-groups", dict, "manifest")),
            ]
        ),
        extras_key="package.optional-dependencies",
        groups_key="package.dev-dependencies",
    )


def _check_format(file: TomlFile, data: Mapping[str, Any]) -> None:
    found = data.get("version")
    if found != _FORMAT:
        fix = "use a release of rules_python_env that reads it, or `uv export --format pylock.toml`"
        file.fault(f"uv.lock of format {found}; these rules read format {_FORMAT}", "version", fix)
    if data.get("conflicts"):
        fix = "run `uv export --format pylock.toml` for the extras that you want, and take that file over"
        file.fault("conflicting extras or groups are not supported", "conflicts", fix)


def _packages(file: TomlFile, data: Mapping[str, Any], text: str) -> Iterator[Package]:
    rows = list(file.tables(data, "package"))
    lines = header_lines(text, "package", len(rows))
    for i, table in rows:
        place = f":{lines[i]}" if lines else f"package[{i}]"
        name = canonicalize_name(file.take(table, "name", str, f"package[{i}]"))
        if not name:
            file.fault("a package has no name", place, _REMAKE)
        yield Package(
            name=name,
            version=file.take(table, "version", str, f"package[{i}]"),
            source=file.take(table, "source", dict, f"package[{i}]"),
            place=place,
            table=table,
            forks=tuple(file.strings(table, "resolution-markers", f"package[{i}]")),
        )


def _optional(file: TomlFile, package: Package, extra: str) -> tuple[Mapping[str, Any], str]:
    """Return the table and key of an extra's dependencies; an extra that adds nothing has none."""
    table = file.take(package.table, "optional-dependencies", dict, f"package {package.name}")
    key = next((name for name in table if canonicalize_name(name) == extra), extra)
    return table, key


def _roots(lock: _Lock) -> list[Package]:
    """Return the project beside the lock; in a workspace without one, all members."""
    beside = [package for package in lock.packages if package.folder == "."]
    return beside or [package for package in lock.packages if package.folder and package.name in lock.members]


def _known(file: TomlFile, package: Package, what: str) -> Iterator[str]:
    path = f"package {package.name}"
    metadata = file.take(package.table, "metadata", dict, path)
    if what == "extras":
        yield from map(canonicalize_name, file.strings(metadata, "provides-extras", f"{path}.metadata"))
        yield from map(canonicalize_name, file.take(package.table, "optional-dependencies", dict, path))
    else:
        yield from map(canonicalize_name, file.take(metadata, "requires-dev", dict, f"{path}.metadata"))
        yield from map(canonicalize_name, file.take(package.table, "dev-dependencies", dict, path))


def _root_edges(lock: _Lock, roots: list[Package], manifest: Mapping[str, Any]) -> Iterator[Edge]:
    file, choice = lock.file, lock.choice
    for index, package in enumerate(lock.packages):
        if package in roots:
            known = set(_known(file, package, "extras"))
            extras = tuple(extra for extra in choice.extras if extra in known)
            yield Edge(to=index, extras=extras, marker="")
            table = file.take(package.table, "dev-dependencies", dict, f"package {package.name}")
            yield from _group_edges(lock, table, package.place)
    yield from _group_edges(lock, file.take(manifest, "dependency-groups", dict, "manifest"), "manifest")


def _group_edges(lock: _Lock, table: Mapping[str, Any], place: str) -> Iterator[Edge]:
    for key in sorted(table):
        if canonicalize_name(key) in lock.choice.groups:
            yield from lock.read_edges(table, key, place)


def _asked(lock: _Lock) -> Iterator[Asked]:
    """Yield the pin of every package that is reached, and one more for extras that hold only under another marker."""
    for index, package in enumerate(lock.packages):
        whole = lock.reached.get((index, ""))
        if whole is None or lock.first_party(package):
            continue
        hashes = _hashes(lock, package)
        if hashes is None:
            continue
        extras: dict[Condition, list[str]] = {whole: []}
        for (other, extra), condition in sorted(lock.reached.items(), key=lambda row: row[0]):
            if other == index and extra:
                extras.setdefault(condition, []).append(extra)
        for condition, names in extras.items():
            pin = make_pin(
                lock.file,
                name=package.name,
                extras=f"[{','.join(names)}]" if names else "",
                version=package.version,
                hashes=hashes,
                marker=condition_marker(condition),
                place=package.place,
            )
            if pin is not None:
                yield pin


def _hashes(lock: _Lock, package: Package) -> list[str] | None:
    """Return the digests of a package's files, or None after a fault; none for one that is left out anyway."""
    if package.name in lock.choice.excludes:
        return []
    if "registry" not in package.source:
        kind = next((text for key, text in _KINDS.items() if key in package.source), "from an unknown source")
        refuse(lock.file, name=package.name, kind=kind, place=package.place)
        return None
    path = f"package {package.name}"
    files = [table for _, table in lock.file.tables(package.table, "wheels", path)]
    if sdist := lock.file.take(package.table, "sdist", dict, path):
        files.append(sdist)
    digests = [lock.file.take(each, "hash", str, path).removeprefix("sha256:") for each in files]
    good = check_hashes(lock.file, name=package.name, version=package.version, hashes=digests, place=package.place)
    return digests if good else None
