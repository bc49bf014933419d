"""`deploy channel`: shows a channel of one or several artifacts, or rolls it back."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from python_env.artifacts.model import parse_report
from python_env.base.click_commands import run_command
from python_env.base.errors import ToolError
from python_env.deploy.channels import Gone, Mover
from python_env.deploy.documents.channel import Channel, Move, Target, render_channel
from python_env.deploy.documents.metadata import parse_metadata
from python_env.deploy.documents.receipt import Action, Receipt, make_receipt
from python_env.deploy.edge import (
    Opened,
    faults_in_parts,
    open_place,
    place_options,
    say,
)
from python_env.deploy.names import channel_path, check_channel, metadata_name


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The command line."""

    channel: str
    to: str
    original: tuple[str, ...]
    platform: str | None
    report: tuple[Path, ...]
    rollback: bool
    attempts: int
    timeout: float
    dry_run: bool
    as_json: bool


def artifacts_of(options: Options) -> list[tuple[str, str]]:
    """Return file name and platform of each artifact whose channel is meant; raises ToolError when there is none."""
    read = [parse_report(path.read_bytes(), where=path.name) for path in options.report]
    known = [(report.file, report.platform) for report in read]
    if known:
        chosen = [each for each in known if not options.original or each[0] in options.original]
        fix = f"--file is one of {', '.join(file for file, _ in known)}"
    else:
        chosen = [(file, options.platform) for file in options.original if options.platform]
        fix = "name --file and --platform, or run the :<name>_deploy target, which knows them"
    if len(chosen) < max(len(set(options.original)), 1):
        raise ToolError.one("whose channel is meant?", where="command line", fix=fix)
    return chosen


def _mover(opened: Opened, original: str, platform: str) -> Mover:
    return Mover(
        store=opened.store,
        retry=opened.retry,
        unique=opened.author.unique,
        uri=opened.place.file,
        original=original,
        platform=platform,
    )


def _rolled_back(opened: Opened, mover: Mover, *, channel: str, target: Target) -> Channel:
    """Return to the target before; its receipt is written first, so that no collection takes it meanwhile."""
    mover.record(_receipt(opened, channel=channel, target=target))
    move = Move(target=target, who=opened.author.who, when=opened.author.now(), rollback=True)
    try:
        return mover.move(channel, move)
    except Gone as error:
        what = f"{target.file} was removed meanwhile"
        raise ToolError.one(what, where=target.uri, fix="run it again: the one before is taken") from error


def _receipt(opened: Opened, *, channel: str, target: Target) -> Receipt:
    name = metadata_name(target.file)
    found = opened.retry.run(lambda: opened.store.read(name))
    if found is None:
        raise ToolError.one(
            f"{target.file} has no metadata", where=opened.place.file(name), fix="deploy that artifact again"
        )
    metadata = parse_metadata(found.data, where=opened.place.file(name))
    return make_receipt(
        metadata,
        action=Action.ROLLBACK,
        uri=target.uri,
        channels=(channel,),
        who=opened.author.who,
        when=opened.author.now(),
    )


def _shown(opened: Opened, mover: Mover, channel: str) -> Channel:
    found = mover.read(channel)
    if found is None:
        where = opened.place.file(channel_path(mover.original, mover.platform, channel))
        raise ToolError.one(f"there is no channel {channel!r}", where=where, fix="deploy with --channel")
    return found


def run(options: Options) -> int:
    """Show the channel of every artifact, or roll all of them back: none when one of them cannot."""
    channel, artifacts = check_channel(options.channel), artifacts_of(options)
    with faults_in_parts(options.to):
        opened = open_place(options.to, attempts=options.attempts, timeout=options.timeout)
        movers = [_mover(opened, original, platform) for original, platform in artifacts]
        targets = [mover.rollback_target(channel) for mover in movers] if options.rollback else []
        if options.dry_run and options.rollback:
            for target in targets:
                say(f"channel {channel} would return to {target.uri}")
            return 0
        for number, mover in enumerate(movers):
            back = _rolled_back(opened, mover, channel=channel, target=targets[number]) if options.rollback else None
            _report(back or _shown(opened, mover, channel), opened, options)
    return 0


def _report(found: Channel, opened: Opened, options: Options) -> None:
    """Print where it points: what its document says of the place counts for nothing, if the two differ."""
    real = found.placed(opened.place.file)
    if options.as_json:
        sys.stdout.write(json.dumps(json.loads(render_channel(real)), sort_keys=True) + "\n")
    say(f"channel {real.name} points at {real.target.uri}")
    if real.target != found.target:
        say(
            f"warning: its document says {found.target.uri}: the folder was copied, or --to spells it in another way; "
            "the next move or --rollback writes where the files lie"
        )


@click.command("channel", help="Show where a channel points, or return it to where it pointed before.")
@click.argument("channel", metavar="NAME")
@place_options
@click.option("--file", "original", multiple=True, help="The artifact's file name, e.g. training.venv.tar.gz.")
@click.option("--platform", metavar="TAG", help="Platform tag of the artifact.")
@click.option("--report", multiple=True, type=click.Path(path_type=Path), hidden=True)
@click.option("--rollback", is_flag=True, help="Point it at its earlier target that is still there.")
@click.option("--dry-run", is_flag=True, help="Say what --rollback would return to; nothing is written.")
@click.option("--json", "as_json", is_flag=True, help="Print the channel as JSON on standard output.")
def command(**words: Any) -> int:
    """Parse the command line and run."""
    return run(Options(**words))


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    return run_command(command, argv, "channel")
