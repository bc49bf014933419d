"""The folders and scripts of an installed tree, for Unix and for Windows; the target decides, never this machine."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SH_HEAD = (
    b"#!/bin/sh\n"
    b'\'\'\'exec\' "$(dirname -- "$(realpath -- "$0" 2>/dev/null || echo "$0")")/python" "$0" "$@"\n'
    b"' '''\n"
)
"""Shell and Python at once: no absolute path, any length of path, works through a symlink."""

_CONSOLE = """\
import sys
from {module} import {name}
if __name__ == "__main__":
    sys.argv[0] = sys.argv[0].removesuffix("-script.py")
    sys.exit({attribute}())
"""

_RUNTIME = Path(__file__).parents[2] / "runtime"
_CMD = '@"%~dp0python.cmd" "%~dp0{name}-script.py" %*\r\n'


@functools.cache
def template(name: str) -> str:
    """Return a file of the runtime folder, which runs on the cluster."""
    return (_RUNTIME / name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Layout:
    """One target's installed tree."""

    os: str
    python: str

    @property
    def bin(self) -> str:
        """Return the folder of programs."""
        return "Scripts" if self.os == "windows" else "bin"

    @property
    def site_packages(self) -> str:
        """Return the folder of importable code."""
        return "Lib/site-packages" if self.os == "windows" else f"lib/python{self.python}/site-packages"

    @property
    def own_files(self) -> frozenset[str]:
        """Return the paths that no wheel may fill: our files, and what CPython takes for its standard library.

        Without `home` in pyvenv.cfg the interpreter looks for these landmarks beside itself first (Modules/getpath.py).
        """
        library = self.site_packages.rpartition("/")[0]
        landmarks = (f"{library}/os.py", f"{library}/os.pyc", f"{library}/lib-dynload", f"{self.bin}/pybuilddir.txt")
        programs = (path for path, _ in self.interpreter_files())
        return frozenset({"pyvenv.cfg", *programs, *self.interpreter_links(), *landmarks})

    def scheme(self, name: str, distribution: str) -> str | None:
        """Return the folder of a `*.data` scheme (empty: the root), or None for an unknown one."""
        headers = f"include/site/python{self.python}/{distribution}"
        return {
            "data": "",
            "headers": headers,
            "platlib": self.site_packages,
            "purelib": self.site_packages,
            "scripts": self.bin,
        }.get(name)

    def relative_to_site_packages(self, path: str) -> str:
        """Return a path as RECORD writes it."""
        prefix = self.site_packages + "/"
        return path[len(prefix) :] if path.startswith(prefix) else posixpath.relpath(path, self.site_packages)

    def interpreter_files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the files that stand for the interpreter: they find the machine's pythonX.Y on PATH."""
        if self.os == "windows":
            text = template("python.cmd").replace("@PYTHON@", self.python)
            yield "Scripts/python.cmd", text.replace("\n", "\r\n").encode()
        else:
            yield "bin/python", template("python.bash").replace("@PYTHON@", self.python).encode()

    def interpreter_links(self) -> dict[str, str]:
        """Return the other names of the interpreter, as links inside its folder."""
        return {} if self.os == "windows" else {"bin/python3": "python", f"bin/python{self.python}": "python"}

    def script_file(self, name: str, body: bytes) -> tuple[str, bytes]:
        """Return path and content of a wheel's own `#!python` script."""
        if self.os == "windows":
            return f"Scripts/{name}-script.py", body
        return f"bin/{name}", _SH_HEAD + body

    def console_script(self, name: str, module: str, attribute: str) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of the files that an entry point becomes."""
        body = _CONSOLE.format(module=module, name=attribute.split(".")[0], attribute=attribute).encode()
        yield self.script_file(name, body)
        if self.os == "windows":
            yield f"Scripts/{name}.cmd", _CMD.format(name=name).encode()
