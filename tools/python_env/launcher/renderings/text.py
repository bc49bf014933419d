"""What all renderings are made of: lines that stay lines, and values that stay values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from python_env.base.documents import has_control_character
from python_env.base.errors import ToolError
from python_env.launcher.model import Launch

Tree = str | int | bool | Sequence["Tree"] | Mapping[str, "Tree"]
"""What a specification holds."""


def joined(lines: Sequence[str]) -> str:
    """Return lines as a text; raises ToolError for one that a reader would take for more than one."""
    for line in lines:
        if has_control_character(line):
            raise ToolError.one(
                f"{line!r} has a control character",
                where="the launcher's renderings",
                fix="build the artifact again; its report is written with it",
            )
    return "\n".join(lines) + "\n"


def heading(launch: Launch, use: str) -> list[str]:
    """Return comment lines: what is started, how the file is used, and what it requires."""
    lines = [f"# {launch.artifact}, {launch.combination.value}: {use}"]
    return lines + [f"# requires {requirement}" for requirement in launch.requires]


def yaml_lines(tree: Mapping[str, Tree], indent: int = 0) -> Iterator[str]:
    """Yield a YAML 1.2 block; texts are in double quotes, as JSON has them, so that none is read as something else."""
    for key, value in tree.items():
        start = f"{' ' * indent}{key if key.isidentifier() else json.dumps(key)}:"
        if isinstance(value, Mapping) and value:
            yield start
            yield from yaml_lines(value, indent + 2)
        else:
            yield f"{start} {json.dumps(value, ensure_ascii=False)}"
