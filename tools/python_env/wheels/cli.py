"""`wheels program`: takes a native program out of a wheel's scripts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from python_env.base.archive.zip_read import ZipSource
from python_env.base.arguments import Parser
from python_env.base.documents import write_atomically
from python_env.base.errors import ToolError


def find_program(names: Sequence[str], program: str) -> str | None:
    """Return the archive member that holds `program`, from a wheel's member names.

    The scripts scheme of the wheel specification: `<distribution>-<version>.data/scripts/<program>`.
    """
    for name in names:
        parts = name.split("/")
        in_scripts = len(parts) == 3 and parts[0].endswith(".data") and parts[1] == "scripts"
        if in_scripts and parts[2] in (program, f"{program}.exe"):
            return name
    return None


def main(argv: Sequence[str]) -> int:
    """Write the program that the arguments name to its own executable file."""
    parser = Parser(prog="python_env wheels program")
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    wheel = ZipSource(options.wheel)
    members = {entry.name: entry for entry in wheel.entries}
    member = find_program(list(members), options.program)
    if member is None:
        raise ToolError.one(
            f"the wheel carries no program {options.program}",
            where=options.wheel.name,
            fix="name a wheel whose *.data/scripts holds it",
        )
    write_atomically(options.output, wheel.read(members[member]))
    options.output.chmod(0o755)
    return 0
