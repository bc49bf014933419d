"""`lock update`: refreshes the lock for all platform tags, for a person at a terminal or a CI job."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from python_env.base.documents import write_atomically
from python_env.base.errors import EXIT_BAD_INPUT, Fault, ToolError
from python_env.base.marker_values import MarkerValues
from python_env.base.platforms import Platform
from python_env.lock.cli_inputs import PolicyWords, named_files, parse_files, parse_platforms, workspace_root
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.extends.cli_inputs import extended, read_base
from python_env.lock.extends.model import Base
from python_env.lock.facts import FactSource
from python_env.lock.freshness.compare import InputChange
from python_env.lock.index import Index, default_index, network_environment
from python_env.lock.indexes.opened import open_indexes
from python_env.lock.inputs import make_inputs
from python_env.lock.model import Inputs, Lock
from python_env.lock.resolvers.model import Resolver
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from python_env.lock.resolvers.uv import UvResolver, uv_environment
from python_env.lock.sources.store import SourceStore
from python_env.lock.update.diff import (
    Change,
    diff_document,
    diff_inputs,
    diff_locks,
    diff_rows,
    render_markdown,
    render_splits,
)
from python_env.lock.update.kept import joined, kept_sources, kept_tools
from python_env.lock.update.merge import check_kept, merge
from python_env.lock.update.refresh import Task, refresh
from python_env.lock.update.upgrades import Upgrades, parse_upgrades
from python_env.requirements.model import Request

EXIT_CHANGED = 1
"""`--check` found a change, or `--keep-going` kept a platform that failed."""

_NAMES_SHOWN = 40
"""Changes that the terminal shows one by one; the lock itself holds them all."""


_WIDTH_OF_A_FILE = 10_000
"""Columns where nobody looks at a terminal: no word is cut."""

_MEND = 'mend the failure above, or ask for the distribution only elsewhere, e.g. triton; sys_platform == "linux"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The command line: what the rule says, and what a person adds."""

    lock: str
    name: str
    update_command: str
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    locked_platform: tuple[str, ...]
    override: tuple[str, ...]
    exclude: tuple[str, ...]
    exclude_newer: str
    prereleases: str
    sdist: tuple[str, ...]
    variable: tuple[str, ...]
    platform_requirements: tuple[str, ...]
    extra: tuple[str, ...]
    group: tuple[str, ...]
    resolver: str
    index: tuple[str, ...]
    index_binding: tuple[str, ...]
    index_url: tuple[str, ...]
    marker_value: tuple[str, ...]
    base: tuple[str, ...]
    base_lock: tuple[Path, ...]
    base_update: tuple[str, ...]
    uv: Path
    pip_tools_wheel: tuple[Path, ...]
    upgrade: bool
    upgrade_package: tuple[str, ...]
    platform: tuple[str, ...]
    keep_going: bool
    check: bool
    json: bool
    markdown: bool

    @property
    def policy(self) -> PolicyWords:
        """Return the rule's policy attributes."""
        return PolicyWords(
            override=self.override,
            exclude=self.exclude,
            exclude_newer=self.exclude_newer,
            prereleases=self.prereleases,
            sdist=self.sdist,
            variable=self.variable,
            platform_requirements=self.platform_requirements,
            extra=self.extra,
            group=self.group,
            index=self.index,
            index_binding=self.index_binding,
            index_url=self.index_url,
            marker_value=self.marker_value,
        )

    @property
    def path(self) -> Path:
        """Return the lock's real place: `bazel run` starts elsewhere and says where the workspace is."""
        return self.root / self.lock

    @property
    def root(self) -> Path:
        """Return the workspace."""
        return Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))


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


def _read_old(options: Options) -> Lock | None:
    """Return the old lock; a missing or broken one costs its versions, never the refresh."""
    try:
        return parse_lock(options.path.read_bytes(), where=options.lock, fix=options.update_command)
    except FileNotFoundError:
        return None
    except ToolError as error:
        for fault in error.faults:
            click.echo(
                f"note: the old lock is written anew, none of it is kept: {fault.what} ({fault.where})", err=True
            )
        return None


def _known(old: Lock | None, request: Request) -> set[str]:
    """Return the names that are locked or asked for."""
    locked = {package.name for section in (old.sections if old else {}).values() for package in section.packages}
    return locked | {line.name for line in request.requirements}


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
class _Refresher:
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
            facts = FactSource(cache / "metadata", network_environment(default), indexes.web)
            task = Task(
                request=replace(self.request, constraints=(*self.request.constraints, *self.upgrades.pins)),
                platforms=platforms,
                resolver=indexes.wrap(_resolver(self.options, self.request, indexes.index, cache)),
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


def _show(console: Console, changes: Sequence[Change], lock: Lock) -> None:
    if not changes:
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("", "package", "old", "new", "kB", "platforms"):
        table.add_column(heading, overflow="fold")
    for row in diff_rows(changes[:_NAMES_SHOWN], lock):
        table.add_row(*row)
    console.print(table)
    if len(changes) > _NAMES_SHOWN:
        click.echo(f"... and {len(changes) - _NAMES_SHOWN} more changes", err=True)
    if split := render_splits(lock):
        click.echo(split, err=True)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _show_inputs(changes: Sequence[Change], inputs: Sequence[InputChange], lock: Lock, *, differs: bool) -> None:
    """Say what changed beside the packages, so that the words and the exit code agree."""
    lines = [f"  {change.done}" for change in inputs]
    if not changes and inputs:
        click.echo("no package changed; the lock's inputs did:", err=True)
    elif not changes and differs:
        click.echo("no package changed; what the lock says of them did", err=True)
    elif not changes:
        size = f"{_count(len(lock.files), 'file')}, {_count(len(lock.sections), 'platform')}"
        click.echo(f"nothing changed: {size}", err=True)
    elif lines:
        click.echo("the lock's inputs changed:", err=True)
    if lines:
        click.echo("\n".join(lines), err=True)


def _write(path: Path, data: bytes) -> bool:
    """Write the lock unless it says the same already, so that its time stamp moves only with its bytes."""
    if path.exists() and path.read_bytes() == data:
        return False
    write_atomically(path, data)
    return True


def run(options: Options) -> int:
    """Refresh, show what changed, and replace the file at once, or not at all."""
    console = Console(file=sys.stderr, width=None if sys.stderr.isatty() else _WIDTH_OF_A_FILE)
    request = parse_files(named_files(options.requirements), named_files(options.constraints), options.policy)
    base = read_base(options.base, options.base_lock, options.base_update)
    request = extended(request, base, options.locked_platform)
    old = _read_old(options)
    extends = base.recorded if base else ()
    inputs = make_inputs(request, options.locked_platform, options.resolver, extends=extends)
    upgrades = parse_upgrades(options.upgrade_package, known=_known(old, request))
    lock, faults = _Refresher(options, console, request, inputs, old, upgrades, base).run()
    changes, changed_inputs = diff_locks(old, lock), diff_inputs(old, lock)
    data = render_lock(lock)
    differs = not options.path.exists() or options.path.read_bytes() != data
    if options.json:
        sys.stdout.write(json.dumps(diff_document(changes, lock, changed_inputs), sort_keys=True) + "\n")
    if options.markdown:
        sys.stdout.write(render_markdown(changes, lock, changed_inputs))
    _show(console, changes, lock)
    _show_inputs(changes, changed_inputs, lock, differs=differs)
    if options.check and differs:
        click.echo("a refresh would change the lock (not written)", err=True)
    if options.check:
        return EXIT_CHANGED if differs else 0
    _write(options.path, data)
    if faults:
        click.echo(ToolError(faults).render(), err=True)
        return EXIT_CHANGED
    return 0


@click.command("update", help="Refresh the lock for all platform tags. Without options nothing moves unasked.")
@click.option("--lock", required=True, hidden=True)
@click.option("--name", required=True, hidden=True)
@click.option("--update-command", required=True, hidden=True)
@click.option("--requirements", multiple=True, required=True, hidden=True)
@click.option("--constraints", multiple=True, hidden=True)
@click.option("--locked-platform", multiple=True, required=True, hidden=True)
@click.option("--override", multiple=True, hidden=True)
@click.option("--exclude", multiple=True, hidden=True)
@click.option("--exclude-newer", default="", hidden=True)
@click.option("--prereleases", default="", hidden=True)
@click.option("--sdist", multiple=True, hidden=True)
@click.option("--variable", multiple=True, hidden=True)
@click.option("--platform-requirements", multiple=True, hidden=True)
@click.option("--extra", multiple=True, hidden=True)
@click.option("--group", multiple=True, hidden=True)
@click.option("--resolver", type=click.Choice(["uv", "pip-tools"]), default="uv", hidden=True)
@click.option("--pip-tools-wheel", multiple=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--index", multiple=True, hidden=True)
@click.option("--index-binding", multiple=True, hidden=True)
@click.option("--index-url", multiple=True, hidden=True)
@click.option("--marker-value", multiple=True, hidden=True)
@click.option("--base", multiple=True, hidden=True)
@click.option("--base-lock", multiple=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--base-update", multiple=True, hidden=True)
@click.option("--uv", required=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--upgrade", is_flag=True, help="Take the newest versions.")
@click.option(
    "--upgrade-package",
    multiple=True,
    metavar="NAME[==VERSION]",
    help="Let one package move, to that version if it is named; may be repeated.",
)
@click.option("--platform", multiple=True, metavar="TAG", help="Refresh only that platform's section; may be repeated.")
@click.option("--keep-going", is_flag=True, help="A platform that fails keeps its old section; exit code 1.")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a refresh would change the lock.")
@click.option("--json", is_flag=True, help="Print the changes as JSON on standard output.")
@click.option("--markdown", is_flag=True, help="Print the changes as a Markdown table on standard output.")
def command(**words: Any) -> int:
    """Parse the command line and run."""
    return run(Options(**words))


def main(argv: Sequence[str]) -> int:
    """Run the command; a wrong option is bad input, too."""
    try:
        return int(command.main(args=list(argv), prog_name="update", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return EXIT_BAD_INPUT
    except click.Abort:
        return 130
