"""Errors meant for people: what is wrong, where, and the command or edit that mends it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

EXIT_BAD_INPUT = 2
"""Exit code when the input is at fault; nothing was written."""

EXIT_BUG = 70
"""Exit code when our own code is at fault (EX_SOFTWARE of sysexits.h)."""


EXIT_INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it (128 + SIGINT)."""

_USER_INFO = re.compile(r"(?P<scheme>\w*)://(?P<user>[^/\s'\"`<>]*)@")
_CONTAINERS = ("abfs", "abfss")
"""Schemes whose user is the name of a container: Hadoop's spelling of Azure's places."""


def redact(text: str) -> str:
    """Return text without the user and password of any URL in it, whoever wrote the text."""
    return _USER_INFO.sub(_redacted, text)


def _redacted(found: re.Match[str]) -> str:
    is_container = found["scheme"].lower() in _CONTAINERS and not {":", "@"} & {*found["user"]}
    return found[0] if is_container else f"{found['scheme']}://***@"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the input, in three parts."""

    what: str
    """One sentence: what is wrong."""
    where: str
    """File and line, field path or package chain that holds the fault."""
    fix: str
    """The edit or the command that mends it."""

    def render(self) -> str:
        """Return the fault as the three lines that a person reads."""
        return "\n".join(
            f"{label}{_indent(redact(text), len(label))}"
            for label, text in (("error: ", self.what), ("  where: ", self.where), ("  fix:   ", self.fix))
        )


class ToolError(Exception):
    """Bad input: carries every fault of one kind that was found, at least one."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.render())

    @classmethod
    def one(cls, what: str, *, where: str, fix: str) -> ToolError:
        """Return an error with a single fault."""
        return cls([Fault(what, where, fix)])

    def render(self) -> str:
        """Return all faults as text, in the order in which they were found."""
        return "\n".join(fault.render() for fault in self.faults)


def _indent(text: str, width: int) -> str:
    return text.replace("\n", "\n" + " " * width)
