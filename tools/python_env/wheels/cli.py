"""`wheels program`: takes a native program out of a wheel's scripts."""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Sequence
from pathlib import Path

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
    parser = argparse.ArgumentParser(prog="python_env wheels program")
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    with zipfile.ZipFile(options.wheel) as wheel:
        member = find_program(wheel.namelist(), options.program)
        if member is None:
            raise ToolError.one(
                f"the wheel carries no program {options.program}",
                where=options.wheel.name,
                fix="name a wheel whose *.data/scripts holds it",
            )
        write_atomically(options.output, wheel.read(member))
    options.output.chmod(0o755)
    return 0
