"""`deploy target WORDS -- ...`: what `bazel run //envs:training_deploy -- ...` runs; WORDS are the target's own.

-- [--to URI] [--channel NAME] ...      publishes the target's artifacts
-- gc --keep 5 --older-than 30d         removes old files
-- channel stable [--rollback]          shows a channel of its artifacts, or rolls it back
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from python_env.base.arguments import Parser
from python_env.deploy import channels_cli, cli, collect_cli

_VERBS = ("channel", "gc", "upload")
_UPLOAD = ("artifact", "report", "launcher", "renderings", "to", "channel", "replication")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python_env deploy target")
    for name in ("artifact", "report", "channel"):
        parser.add_argument(f"--{name}", action="append", default=[])
    for name in ("to", "replication", "launcher", "renderings"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--dry-run", action="store_true")
    return parser


def _words(fixed: Any, *names: str) -> list[str]:
    """Return the target's own words of some options; what a person writes behind them wins or adds to them."""
    words: list[str] = []
    for name in names:
        value = getattr(fixed, name)
        for each in value if isinstance(value, list) else [value] if value else []:
            words += [f"--{name}", each]
    return [*words, "--dry-run"] if fixed.dry_run else words


def command_of(argv: Sequence[str]) -> tuple[str, list[str]]:
    """Return the command that is meant and its words; without `--` a person has said nothing."""
    words = [*argv] if "--" in argv else [*argv, "--"]
    split = words.index("--")
    fixed, said = _parser().parse_args(words[:split]), words[split + 1 :]
    verb = said.pop(0) if said[:1] and said[0] in _VERBS else "upload"
    if verb == "gc":
        return verb, [*_words(fixed, "to"), *said]
    if verb == "channel":
        return verb, [*_words(fixed, "to", "report"), *said]
    return verb, [*_words(fixed, *_UPLOAD), *said]


def main(argv: Sequence[str]) -> int:
    """Run the command that is meant."""
    verb, words = command_of(argv)
    return {"channel": channels_cli.main, "gc": collect_cli.main, "upload": cli.main}[verb](words)
