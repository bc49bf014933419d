"""pyproject.toml: [project] dependencies, chosen extras (PEP 621) and dependency groups (PEP 735)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from packaging.dependency_groups import CyclicDependencyGroup, DependencyGroupInclude, DependencyGroupResolver
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from python_env.requirements.direct import NotDirect, direct_asked
from python_env.requirements.model import Asked, Choice, Scope
from python_env.requirements.pyproject_sources import Entry, Source, read_entries
from python_env.requirements.toml_file import Document, TomlFile

_EXTRAS = "project.optional-dependencies"
_GROUPS = "dependency-groups"


@dataclass(slots=True)
class _Project:
    file: TomlFile
    choice: Choice
    name: str
    extras: Mapping[str, tuple[str, list[str]]]
    """By normalised name: the name as it is written, and its requirements."""
    sources: Mapping[str, Entry]
    """By normalised name: where tool.uv.sources finds a distribution."""
    asked: list[Asked] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def ask(self, requirement: Requirement, key: str, under: Marker | None = None) -> None:
        """Take a requirement; one that names the project itself stands for its extras, under both markers."""
        marker = _both(under, requirement.marker)
        name = canonicalize_name(requirement.name)
        if name == self.name:
            for extra in sorted(map(canonicalize_name, requirement.extras)):
                self.ask_extra(extra, key, marker)
            return
        if name in self.choice.excludes:
            self.take(Requirement(requirement.name), marker, key)
        elif name in self.sources:
            self.ask_source(requirement, marker, key)
        elif requirement.url:
            self.ask_reference(requirement, Source(reference=requirement.url), marker, key=key, place=key)
        else:
            self.take(requirement, marker, key)

    def take(self, requirement: Requirement, marker: Marker | None, key: str) -> None:
        """Take a requirement that an index answers, under another marker."""
        taken = Requirement(str(requirement))
        taken.marker = marker
        self.asked.append(Asked(requirement=taken, source=self.file.source, line=0, key=key))

    def ask_source(self, requirement: Requirement, marker: Marker | None, key: str) -> None:
        """Take a requirement that tool.uv.sources finds elsewhere; its versions must hold there, too."""
        name = canonicalize_name(requirement.name)
        entry = self.sources[name]
        try:
            source = entry.read()
        except NotDirect as error:
            self.file.fault(f"the source of {name} is not taken: {error.what}", entry.place, error.fix)
            return
        if source.index and not self.choice.is_bound(name):
            fix = (
                f'write index_bindings = {{"<alias>": ["{name}"]}}, and where the alias lies (index_urls or a variable)'
            )
            self.file.fault(f"{name} comes from the index {source.index}, but is bound to none here", entry.place, fix)
        if requirement.url:
            what = f"{name} has a reference and a source of its own"
            self.file.fault(what, entry.place, "keep one of the two")
            return
        if source.index or requirement.specifier:
            self.take(requirement, marker, key)
        if source.reference:
            self.ask_reference(requirement, source, marker, key=key, place=entry.place)

    def ask_reference(
        self, requirement: Requirement, source: Source, marker: Marker | None, *, key: str, place: str
    ) -> None:
        """Take a requirement by where it lies."""
        try:
            asked = direct_asked(requirement, source.reference, source=self.file.source, marker=marker)
        except NotDirect as error:
            name = canonicalize_name(requirement.name)
            self.file.fault(f"the source of {name} is not taken: {error.what}", place, error.fix)
            return
        self.asked.append(replace(asked, key=key, editable=source.editable))

    def ask_extra(self, extra: str, key: str, under: Marker | None) -> None:
        """Take an extra's requirements; one that is being taken already under the same marker adds nothing."""
        if (extra, str(under)) in self.seen:
            return
        self.seen.add((extra, str(under)))
        if extra not in self.extras:
            known = ", ".join(sorted(self.extras)) or "none"
            self.file.fault(f"there is no extra {extra} of {self.name}", key, f"name one of: {known}")
            return
        written, texts = self.extras[extra]
        for i, text in enumerate(texts):
            self.ask_text(text, f"{_EXTRAS}.{written}[{i}]", under)

    def ask_text(self, text: str, key: str, under: Marker | None = None) -> None:
        """Take the requirement that a text states."""
        if requirement := self.file.requirement(text, key):
            self.ask(requirement, key, under)


def parse_pyproject(text: str, file: TomlFile, choice: Choice) -> Document:
    """Return what a project asks for, without the project itself; faults are left in `file`."""
    data = file.load(text)
    groups = file.take(data, _GROUPS, dict)
    if "project" not in data and not file.faults and not (choice.groups and groups):
        fix = "write [project] as PEP 621 says, or choose dependency groups by `groups`"
        file.fault("there is no table [project]", "project", fix)
    project = file.take(data, "project", dict)
    parse = _Project(
        file=file,
        choice=choice,
        name=canonicalize_name(file.take(project, "name", str, "project")),
        extras=_extras(file, project),
        sources=read_entries(data, text, file),
    )
    if project:
        _ask_project(parse, project)
    for group in choice.groups:
        _ask_group(parse, group, groups)
    requires_python = file.take(project, "requires-python", str, "project")
    return Document(
        asked=tuple(parse.asked),
        scope=Scope(source=file.source, requires_python=file.specifier(requires_python, "project.requires-python")),
        extras=frozenset(parse.extras),
        groups=frozenset(map(canonicalize_name, groups)),
        extras_key=_EXTRAS,
        groups_key=_GROUPS,
    )


def _extras(file: TomlFile, project: Mapping[str, Any]) -> dict[str, tuple[str, list[str]]]:
    table = file.take(project, "optional-dependencies", dict, "project")
    return {canonicalize_name(name): (name, file.strings(table, name, _EXTRAS)) for name in table}


def _ask_project(parse: _Project, project: Mapping[str, Any]) -> None:
    file = parse.file
    if not parse.name:
        file.fault("the project has no name", "project.name", "write its name")
    dynamic = file.strings(project, "dynamic", "project")
    wanted = ["dependencies", *(["optional-dependencies"] if parse.choice.extras else [])]
    for key in (key for key in wanted if key in dynamic):
        fix = f"write {key} into the file; what a build backend computes is not known before it runs"
        file.fault(f"{key} is dynamic", f"project.dynamic[{dynamic.index(key)}]", fix)
    for i, text in enumerate(file.strings(project, "dependencies", "project")):
        parse.ask_text(text, f"project.dependencies[{i}]")
    for extra in parse.choice.extras:
        if extra in parse.extras:
            parse.ask_extra(extra, _EXTRAS, None)


def _ask_group(parse: _Project, group: str, groups: Mapping[str, Any]) -> None:
    """Take a group's requirements, those of the groups that it includes too."""
    written: dict[str, str] = {canonicalize_name(name): name for name in groups}
    if group not in written:
        return
    key = f"{_GROUPS}.{written[group]}"
    try:
        resolver = DependencyGroupResolver(groups)
        resolver.resolve(group)
    except ExceptionGroup as error:
        for each in error.exceptions:
            parse.file.fault(_group_reason(each), key, "write the group as PEP 735 says")
        return
    for requirement, place in _members(resolver, group, written):
        parse.ask(requirement, place)


def _group_reason(error: Exception) -> str:
    if isinstance(error, CyclicDependencyGroup):
        return f"dependency groups include each other: {str(error).rpartition(': ')[2]}"
    said = str(error).splitlines()[0]
    return said[:1].lower() + said[1:].rstrip(".")


def _members(
    resolver: DependencyGroupResolver, group: str, written: Mapping[str, str]
) -> Iterator[tuple[Requirement, str]]:
    for i, item in enumerate(resolver.lookup(group)):
        if isinstance(item, DependencyGroupInclude):
            yield from _members(resolver, canonicalize_name(item.include_group), written)
        else:
            yield item, f"{_GROUPS}.{written[group]}[{i}]"


def _both(one: Marker | None, other: Marker | None) -> Marker | None:
    return one & other if one and other else one or other
