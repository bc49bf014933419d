"""`deploy upload`: publishes artifacts, for a person at a terminal or a CI job."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from python_env.base.click_commands import run_command
from python_env.base.errors import ToolError
from python_env.deploy.completing import Launcher, check_launcher, read_launcher, write_completed
from python_env.deploy.documents.receipt import Action, Receipt, render_receipt
from python_env.deploy.edge import (
    Opened,
    caller_folder,
    faults_in_parts,
    open_place,
    place_options,
    say,
    write_file,
)
from python_env.deploy.launches import hadoop_uri
from python_env.deploy.names import check_channel
from python_env.deploy.publishing import Wanted, check_none_refused, plans, publish, read_wanted, say_plans
from python_env.deploy.uri import parse_place

_DONE = {
    Action.UPLOAD: "deployed",
    Action.SKIP: "present, nothing sent:",
    Action.CONFIRM: "present, read back:",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The command line."""

    artifact: tuple[Path, ...]
    report: tuple[Path, ...]
    to: str
    channel: tuple[str, ...]
    receipt: Path | None
    launcher: Path | None
    renderings: Path | None
    render: Path | None
    replication: int | None
    attempts: int
    timeout: float
    dry_run: bool
    json: bool


def _show_plans(opened: Opened, wanted: Sequence[Wanted], options: Options) -> int:
    """Print what would be done; a refusal is a fault here, too."""
    found = plans(opened, wanted)
    if options.json:
        rows = [
            {
                "action": plan.action.value,
                "reason": plan.reason,
                "size": plan.metadata.size,
                "uri": opened.place.file(plan.metadata.file),
            }
            for plan in found
        ]
        sys.stdout.write(json.dumps({"channels": list(options.channel), "files": rows}, sort_keys=True) + "\n")
    say_plans(opened, found)
    check_none_refused(opened, found)
    return 0


def run(options: Options) -> int:
    """Deploy all artifacts, or show what would be done."""
    for channel in options.channel:
        check_channel(channel)
    if options.receipt and len(options.artifact) > 1:
        raise ToolError.one("one --receipt for several artifacts", where="command line", fix="use --json")
    wanted = read_wanted(options.artifact, options.report)
    launcher = _launcher(options, wanted)
    with faults_in_parts(options.to):
        opened = open_place(
            options.to, attempts=options.attempts, timeout=options.timeout, replication=options.replication
        )
        if options.dry_run:
            return _show_plans(opened, wanted, options)
        if len(wanted) > 1:  # what is refused is found before the first of several is sent
            check_none_refused(opened, plans(opened, wanted))
        receipts = []
        for each in wanted:
            receipts.append(publish(opened, each, options.channel, quiet=options.json))
            _report(receipts[-1], opened, options)
    if options.render and launcher:
        pairs = zip((each.metadata for each in wanted), receipts, strict=True)
        folder = caller_folder() / options.render
        written = write_completed(folder, launcher, list(pairs))
        say(f"{len(written)} files in {folder}: the launcher's renderings for what was deployed, and receipts")
    return 0


def _launcher(options: Options, wanted: Sequence[Wanted]) -> Launcher | None:
    """Return what is completed; raises ToolError, before anything is sent, when it cannot be."""
    if options.render is None:
        return None
    if options.launcher is None:
        raise ToolError.one(
            "--render completes a launcher's renderings, and there is no launcher",
            where="command line",
            fix="set `launcher` of python_env_deploy, or name --launcher and --renderings",
        )
    launcher = read_launcher(options.launcher, options.renderings)
    check_launcher(launcher, [each.metadata for each in wanted])
    hadoop_uri(parse_place(options.to, start=caller_folder()).uri)
    return launcher


def _report(receipt: Receipt, opened: Opened, options: Options) -> None:
    data = render_receipt(receipt)
    if options.receipt:
        write_file(caller_folder() / options.receipt, data)
    if options.json:
        sys.stdout.write(json.dumps(json.loads(data), sort_keys=True) + "\n")
    say(f"{_DONE[receipt.action]} {receipt.uri}")
    for warning in opened.retry.run(lambda: opened.store.sharing_warnings(receipt.file)):
        say(f"warning: YARN cannot share it between users (PUBLIC cache): {warning}")
    for channel in receipt.channels:
        say(f"channel {channel} points at it")


@click.command("upload", help="Publish the artifact under a name with its digest; what is there is never replaced.")
@click.option("--artifact", multiple=True, required=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--report", multiple=True, required=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--launcher", type=click.Path(path_type=Path), hidden=True)
@click.option("--renderings", type=click.Path(path_type=Path), hidden=True)
@place_options
@click.option("--channel", multiple=True, metavar="NAME", help="Point it at the artifact; may be repeated.")
@click.option("--receipt", type=click.Path(path_type=Path), help="Write the receipt there as well.")
@click.option("--render", type=click.Path(path_type=Path), metavar="DIR", help="Write the launcher's files there.")
@click.option("--replication", type=click.IntRange(1, 512), help="Copies that HDFS keeps of each block.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; nothing is written.")
@click.option("--json", is_flag=True, help="Print receipts, or the plan, as JSON on standard output.")
def command(**words: Any) -> int:
    """Parse the command line and run."""
    return run(Options(**words))


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    return run_command(command, argv, "upload")
