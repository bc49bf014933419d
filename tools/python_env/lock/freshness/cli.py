"""`lock test`: is the lock fresh? Offline, without a resolver."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from python_env.base.errors import Fault, ToolError
from python_env.lock.cli_inputs import PolicyWords, named_files, parse_files, parse_platforms
from python_env.lock.document import parse_lock
from python_env.lock.freshness.compare import changes
from python_env.lock.inputs import make_inputs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python_env lock test")
    parser.add_argument("--lock", type=Path, required=True)
    parser.add_argument("--update-command", required=True)
    parser.add_argument("--requirements", action="append", required=True)
    parser.add_argument("--constraints", action="append", default=[])
    parser.add_argument("--locked-platform", action="append", required=True)
    parser.add_argument("--override", action="append", default=[])
    parser.add_argument("--exclude", action="append", default=[])
    parser.add_argument("--exclude-newer", default="")
    parser.add_argument("--prereleases", default="")
    for option in ("--index", "--index-binding", "--index-url"):
        parser.add_argument(option, action="append", default=[])
    return parser


def main(argv: Sequence[str]) -> int:
    """Return 0 when the lock answers its inputs.

    Raises ToolError with every input that changed, and the command to run.
    """
    options = _parser().parse_args(argv)
    fix = options.update_command
    words = PolicyWords(
        override=options.override,
        exclude=options.exclude,
        exclude_newer=options.exclude_newer,
        prereleases=options.prereleases,
        index=options.index,
        index_binding=options.index_binding,
        index_url=options.index_url,
    )
    request = parse_files(named_files(options.requirements), named_files(options.constraints), words)
    inputs = make_inputs(request, [platform.tag for platform in parse_platforms(options.locked_platform)])
    lock = parse_lock(options.lock.read_bytes(), where=str(options.lock), fix=fix)
    if lock is None:
        raise ToolError.one("nothing is locked yet", where=str(options.lock), fix=fix)
    faults = [Fault(f"the lock is stale: {what}", where, fix) for what, where in changes(lock.inputs, inputs)]
    if faults:
        raise ToolError(faults)
    return 0
