"""The words by which the rules say what is asked for, as a request: the edge of `.update` and of both tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from python_env.lock.cli_inputs import PolicyWords, named_files, parse_files, workspace_root
from python_env.lock.extends.cli_inputs import extended, read_base
from python_env.lock.extends.model import Base
from python_env.requirements.model import Request
from python_env.requirements.wheels_only import check_wheels_only


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestWords(PolicyWords):
    """A rule's request, as it stands on the command line."""

    requirements: Sequence[str]
    """NAME=PATH."""
    constraints: Sequence[str] = ()
    """NAME=PATH."""
    locked_platform: Sequence[str]
    base: Sequence[str] = ()
    base_lock: Sequence[Path] = ()
    base_update: Sequence[str] = ()

    @classmethod
    def of(cls, options: object) -> RequestWords:
        """Return the words that a command line has as attributes, among others."""
        return cls(**{each.name: getattr(options, each.name) for each in fields(cls)})

    @property
    def files_root(self) -> Path:
        """Return the folder that the names of files start from."""
        return workspace_root(named_files(self.requirements))

    def read(self) -> tuple[Request, Base | None]:
        """Return what is asked for, what the base asks for included, and the base.

        Raises ToolError with what is not understood, or stands against the base.
        """
        request = parse_files(named_files(self.requirements), named_files(self.constraints), self)
        base = read_base(self.base, self.base_lock, self.base_update)
        request = extended(request, base, self.locked_platform)
        check_wheels_only(request.policy)
        return request, base
