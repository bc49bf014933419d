"""uv.lock: its roots followed over its dependency graph, under markers, to pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from packaging.utils import canonicalize_name

from python_env.requirements.conditions import Condition, condition_marker
from python_env.requirements.direct import NotDirect
from python_env.requirements.foreign_lock import check_hashes, make_pin, refuse
from python_env.requirements.foreign_lock_direct import Stated, stated_by_uv
from python_env.requirements.foreign_lock_uv_graph import REMAKE, Edge, Graph, Package
from python_env.requirements.model import Asked, Choice, Scope
from python_env.requirements.toml_file import Document, TomlFile, header_lines

_FORMAT = 1


def parse_uv_lock(text: str, file: TomlFile, choice: Choice) -> Document:
    """Return the pins of uv's lock for the chosen extras and groups; faults are left in `file`."""
    data = file.load(text)
    if not file.faults:
        _check_format(file, data)
    manifest = file.take(data, "manifest", dict)
    packages = [] if file.faults else list(_packages(file, data, text))
    members = frozenset(map(canonicalize_name, file.strings(manifest, "members", "manifest")))
    graph = Graph(file, choice, packages, members or frozenset(p.name for p in packages if p.folder == "."))
    roots = _roots(graph)
    if not roots and not file.faults:
        fix = "take over a lock of a project, or `uv export --format pylock.toml`"
        file.fault("the lock has no project that its packages are for", "package", fix)
    if not file.faults:
        graph.follow(list(_root_edges(graph, roots, manifest)))
    groups = set(map(canonicalize_name, file.take(manifest, "dependency-groups", dict, "manifest")))
    return Document(
        asked=tuple(_asked(graph)),
        scope=_scope(file, data),
        extras=frozenset(extra for package in roots for extra in _extras(file, package)),
        groups=frozenset(groups.union(*(_groups(file, package) for package in roots))),
        extras_key="package.optional-dependencies",
        groups_key="package.dev-dependencies",
    )


def _scope(file: TomlFile, data: Mapping[str, Any]) -> Scope:
    requires_python = file.specifier(file.take(data, "requires-python", str), "requires-python")
    supported = [file.marker(each, "supported-markers") for each in file.strings(data, "supported-markers")]
    environments = tuple(marker for marker in supported if marker)
    return Scope(source=file.source, requires_python=requires_python, environments=environments)


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
            file.fault("a package has no name", place, REMAKE)
        yield Package(
            name=name,
            version=file.take(table, "version", str, f"package[{i}]"),
            source=file.take(table, "source", dict, f"package[{i}]"),
            place=place,
            table=table,
            forks=tuple(file.strings(table, "resolution-markers", f"package[{i}]")),
        )


def _roots(graph: Graph) -> list[Package]:
    """Return the project beside the lock; in a workspace without one, all members."""
    beside = [package for package in graph.packages if package.folder == "."]
    return beside or [package for package in graph.packages if package.folder and package.name in graph.members]


def _extras(file: TomlFile, package: Package) -> set[str]:
    """Return the extras of a project, those included that add nothing."""
    path = f"package {package.name}"
    metadata = file.take(package.table, "metadata", dict, path)
    words = file.strings(metadata, "provides-extras", f"{path}.metadata")
    return set(map(canonicalize_name, [*words, *file.take(package.table, "optional-dependencies", dict, path)]))


def _groups(file: TomlFile, package: Package) -> set[str]:
    """Return the dependency groups of a project, the empty ones included."""
    path = f"package {package.name}"
    metadata = file.take(package.table, "metadata", dict, path)
    words = file.take(metadata, "requires-dev", dict, f"{path}.metadata")
    return set(map(canonicalize_name, [*words, *file.take(package.table, "dev-dependencies", dict, path)]))


def _root_edges(graph: Graph, roots: list[Package], manifest: Mapping[str, Any]) -> Iterator[Edge]:
    file, choice = graph.file, graph.choice
    for index, package in enumerate(graph.packages):
        if package in roots:
            known = _extras(file, package)
            extras = tuple(extra for extra in choice.extras if extra in known)
            yield Edge(to=index, extras=extras, marker="")
            table = file.take(package.table, "dev-dependencies", dict, f"package {package.name}")
            yield from _group_edges(graph, table, package.place)
    yield from _group_edges(graph, file.take(manifest, "dependency-groups", dict, "manifest"), "manifest")


def _group_edges(graph: Graph, table: Mapping[str, Any], place: str) -> Iterator[Edge]:
    for key in sorted(table):
        if canonicalize_name(key) in graph.choice.groups:
            yield from graph.read_edges(table, key, place)


def _asked(graph: Graph) -> Iterator[Asked]:
    """Yield the pin of every package that is reached, and one more for extras that hold only under another marker."""
    extras: dict[int, dict[Condition, list[str]]] = {}
    for (index, extra), condition in sorted(graph.reached.items(), key=lambda row: row[0]):
        names = extras.setdefault(index, {}).setdefault(condition, [])
        names += [extra] if extra else []
    for index, lines in extras.items():
        package = graph.packages[index]
        stated = None if graph.first_party(package) else _stated(graph, package)
        if stated is None:
            continue
        for condition, names in lines.items():
            pin = make_pin(
                graph.file,
                name=package.name,
                extras=f"[{','.join(names)}]" if names else "",
                version=package.version,
                stated=stated,
                marker=condition_marker(condition),
                place=package.place,
            )
            if pin is not None:
                yield pin


def _stated(graph: Graph, package: Package) -> Stated | None:
    """Return where a package lies and the digests of its files, or None after a fault; of what is left out nothing."""
    if package.name in graph.choice.excludes:
        return Stated()
    path = f"package {package.name}"
    files = [table for _, table in graph.file.tables(package.table, "wheels", path)]
    if sdist := graph.file.take(package.table, "sdist", dict, path):
        files.append(sdist)
    digests = tuple(graph.file.take(each, "hash", str, path).removeprefix("sha256:") for each in files)
    if "registry" not in package.source:
        try:
            return stated_by_uv(package.source, digests)
        except NotDirect as error:
            refuse(graph.file, name=package.name, error=error, place=package.place)
            return None
    good = check_hashes(graph.file, name=package.name, version=package.version, hashes=digests, place=package.place)
    return Stated(hashes=digests) if good else None
