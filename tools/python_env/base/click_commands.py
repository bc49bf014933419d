"""Runs a command of click: what it refuses is told in three parts."""

from __future__ import annotations

from collections.abc import Sequence

import click

from python_env.base.errors import EXIT_INTERRUPTED, ToolError


def run_command(command: click.Command, argv: Sequence[str], name: str) -> int:
    """Return the command's exit code; raises ToolError for a wrong option, what the command itself raises, too."""
    try:
        return int(command.main(args=list(argv), prog_name=name, standalone_mode=False) or 0)
    except click.ClickException as error:
        raise ToolError.one(error.format_message(), where=_where(error), fix=_fix(error, name)) from error
    except click.Abort:
        return EXIT_INTERRUPTED


def _where(error: click.ClickException) -> str:
    parameter = error.param if isinstance(error, click.BadParameter) else None
    return parameter.opts[0] if parameter and parameter.opts[0].startswith("-") else "command line"


def _fix(error: click.ClickException, name: str) -> str:
    """Return what the option takes, else where all of them are told."""
    if isinstance(error, click.BadParameter) and error.param and error.ctx:
        record = error.param.get_help_record(error.ctx)
        if record and record[1]:
            return f"{record[0]}: {record[1]}"
    return f"--help says what {name} takes"
