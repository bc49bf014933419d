"""What the files of one request have said so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from python_env.base.errors import Fault
from python_env.requirements.model import Asked, Choice, IndexLine
from python_env.requirements.toml_file import Document

Reader = Callable[[str], str]
"""Returns the text of a file, by the name that the lock uses; raises OSError, or ValueError for a name that is none."""

NOTHING_CHOSEN = Choice()


@dataclass(slots=True)
class ParseState:
    """Gathers from file to file; what is wrong is noted, and raised together at the end."""

    read: Reader
    variables: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    """Tags that the files now read are for; empty: all."""
    prereleases: bool = False
    require_hashes: str = ""
    """Place of the first `--require-hashes`."""
    no_binary: set[str] = field(default_factory=set)
    only_binary: dict[str, str] = field(default_factory=dict)
    """Names, and `:all:`, by the place that says so first."""
    requirements: list[Asked] = field(default_factory=list)
    constraints: list[Asked] = field(default_factory=list)
    choice: Choice = NOTHING_CHOSEN
    documents: list[Document] = field(default_factory=list)
    index_lines: list[IndexLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    done: set[tuple[str, bool, tuple[str, ...]]] = field(default_factory=set)
    """Files that were read, as requirements or as constraints (True), and for which platforms: each is read once."""

    def fault(self, what: str, where: str, fix: str) -> None:
        """Note what is wrong."""
        self.faults.append(Fault(what, where, fix))
