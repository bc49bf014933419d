"""The folders and scripts of an installed tree, for Unix and for Windows; the target decides, never this machine."""

from __future__ import annotations

import functools
import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from python_env.base.platforms import Os, Platform

_SH_HEAD = (
    b"#!/bin/sh\n"
    b'\'\'\'exec\' "$(dirname -- "$(realpath -- "$0" 2>/dev/null || echo "$0")")/python" "$0" "$@"\n'
    b"' '''\n"
)
"""Shell and Python at once: no absolute path, any length of path, works through a symlink."""

_SH_LAUNCHER = """\
#!/bin/sh
here=$(dirname -- "$(realpath -- "$0" 2>/dev/null || echo "$0")")
exec "$here/python" "$here"/{script} "$@"
"""
"""For a script that lies beside it as it was: its first statement and its first two lines have a meaning."""

_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=]")
"""PEP 263: the encoding of a source, in its first or second line."""

_FIRST = re.compile(rb"\(|[A-Za-z]{0,2}['\"]")
"""The start of a statement that may be a docstring."""

_CONSOLE = """\
import sys
from {module} import {name}
if __name__ == "__main__":
    sys.argv[0] = sys.argv[0].removesuffix("-script.py")
    sys.exit({attribute}())
"""

_PROGRAM_SUFFIXES = (".bat", ".cmd", ".com", ".exe")
"""Of programs that Windows finds by name: python.cmd calls `py`, with its own folder first on PATH."""

PEX_FILES = frozenset({"PEX-INFO", "__main__.py", "pex", "pex-repl"})
"""What pex writes into the root of the venv that a PEX becomes, beside the wheels' data (pex.venv.installer)."""

PEX_SITE_FILES = frozenset({f"PEX_EXTRA_SYS_PATH.{end}" for end in ("pth", "py", "start")} | {"pex-ns-pkgs.pth"})
"""What pex writes into that venv's site-packages: through a link, it would write into the wheel that it shares."""

_SITE = "site-packages"

_RUNTIME = Path(__file__).parents[2] / "runtime"
_CMD = '@"%~dp0python.cmd" "%~dp0{name}-script.py" %*\r\n'
"""Inside quotation marks a percent sign alone means something to cmd.exe; it stands there doubled."""


def takes_a_head(text: bytes) -> bool:
    """Return whether statements of ours may stand in place of a Python script's shebang.

    Not before a docstring, nor before `from __future__` (both must be first), nor where an encoding would move down.
    """
    lines = text.splitlines()
    code = (line.lstrip() for line in lines)
    first = next((line for line in code if line and not line.startswith((b"#", b"\\"))), b"")
    one_shebang = lines[:1] == text.split(b"\n", 1)[0].splitlines()
    encoded = any(_COOKIE.match(line) for line in lines[:2])
    return one_shebang and not (encoded or _FIRST.match(first) or b"__future__" in text)


@functools.cache
def template(name: str) -> str:
    """Return a file of the runtime folder, which runs on the cluster."""
    return (_RUNTIME / name).read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """One target's installed tree."""

    os: Os
    python: str
    """`X.Y`."""
    bundled: frozenset[str] = frozenset()
    """Paths of the interpreter inside; empty where the target's own is looked for."""

    @classmethod
    def of(cls, platform: Platform) -> Layout:
        """Return the layout of a platform."""
        return cls(os=platform.os, python=platform.python_version)

    @property
    def bin(self) -> str:
        """Return the folder of programs."""
        return "Scripts" if self.os is Os.WINDOWS else "bin"

    @property
    def python_path(self) -> str:
        """Return the path of the file that stands for the interpreter."""
        return "Scripts/python.cmd" if self.os is Os.WINDOWS else "bin/python"

    @property
    def site_packages(self) -> str:
        """Return the folder of importable code."""
        return "Lib/site-packages" if self.os is Os.WINDOWS else f"lib/python{self.python}/site-packages"

    @property
    def own_files(self) -> frozenset[str]:
        """Return the paths that no wheel may fill: our files, and what CPython takes for its standard library.

        Without `home` in pyvenv.cfg the interpreter looks for these landmarks beside itself first (Modules/getpath.py).
        """
        library = self.site_packages.rpartition("/")[0]
        landmarks = [f"{library}/os.py", f"{library}/os.pyc", f"{self.bin}/pybuilddir.txt"]
        landmarks += [] if self.bundled else [f"{library}/lib-dynload"]
        programs = (path for path, _ in self.interpreter_files())
        found_first = (f"Scripts/py{suffix}" for suffix in _PROGRAM_SUFFIXES if self.os is Os.WINDOWS)
        return frozenset({"pyvenv.cfg", *programs, *self.interpreter_links(), *landmarks, *found_first, *self.bundled})

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

    def compiled_path(self, path: str) -> str:
        """Return where CPython looks for the compiled form of a source (PEP 3147)."""
        folder, name = posixpath.split(path)
        tag = f"cpython-{self.python.replace('.', '')}"
        return posixpath.join(folder, "__pycache__", f"{name.removesuffix('.py')}.{tag}.pyc")

    def relative_to_site_packages(self, path: str) -> str:
        """Return a path as RECORD writes it."""
        prefix = self.site_packages + "/"
        return path[len(prefix) :] if path.startswith(prefix) else posixpath.relpath(path, self.site_packages)

    def tree_path(self, path: str) -> str:
        """Return a path of the tree as it stands in it; `site-packages/` is short for that folder on every platform."""
        return self.site_packages + path.removeprefix(_SITE) if path.startswith(_SITE + "/") else path

    def portable_path(self, path: str) -> str:
        """Return a path of the tree, below `site-packages/` where that is short for its folder."""
        prefix = self.site_packages + "/"
        return f"{_SITE}/{path[len(prefix) :]}" if path.startswith(prefix) else path

    def interpreter_files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the files that stand for the interpreter where none is inside: they find the machine's pythonX.Y."""
        if self.bundled:
            return
        if self.os is Os.WINDOWS:
            text = template("python.cmd").replace("@PYTHON@", self.python)
            yield self.python_path, text.replace("\n", "\r\n").encode()
        else:
            yield self.python_path, template("python.bash").replace("@PYTHON@", self.python).encode()

    def interpreter_links(self) -> dict[str, str]:
        """Return the other names of the interpreter, as links inside its folder."""
        return {} if self.os is Os.WINDOWS else {"bin/python3": "python", f"bin/python{self.python}": "python"}

    def script_file(self, name: str, body: bytes) -> tuple[str, bytes]:
        """Return path and content of a wheel's own `#!python` script."""
        if self.os is Os.WINDOWS:
            return f"Scripts/{name}-script.py", body
        return f"bin/{name}", _SH_HEAD + body

    def script_launcher(self, name: str) -> tuple[str, bytes]:
        """Return path and content of what starts a script that lies as `<name>-script.py` beside it."""
        if self.os is Os.WINDOWS:
            return f"{self.bin}/{name}.cmd", _CMD.format(name=posixpath.basename(name).replace("%", "%%")).encode()
        script = shlex.quote(posixpath.basename(name) + "-script.py")
        return f"{self.bin}/{name}", _SH_LAUNCHER.format(script="/" + script).encode()

    def console_script(self, name: str, module: str, attribute: str) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of the files that an entry point becomes."""
        body = _CONSOLE.format(module=module, name=attribute.split(".")[0], attribute=attribute).encode()
        yield self.script_file(name, body)
        if self.os is Os.WINDOWS:
            yield self.script_launcher(name)
