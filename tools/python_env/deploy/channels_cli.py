"""`deploy channel`: shows a channel, or rolls it back."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from python_env.base.errors import ToolError
from python_env.deploy.channels import Gone, Mover
from python_env.deploy.edge import Opened, faults_in_parts, now_text, open_place, run_command, say, unique, who
from python_env.deploy.model import Channel, Move, Target, make_receipt, parse_metadata, render_channel
from python_env.deploy.names import channel_path, check_channel, metadata_name


def _mover(opened: Opened, original: str, platform: str) -> Mover:
    return Mover(
        store=opened.store,
        retry=opened.retry,
        unique=unique,
        uri=opened.place.file,
        original=original,
        platform=platform,
    )


def _rolled_back(opened: Opened, mover: Mover, channel: str) -> Channel:
    """Return to the target before; its receipt is written first, so that no collection takes it meanwhile."""
    target = mover.rollback_target(channel)
    _record(opened, mover, channel, target)
    move = Move(target=target, who=who(), when=now_text(), rollback=True)
    try:
        return mover.move(channel, move)
    except Gone as error:
        what = f"{target.file} was removed meanwhile"
        raise ToolError.one(what, where=target.uri, fix="run it again: the one before is taken") from error


def _record(opened: Opened, mover: Mover, channel: str, target: Target) -> None:
    name = metadata_name(target.file)
    found = opened.retry.run(lambda: opened.store.read(name))
    if found is None:
        raise ToolError.one(
            f"{target.file} has no metadata", where=opened.place.file(name), fix="deploy that artifact again"
        )
    metadata = parse_metadata(found.data, where=opened.place.file(name))
    channels = (channel,)
    receipt = make_receipt(metadata, action="rollback", uri=target.uri, channels=channels, who=who(), when=now_text())
    mover.record(receipt)


def _shown(opened: Opened, mover: Mover, channel: str) -> Channel:
    found = mover.read(channel)
    if found is None:
        where = opened.place.file(channel_path(mover.original, mover.platform, channel))
        raise ToolError.one(f"there is no channel {channel!r}", where=where, fix="deploy with --channel")
    return found


@click.command("channel", help="Show where a channel points, or return it to where it pointed before.")
@click.option("--to", required=True, metavar="URI", help="The folder that was deployed to.")
@click.option("--file", "original", required=True, help="The artifact's file name, e.g. training.venv.tar.gz.")
@click.option("--platform", required=True, metavar="TAG", help="Platform tag of the artifact.")
@click.option("--channel", required=True, metavar="NAME")
@click.option("--rollback", is_flag=True, help="Point it at its earlier target that is still there.")
@click.option("--attempts", type=click.IntRange(1, 50), default=6, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the channel as JSON on standard output.")
def command(**words: Any) -> int:
    """Parse the command line and run."""
    channel = check_channel(words["channel"])
    with faults_in_parts(words["to"]):
        opened = open_place(words["to"], attempts=words["attempts"])
        mover = _mover(opened, words["original"], words["platform"])
        found = _rolled_back(opened, mover, channel) if words["rollback"] else _shown(opened, mover, channel)
    if words["as_json"]:
        sys.stdout.write(json.dumps(json.loads(render_channel(found)), sort_keys=True) + "\n")
    say(f"channel {channel} points at {found.target.uri}")
    return 0


def main(argv: Sequence[str]) -> int:
    """Run the command; a wrong option is bad input, too."""
    return run_command(command, argv, "channel")
