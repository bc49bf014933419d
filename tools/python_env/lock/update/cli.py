"""`lock update`: refreshes the lock for all platform tags, for a person at a terminal or a CI job."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from python_env.base.documents import write_atomically
from python_env.base.errors import EXIT_BAD_INPUT, ToolError
from python_env.lock.cli_inputs import named_files, parse_files, parse_platforms
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.facts import FactSource
from python_env.lock.index import default_index, network_environment
from python_env.lock.model import Lock
from python_env.lock.resolvers.uv import UvResolver
from python_env.lock.update.diff import Change, diff_locks
from python_env.lock.update.refresh import Task, refresh

_NAMES_SHOWN = 40
"""Changes that the terminal shows one by one; the lock itself holds them all."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the resolver and the metadata reader keep what they fetched."""
    home = environ.get("XDG_CACHE_HOME") or (Path.home() / ".cache")
    return Path(home) / "python_env"


def _lock_path(path: str) -> Path:
    """Return the lock's real place: `bazel run` starts elsewhere and says where the workspace is."""
    return Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", ".")) / path


def _read_old(path: Path, command: str, console: Console) -> Lock | None:
    """Return the old lock; a missing or broken one costs its seeds, never the refresh."""
    try:
        return parse_lock(path.read_bytes(), where=path.name, fix=command)
    except FileNotFoundError:
        return None
    except ToolError as error:
        console.print(
            f"the old lock is not usable and is written anew:\n{error.render()}", markup=False, highlight=False
        )
        return None


def _preferred(old: Lock | None, upgrade: bool, upgraded: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return by platform tag the versions that stay; platforms that are new take those of the first old one."""
    if old is None or upgrade:
        return {}
    return {
        tag: {package.name: package.version for package in section.packages if package.name not in upgraded}
        for tag, section in old.sections.items()
    }


def _show(console: Console, changes: Sequence[Change], lock: Lock) -> None:
    if not changes:
        console.print(f"nothing changed: {len(lock.files)} files, {len(lock.sections)} platforms", highlight=False)
        return
    table = Table("", "package", "old", "new", "platforms", box=None, pad_edge=False)
    for change in changes[:_NAMES_SHOWN]:
        everywhere = len(change.platforms) == len(lock.sections)
        table.add_row(
            change.word, change.name, change.old, change.new, "all" if everywhere else " ".join(change.platforms)
        )
    console.print(table)
    if len(changes) > _NAMES_SHOWN:
        console.print(f"... and {len(changes) - _NAMES_SHOWN} more changes", highlight=False)


@click.command("update", help="Refresh the lock for all platform tags.")
@click.option("--lock", "lock_name", required=True, help="The lock, named from the workspace.")
@click.option("--name", required=True, help="The environment's name.")
@click.option("--update-command", required=True, help="The command that runs this, for messages.")
@click.option("--requirements", multiple=True, required=True, help="NAME=PATH of a requirement file.")
@click.option("--constraints", multiple=True, help="NAME=PATH of a constraint file.")
@click.option("--platform", "tags", multiple=True, required=True, help="A platform tag; may be given several times.")
@click.option("--uv", "program", required=True, type=click.Path(path_type=Path), help="The uv program.")
@click.option("--upgrade", is_flag=True, help="Take the newest versions; without it nothing moves unasked.")
@click.option("--upgrade-package", multiple=True, help="Let one package move; may be given several times.")
def command(
    lock_name: str,
    name: str,
    update_command: str,
    requirements: tuple[str, ...],
    constraints: tuple[str, ...],
    tags: tuple[str, ...],
    program: Path,
    upgrade: bool,
    upgrade_package: tuple[str, ...],
) -> None:
    """Refresh the lock; the file is replaced at once, or not at all."""
    console = Console(file=sys.stderr)
    path = _lock_path(lock_name)
    request = parse_files(named_files(requirements), named_files(constraints))
    old = _read_old(path, update_command, console)
    index = default_index(os.environ)
    cache = cache_folder()
    with console.status(f"locking {name}") as status:
        task = Task(
            request=request,
            platforms=parse_platforms(tags),
            resolver=UvResolver(program.absolute(), index, cache / "uv"),
            facts=FactSource(cache / "metadata", network_environment(index)),
            preferred=_preferred(old, upgrade, upgrade_package),
            progress=lambda tag, what: status.update(f"{tag}: {what}"),
        )
        lock = refresh(task)
    _write(path, render_lock(lock))
    _show(console, diff_locks(old, lock), lock)


def _write(path: Path, data: bytes) -> None:
    """Write the lock unless it says the same already, so that its time stamp moves only with its bytes."""
    if not path.exists() or path.read_bytes() != data:
        write_atomically(path, data)


def main(argv: Sequence[str]) -> int:
    """Run the command; a wrong option is bad input, too."""
    try:
        command.main(args=list(argv), prog_name="update", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_BAD_INPUT
    except click.Abort:
        return 130
    return 0
