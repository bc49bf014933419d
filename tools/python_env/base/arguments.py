"""A command line of argparse whose errors are told in three parts."""

from __future__ import annotations

import argparse
import re
from difflib import get_close_matches
from typing import NoReturn

from python_env.base.errors import ToolError

_WHERE = "command line"
_OPTION = re.compile(r"argument (?P<names>\S+): ")
"""How argparse begins what is wrong with one option."""
_UNKNOWN = re.compile(r"unrecognized arguments: (?P<word>\S+)")


class Parser(argparse.ArgumentParser):
    """Raises ToolError for what it cannot take, where argparse prints its usage and leaves."""

    def error(self, message: str) -> NoReturn:
        """Raise ToolError; the fix is what the option takes, the one that was meant, or where all of them are told."""
        raise ToolError.one(message, where=_WHERE, fix=self._fix(message))

    def _fix(self, message: str) -> str:
        if found := _OPTION.match(message):
            names = found["names"].split("/")
            told = [each for each in self._actions if {*names} & {*each.option_strings, each.dest, each.metavar}]
            if told and told[0].help:
                return f"{found['names']}: {told[0].help}"
        if found := _UNKNOWN.match(message):
            known = [name for each in self._actions for name in each.option_strings]
            if near := get_close_matches(found["word"], known, n=1):
                return f"write {near[0]}, or leave it out"
        return f"`{self.prog} --help` says what it takes"
