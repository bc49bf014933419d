"""`lock test`: is the lock fresh? Offline, without a resolver."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from python_env.base.arguments import Parser
from python_env.base.errors import Fault, ToolError
from python_env.base.resolving import ResolverName
from python_env.lock.cli_inputs import parse_platforms
from python_env.lock.document import parse_lock
from python_env.lock.freshness.compare import InputChange, input_changes
from python_env.lock.freshness.version import version_change
from python_env.lock.inputs import make_inputs
from python_env.lock.request_words import RequestWords
from python_env.lock.scopes import check_scopes
from python_env.requirements.model import Request


def request_parser() -> argparse.ArgumentParser:
    """Return the parser of what the rules say about a request; `.resolver_test` adds its own words."""
    parser = Parser(prog="python_env lock test")
    parser.add_argument("--lock", type=Path, required=True)
    parser.add_argument("--update-command", required=True)
    parser.add_argument("--requirements", action="append", required=True)
    parser.add_argument("--constraints", action="append", default=[])
    parser.add_argument("--locked-platform", action="append", required=True)
    parser.add_argument("--override", action="append", default=[])
    parser.add_argument("--exclude", action="append", default=[])
    parser.add_argument("--exclude-newer", default="")
    parser.add_argument("--prereleases", default="")
    parser.add_argument("--sdist", action="append", default=[])
    parser.add_argument("--variable", action="append", default=[])
    parser.add_argument("--platform-requirements", action="append", default=[])
    parser.add_argument("--extra", action="append", default=[])
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--resolver", type=ResolverName, choices=list(ResolverName), default=ResolverName.UV)
    parser.add_argument("--tools-lock", type=Path)
    for option in ("--index", "--index-binding", "--index-url", "--marker-value", "--base", "--base-update"):
        parser.add_argument(option, action="append", default=[])
    parser.add_argument("--base-lock", type=Path, action="append", default=[])
    return parser


def main(argv: Sequence[str]) -> int:
    """Return 0 when the lock answers its inputs.

    Raises ToolError with every input that changed, and the command to run.
    """
    options = request_parser().parse_args(argv)
    fix = options.update_command
    request, base = RequestWords.of(options).read()
    platforms = parse_platforms(options.locked_platform, request.policy.marker_values)
    check_scopes(request, platforms)
    tags = [platform.tag for platform in platforms]
    inputs = make_inputs(request, tags, options.resolver, extends=base.recorded if base else ())
    lock = parse_lock(options.lock.read_bytes(), where=str(options.lock), fix=fix)
    if lock is None:
        raise ToolError.one("nothing is locked yet", where=str(options.lock), fix=fix)
    faults = [_stale(found, request, fix)] if (found := input_changes(lock.inputs, inputs)) else []
    if options.tools_lock is not None and (what := version_change(lock, options.tools_lock.read_bytes())):
        faults.append(Fault(what, "resolver", fix))
    if faults:
        raise ToolError(faults)
    return 0


def _stale(found: Sequence[InputChange], request: Request, fix: str) -> Fault:
    """Return one fault for all changes, since one command mends them."""
    lines = {(line.input_text, line.source): line.where for line in (*request.requirements, *request.constraints)}
    places = dict.fromkeys(lines.get((change.new, change.where), change.where) for change in found)
    return Fault("the lock is stale: " + "\n".join(change.stale for change in found), ", ".join(places), fix)
