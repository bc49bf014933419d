"""`lock update`: refreshes the lock for all platform tags, for a person at a terminal or a CI job."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from python_env.base.documents import write_atomically
from python_env.base.errors import EXIT_BAD_INPUT, Fault, ToolError
from python_env.base.platforms import Platform
from python_env.lock.cli_inputs import PolicyWords, named_files, parse_files, parse_platforms
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.facts import FactSource
from python_env.lock.index import default_index, network_environment
from python_env.lock.indexes.opened import open_indexes
from python_env.lock.inputs import make_inputs
from python_env.lock.model import Inputs, Lock
from python_env.lock.resolvers.uv import UvResolver
from python_env.lock.update.diff import Change, diff_document, diff_locks, diff_rows, render_markdown, render_splits
from python_env.lock.update.merge import check_kept, merge
from python_env.lock.update.refresh import Task, refresh
from python_env.requirements.model import Request

EXIT_CHANGED = 1
"""`--check` found a change, or `--keep-going` kept a platform that failed."""

_NAMES_SHOWN = 40
"""Changes that the terminal shows one by one; the lock itself holds them all."""


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
    index: tuple[str, ...]
    index_binding: tuple[str, ...]
    index_url: tuple[str, ...]
    uv: Path
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
            index=self.index,
            index_binding=self.index_binding,
            index_url=self.index_url,
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


def _read_old(options: Options) -> Lock | None:
    """Return the old lock; a missing or broken one costs its versions, never the refresh."""
    try:
        return parse_lock(options.path.read_bytes(), where=options.lock, fix=options.update_command)
    except FileNotFoundError:
        return None
    except ToolError as error:
        click.echo(f"the old lock is not usable and is written anew:\n{error.render()}", err=True)
        return None


def _preferred(old: Lock | None, options: Options) -> dict[str, dict[str, str]]:
    """Return by platform tag the versions that stay."""
    if old is None or options.upgrade:
        return {}
    return {
        tag: {
            package.name: package.version for package in section.packages if package.name not in options.upgrade_package
        }
        for tag, section in old.sections.items()
    }


def _asked_platforms(options: Options) -> tuple[Platform, ...]:
    """Return the platforms to refresh: all that the lock shall hold, or those of them that a person names."""
    locked = parse_platforms(options.locked_platform)
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

    def run(self) -> tuple[Lock, list[Fault]]:
        """Return the new lock, and the faults of platforms that kept their old section."""
        platforms = _asked_platforms(self.options)
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
        check_kept(self.old, self.inputs, failed)
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
        return merge(new, self.old, self.inputs) if self.old is not None else new

    def _refresh(self, platforms: Sequence[Platform]) -> Lock:
        default = default_index(os.environ)
        cache = cache_folder()
        with (
            open_indexes(self.request.indexes, default, os.environ, self.options.root) as indexes,
            self.console.status(f"locking {self.options.name}") as status,
        ):
            task = Task(
                request=self.request,
                platforms=platforms,
                resolver=indexes.wrap(UvResolver(self.options.uv.absolute(), indexes.index, cache / "uv")),
                facts=FactSource(cache / "metadata", network_environment(default), indexes.web),
                preferred=_preferred(self.old, self.options),
                progress=lambda tag, what: status.update(f"{tag}: {what}"),
            )
            lock = refresh(task)
        for text in sorted(indexes.warnings):
            click.echo(f"warning: {text}", err=True)
        return lock


def _show(console: Console, changes: Sequence[Change], lock: Lock) -> None:
    if not changes:
        click.echo(f"nothing changed: {len(lock.files)} files, {len(lock.sections)} platforms", err=True)
        return
    table = Table("", "package", "old", "new", "kB", "platforms", box=None, pad_edge=False)
    for row in diff_rows(changes[:_NAMES_SHOWN], lock):
        table.add_row(*row)
    console.print(table)
    if len(changes) > _NAMES_SHOWN:
        click.echo(f"... and {len(changes) - _NAMES_SHOWN} more changes", err=True)
    if split := render_splits(lock):
        click.echo(split, err=True)


def _write(path: Path, data: bytes) -> bool:
    """Write the lock unless it says the same already, so that its time stamp moves only with its bytes."""
    if path.exists() and path.read_bytes() == data:
        return False
    write_atomically(path, data)
    return True


def run(options: Options) -> int:
    """Refresh, show what changed, and replace the file at once, or not at all."""
    console = Console(file=sys.stderr)
    request = parse_files(named_files(options.requirements), named_files(options.constraints), options.policy)
    old = _read_old(options)
    inputs = make_inputs(request, options.locked_platform)
    lock, faults = _Refresher(options, console, request, inputs, old).run()
    changes = diff_locks(old, lock)
    data = render_lock(lock)
    if options.json:
        sys.stdout.write(json.dumps(diff_document(changes, lock), sort_keys=True) + "\n")
    if options.markdown:
        sys.stdout.write(render_markdown(changes, lock))
    _show(console, changes, lock)
    if options.check:
        return EXIT_CHANGED if not options.path.exists() or options.path.read_bytes() != data else 0
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
@click.option("--index", multiple=True, hidden=True)
@click.option("--index-binding", multiple=True, hidden=True)
@click.option("--index-url", multiple=True, hidden=True)
@click.option("--uv", required=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--upgrade", is_flag=True, help="Take the newest versions.")
@click.option("--upgrade-package", multiple=True, metavar="NAME", help="Let one package move; may be repeated.")
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
