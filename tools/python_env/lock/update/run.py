"""One run of `lock update`: all platforms together, or as many as succeed."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console

from python_env.base.errors import Fault, ToolError
from python_env.base.marker_values import MarkerValues
from python_env.base.platforms import Platform
from python_env.lock.cli_inputs import named_files, parse_platforms, workspace_root
from python_env.lock.extends.model import Base
from python_env.lock.facts import FactSource
from python_env.lock.index import Index, default_index, network_environment
from python_env.lock.indexes.opened import open_indexes
from python_env.lock.model import Inputs, Lock
from python_env.lock.resolvers.model import Resolver
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from python_env.lock.resolvers.uv import UvResolver, uv_environment
from python_env.lock.sources.store import SourceStore
from python_env.lock.update.kept import joined, kept_sources, kept_tools
from python_env.lock.update.merge import check_kept, merge
from python_env.lock.update.options import Options
from python_env.lock.update.refresh import refresh
from python_env.lock.update.task import Task
from python_env.lock.update.upgrades import Upgrades
from python_env.requirements.model import Request

_MEND = 'mend the failure above, or ask for the distribution only elsewhere, e.g. triton; sys_platform == "linux"'


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the resolver and the metadata reader keep what they fetched."""
    home = environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache")
    return Path(home) / "python_env"


def _resolver(options: Options, request: Request, index: Index, cache: Path) -> Resolver:
    """Return the resolver that the rule names."""
    if options.resolver == "pip-tools" and request.needs_sources:
        raise ToolError.one(
            "pip-tools is asked for wheels of an index only; direct references, sdists and --no-binary need uv",
            where="resolver",
            fix='write resolver = "uv", or name wheels of an index',
        )
    if options.resolver == "pip-tools":
        return PipToolsResolver(tuple(wheel.absolute() for wheel in options.pip_tools_wheel), index, cache)
    return UvResolver(options.uv.absolute(), index, cache / "uv")


def _preferred(old: Lock | None, options: Options, upgrades: Upgrades) -> dict[str, dict[str, str]]:
    """Return by platform tag the versions that stay."""
    if old is None or options.upgrade:
        return {}
    return {
        tag: {package.name: package.version for package in section.packages if package.name not in upgrades.names}
        for tag, section in old.sections.items()
    }


def _asked_platforms(options: Options, values: MarkerValues) -> tuple[Platform, ...]:
    """Return the platforms to refresh: all that the lock shall hold, or those of them that a person names."""
    locked = parse_platforms(options.locked_platform, values)
    unknown = [tag for tag in options.platform if tag not in options.locked_platform]
    if unknown:
        fix = f"name one of: {', '.join(options.locked_platform)}; or add it to `platforms`"
        raise ToolError(Fault(f"{tag} is not among the environment's platforms", "--platform", fix) for tag in unknown)
    return tuple(platform for platform in locked if not options.platform or platform.tag in options.platform)


@dataclass(frozen=True, slots=True)
class Refresher:
    """One run of the command."""

    options: Options
    console: Console
    request: Request
    inputs: Inputs
    old: Lock | None
    upgrades: Upgrades
    base: Base | None = None

    def run(self) -> tuple[Lock, list[Fault]]:
        """Return the new lock, and the faults of platforms that kept their old section."""
        platforms = _asked_platforms(self.options, self.request.policy.marker_values)
        kept = [tag for tag in self.inputs.platforms if tag not in {platform.tag for platform in platforms}]
        if kept:
            check_kept(self.old, self.inputs, kept)
        if not self.options.keep_going:
            return self._joined(self._refresh(platforms)), []
        return self._one_by_one(platforms)

    def _one_by_one(self, platforms: Sequence[Platform]) -> tuple[Lock, list[Fault]]:
        """Refresh what can be refreshed; raises ToolError when nothing can, or nothing is there to keep."""
        try:
            return self._joined(self._refresh(platforms)), []
        except ToolError as error:
            faults = list(error.faults)
        good = [platform for platform in platforms if self._succeeds(platform)]
        failed = [platform.tag for platform in platforms if platform not in good]
        try:
            check_kept(self.old, self.inputs, failed)
        except ToolError as error:
            raise ToolError([*faults, *(replace(fault, fix=_MEND) for fault in error.faults)]) from None
        if not good:
            raise ToolError(faults)
        return self._joined(self._refresh(good)), faults

    def _succeeds(self, platform: Platform) -> bool:
        try:
            self._refresh([platform])
        except ToolError:
            return False
        return True

    def _joined(self, new: Lock) -> Lock:
        return merge(new, self.old, self.inputs) if self.old is not None else replace(new, inputs=self.inputs)

    def _refresh(self, platforms: Sequence[Platform]) -> Lock:
        default = default_index(os.environ)
        cache = cache_folder()
        with (
            open_indexes(self.request.indexes, default, os.environ, self.options.root) as indexes,
            self.console.status(f"locking {self.options.name}") as status,
        ):
            facts = FactSource(cache / "metadata", network_environment(default), indexes.web, indexes.catalog)
            resolver = functools.partial(_resolver, self.options, self.request, cache=cache)
            task = Task(
                request=replace(self.request, constraints=(*self.request.constraints, *self.upgrades.pins)),
                platforms=platforms,
                resolver=indexes.wrap(resolver(indexes.index), resolver),
                facts=facts,
                preferred=_preferred(self.old, self.options, self.upgrades),
                preferred_tools={
                    **kept_tools(None if self.options.upgrade else self.old),
                    **kept_tools(self.base.lock if self.base else None),
                },
                base=self.base,
                sources=self._sources(indexes.index, facts) if self.request.needs_sources else None,
                progress=lambda tag, what: status.update(f"{tag}: {what}"),
            )
            lock = refresh(task)
        for text in sorted(indexes.warnings):
            click.echo(f"warning: {text}", err=True)
        return lock

    def _sources(self, index: Index, facts: FactSource) -> SourceStore:
        cache = cache_folder()
        return SourceStore(
            uv=self.options.uv.absolute(),
            python=sys.executable,
            environment={**uv_environment(index, cache / "uv"), "UV_DEFAULT_INDEX": index.url},
            facts=facts,
            cache=cache / "sources",
            root=workspace_root(named_files(self.options.requirements)),
            kept=joined(
                kept_sources(None if self.options.upgrade else self.old, moving=self.upgrades.names),
                kept_sources(self.base.lock if self.base else None, moving=()),
            ),
        )
