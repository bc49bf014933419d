"""`lock update`: refreshes the lock for all platform tags, for a person at a terminal or a CI job."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from python_env.base.click_commands import run_command
from python_env.base.documents import write_atomically
from python_env.base.errors import ToolError
from python_env.base.resolving import ResolverName
from python_env.lock.document import render_lock
from python_env.lock.freshness.compare import InputChange
from python_env.lock.inputs import make_inputs
from python_env.lock.model import Lock
from python_env.lock.request_words import RequestWords
from python_env.lock.update.diff import (
    Change,
    diff_document,
    diff_inputs,
    diff_locks,
    diff_rows,
    render_markdown,
    render_splits,
)
from python_env.lock.update.kept import tool_names
from python_env.lock.update.movable import check_movable
from python_env.lock.update.old_lock import OldLock, read_old
from python_env.lock.update.options import Options
from python_env.lock.update.run import Refresher
from python_env.lock.update.upgrades import parse_upgrades
from python_env.requirements.model import Request

EXIT_CHANGED = 1
"""`--check` found a change, or `--keep-going` kept a platform that failed."""

_NAMES_SHOWN = 40
"""Changes that the terminal shows one by one; the lock itself holds them all."""


_WIDTH_OF_A_FILE = 10_000
"""Columns where nobody looks at a terminal: no word is cut."""


def _read_old(options: Options) -> OldLock:
    found = read_old(options.path, where=options.lock, fix=options.update_command)
    for fault in found.faults:
        click.echo(f"note: the old lock is written anew, none of it is kept: {fault.what} ({fault.where})", err=True)
    if found.in_conflict:
        what = "both sides' versions are kept where the requirements allow it"
        click.echo(f"note: {options.lock} holds a merge conflict: {what}", err=True)
    return found


def _known(old: Lock | None, request: Request) -> set[str]:
    """Return the names that are locked or asked for."""
    locked = {package.name for section in (old.sections if old else {}).values() for package in section.packages}
    return locked | {line.name for line in request.requirements}


def _show(console: Console, changes: Sequence[Change], lock: Lock) -> None:
    if changes:
        _show_changes(console, changes, lock)
    if split := render_splits(lock):
        click.echo(split, err=True)


def _show_changes(console: Console, changes: Sequence[Change], lock: Lock) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "package", "old", "new", "kB", "platforms"):
        table.add_column(heading, overflow="fold")
    for row in diff_rows(changes[:_NAMES_SHOWN], lock):
        table.add_row(*row)
    console.print(table)
    if len(changes) > _NAMES_SHOWN:
        click.echo(f"... and {len(changes) - _NAMES_SHOWN} more changes: --markdown has all of them", err=True)


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


def _note_editable(request: Request) -> None:
    for line in request.requirements:
        if line.editable:
            what = f"{line.name} is first-party code: it is built into a wheel, and the next build has what is edited"
            click.echo(f"note: {line.where}: {what}", err=True)


def _console() -> Console:
    """Return what prints to standard error; in a file nothing moves and no word is cut, FORCE_COLOR or not."""
    if sys.stderr.isatty():
        return Console(file=sys.stderr)
    return Console(file=sys.stderr, width=_WIDTH_OF_A_FILE, force_terminal=False, force_interactive=False)


def run(options: Options) -> int:
    """Refresh, show what changed, and replace the file at once, or not at all."""
    console = _console()
    request, base = RequestWords.of(options).read()
    _note_editable(request)
    found = _read_old(options)
    old = found.lock
    extends = base.recorded if base else ()
    inputs = make_inputs(request, options.locked_platform, options.resolver, extends=extends)
    tools = tool_names(found.pins)
    upgrades = parse_upgrades(options.upgrade_package, known=_known(found.pins, request), tools=tools)
    check_movable(request, base, upgrades, tools=tools, upgrade=options.upgrade, update=options.update_command)
    lock, faults = Refresher(options, console, request, inputs, found, upgrades, base).run()
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
    if differs and not options.check:  # the time stamp moves only with the bytes
        write_atomically(options.path, data)
    if faults:
        click.echo(ToolError(faults).render(), err=True)
    return EXIT_CHANGED if faults or (options.check and differs) else 0


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
@click.option("--resolver", type=ResolverName, default=ResolverName.UV, hidden=True)
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
    """Run the command."""
    return run_command(command, argv, "update")
