"""Writes the table of python_env.artifacts.code.standard_library; run it for a new CPython.

    pip install stdlibs
    python3 tests/support/stdlib_table.py python3.10 python3.11 ...      every version from 3.10 on

From 3.10 on it is `sys.stdlib_module_names` of the interpreters that are named. Before, there is no such list: it is
that of the distribution `stdlibs` (MIT), which adds modules of CPython's tests; those it adds for 3.10 are taken away.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

TABLE = Path(__file__).parents[2] / "tools/python_env/artifacts/code/standard_library.py"
_MARK = "# Below: written by tests/support/stdlib_table.py\n"
_FIRST = 7
"""The oldest minor version that a platform tag may name."""

_LISTED = 10
"""The first minor version that lists its modules itself."""

_WIDTH = 120


def of_interpreter(python: str) -> tuple[int, set[str]]:
    """Return the minor version of an interpreter and what it lists."""
    code = "import json, sys; print(json.dumps([sys.version_info[1], sorted(sys.stdlib_module_names)]))"
    minor, names = json.loads(subprocess.run([python, "-I", "-c", code], check=True, stdout=subprocess.PIPE).stdout)
    return int(minor), set(names)


def of_stdlibs(minor: int) -> set[str]:
    """Return what `stdlibs` has for a minor version."""
    return set(importlib.import_module(f"stdlibs.py3{minor}").module_names)


def literal(names: set[str], indent: str) -> str:
    """Return sorted names as a literal, of several lines where one is too short."""
    text = " ".join(sorted(names))
    if len(indent) + len(text) <= _WIDTH - len('"",'):
        return f'"{text}"'
    return f'"""\n{textwrap.indent(textwrap.fill(text, _WIDTH - len(indent)), indent)}\n{indent}"""'


def render(modules: dict[int, set[str]]) -> Iterator[str]:
    """Yield the parts of the table."""
    yield f"_FIRST = {literal(modules[_FIRST], '')}\n"
    yield f'"""Of CPython 3.{_FIRST}."""\n\n_CHANGES = {{\n'
    for minor in sorted(modules)[1:]:
        now, before = modules[minor], modules[minor - 1]
        yield f"    {minor}: (\n"
        yield from (f"        {literal(each, '        ')},\n" for each in (now - before, before - now))
        yield "    ),\n"
    yield '}\n"""Minor version to what it added and what it removed, in the order of versions."""\n'


def main(pythons: Sequence[str]) -> None:
    """Write the table from these interpreters."""
    modules = dict(map(of_interpreter, pythons))
    of_tests = of_stdlibs(_LISTED) - modules[_LISTED]
    modules |= {minor: of_stdlibs(minor) - of_tests for minor in range(_FIRST, _LISTED)}
    head = TABLE.read_text().partition(_MARK)[0]
    TABLE.write_text(head + _MARK + "\n" + "".join(render(modules)))


if __name__ == "__main__":
    main(sys.argv[1:])
