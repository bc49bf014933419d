"""`deploy gc`: removes old files that no channel and no young receipt names."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Sequence
from typing import Any

import click

from python_env.base.click_commands import run_command
from python_env.base.errors import ToolError
from python_env.deploy.collect import Collection, Collector, Rules
from python_env.deploy.edge import faults_in_parts, open_place, place_options, say

_AGE = re.compile(r"(?P<number>[0-9]{1,6})(?P<unit>[smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def parse_age(text: str) -> float:
    """Return the seconds of `30d`, `12h`, `45m`, `2w`; raises ToolError for any other text."""
    found = _AGE.fullmatch(text)
    if found is None:
        raise ToolError.one(f"{text!r} is no age", where="--older-than", fix="a number and s, m, h, d or w, e.g. 30d")
    return float(int(found["number"]) * _SECONDS[found["unit"]])


def _show(found: Collection, place: str, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        document = {
            "kept": dict(found.kept),
            "partial": [stat.path for stat in found.partial],
            "removed": [stat.path for stat in found.removed],
        }
        sys.stdout.write(json.dumps(document, sort_keys=True) + "\n")
    word = "would remove" if dry_run else "removed"
    for stat in (*found.removed, *found.partial):
        say(f"{word} {place}/{stat.path} ({stat.size} bytes)")
    size = sum(stat.size for stat in (*found.removed, *found.partial))
    say(f"{word} {len(found.removed)} files and {len(found.partial)} partial ones, {size} bytes")


@click.command("gc", help="Remove old files that no channel and no receipt younger than the limit names.")
@place_options
@click.option("--keep", type=click.IntRange(0), default=5, show_default=True, help="So many newest files stay.")
@click.option("--older-than", default="30d", show_default=True, metavar="AGE", help="Younger files stay.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, by this machine's clock; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON on standard output.")
def command(**words: Any) -> int:
    """Parse the command line and run."""
    rules = Rules(keep=words["keep"], seconds=parse_age(words["older_than"]))
    with faults_in_parts(words["to"]):
        opened = open_place(words["to"], attempts=words["attempts"], timeout=words["timeout"])
        collector = Collector(
            store=opened.store, retry=opened.retry, uri=opened.place.file, rules=rules, run=opened.author.unique()
        )
        found = collector.plan(now=time.time()) if words["dry_run"] else collector.collect()
    _show(found, opened.place.uri, dry_run=words["dry_run"], as_json=words["as_json"])
    return 0


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    return run_command(command, argv, "gc")
