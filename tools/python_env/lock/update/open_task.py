"""A refresh's task with its indexes opened: `.update` and `.resolver_test` differ in nothing but the resolver."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from python_env.base.caches import cache_folder
from python_env.base.errors import ToolError
from python_env.base.platforms import Platform
from python_env.base.resolving import ResolverName
from python_env.lock.extends.model import Base
from python_env.lock.facts import FactSource
from python_env.lock.index import Index, default_index, network_environment
from python_env.lock.indexes.catalog import Catalog
from python_env.lock.indexes.opened import open_indexes
from python_env.lock.model import Lock
from python_env.lock.resolvers.model import Resolver
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from python_env.lock.resolvers.uv import UvResolver, uv_environment
from python_env.lock.sources.model import Sources
from python_env.lock.sources.store import SourceStore
from python_env.lock.sources.trial_builds import TrialBuilds
from python_env.lock.update.kept import joined, kept_sources, kept_tools
from python_env.lock.update.task import Files, Task
from python_env.requirements.model import Asked, Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Programs:
    """The resolvers, as the rule hands them over."""

    uv: Path
    pip_tools_wheels: Sequence[Path]
    """The wheels of pip, pip-tools and click."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What is to be locked, whichever resolver is asked."""

    request: Request
    """With the requirements of the base."""
    platforms: Sequence[Platform]
    base: Base | None
    programs: Programs
    root: Path
    """The workspace: places of indexes may be relative to it."""
    files_root: Path
    """Folder that the names of requirement files and local sources start from."""
    kept: Lock | None = None
    """The old lock, whose versions, commits and digests stay; None: none of them."""
    moving: Collection[str] = ()
    """Names of distributions that do not stay, build requirements among them."""
    tool_constraints: Sequence[Asked] = ()
    """Versions that build requirements must take."""


@contextmanager
def open_tasks(assignment: Assignment, resolvers: Sequence[ResolverName]) -> Iterator[tuple[Task, ...]]:
    """Give one task for each resolver, equal in all else, while the indexes are open; then tell their warnings.

    Raises ToolError when an index lies nowhere on this machine.
    """
    default = default_index(os.environ)
    with open_indexes(assignment.request.indexes, default, os.environ, assignment.root) as indexes:
        facts = FactSource(
            cache_folder(os.environ) / "metadata", network_environment(default), indexes.web, indexes.catalog
        )
        sources = _sources(assignment, indexes.index, facts) if assignment.request.needs_sources else None
        asked = indexes.sources(sources) if sources else None
        made = [functools.partial(_resolver, name, assignment.programs, sources=asked) for name in resolvers]
        files = functools.partial(_files, indexes.catalog)
        task = functools.partial(_task, assignment, facts=facts, files=files, sources=sources)
        yield tuple(task(indexes.wrap(make(indexes.index), make)) for make in made)
    for text in sorted(indexes.warnings):
        click.echo(f"warning: {text}", err=True)


def _task(
    assignment: Assignment, resolver: Resolver, *, facts: FactSource, files: Files, sources: SourceStore | None
) -> Task:
    base, kept = assignment.base, assignment.kept
    return Task(
        request=assignment.request,
        platforms=assignment.platforms,
        resolver=resolver,
        facts=facts,
        files=files,
        preferred=_preferred(assignment),
        preferred_tools={**kept_tools(kept, moving=assignment.moving), **kept_tools(base.lock if base else None)},
        tool_constraints=assignment.tool_constraints,
        base=base,
        sources=sources,
        progress=lambda *_: None,
    )


def _files(catalog: Catalog, name: str) -> tuple[str, ...]:
    """Return the names of a distribution's files; none where its page cannot be used."""
    with suppress(ToolError):
        return tuple(link.file for link in catalog.project(name))
    return ()


def _resolver(name: ResolverName, programs: Programs, index: Index, *, sources: Sources | None) -> Resolver:
    cache = cache_folder(os.environ)
    if name is ResolverName.PIP_TOOLS:
        return PipToolsResolver(tuple(wheel.absolute() for wheel in programs.pip_tools_wheels), index, cache, sources)
    return UvResolver(programs.uv.absolute(), index, cache / "uv")


def _preferred(assignment: Assignment) -> dict[str, dict[str, str]]:
    """Return by platform tag the versions that stay."""
    return {
        tag: {package.name: package.version for package in section.packages if package.name not in assignment.moving}
        for tag, section in (assignment.kept.sections if assignment.kept else {}).items()
    }


def _sources(assignment: Assignment, index: Index, facts: FactSource) -> SourceStore:
    cache, base = cache_folder(os.environ), assignment.base
    return SourceStore(
        builds=TrialBuilds(
            uv=assignment.programs.uv.absolute(),
            python=sys.executable,
            environment={**uv_environment(index, cache / "uv"), "UV_DEFAULT_INDEX": index.url},
            cache=cache / "sources",
        ),
        facts=facts,
        root=assignment.files_root,
        kept=joined(
            kept_sources(assignment.kept, moving=assignment.moving),
            kept_sources(base.lock if base else None, moving=()),
        ),
    )
