"""Which shared libraries an interpreter takes from its node beside libc, and what wants them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from python_env.base.binary import Binary
from python_env.base.errors import Fault, ToolError

_LIBC = re.compile(
    r"ld-linux[A-Za-z0-9_-]*\.so\.\d|lib(anl|c|dl|m|pthread|resolv|rt|thread_db|util)\.so\.\d"
    r"|ld-musl-\w+\.so\.1|libc(\.musl-\w+)?\.so(\.1)?"
)
"""What glibc and musl install themselves; of glibc, libcrypt and libnsl are packages of their own today."""

_FIX = "take an archive whose bin/python needs nothing but libc of a node, e.g. install_only of python-build-standalone"
_MODULE = re.compile(r"lib/python3\.\d+/lib-dynload/([A-Za-z_]\w*)\.[^/]*")


def node_libraries(binaries: Mapping[str, Binary], inside: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return library to the modules (or files) that want it; `inside`: names of the files that the archive brings."""
    own = frozenset(inside)
    wanted: dict[str, set[str]] = {}
    for path, binary in binaries.items():
        for library in _of_the_node(binary, own):
            wanted.setdefault(library, set()).add(_module(path))
    return {library: tuple(sorted(wanted[library])) for library in sorted(wanted)}


def check_start(program: Binary, binaries: Mapping[str, Binary], *, where: str) -> None:
    """Raise ToolError with every library beyond libc without which the interpreter itself does not start."""
    by_name = {path.rpartition("/")[2]: binary for path, binary in binaries.items()}
    loaded, reached = {}, [program]
    while reached:
        found = {name: by_name[name] for name in reached.pop().needed if name in by_name and name not in loaded}
        loaded.update(found)
        reached += found.values()
    missing = {name for binary in (program, *loaded.values()) for name in _of_the_node(binary, by_name)}
    if missing:
        raise ToolError(
            Fault(f"the interpreter does not start without {name}", where, _FIX) for name in sorted(missing)
        )


def _of_the_node(binary: Binary, inside: Iterable[str]) -> Iterator[str]:
    return (name for name in binary.needed if name not in inside and not _LIBC.fullmatch(name))


def _module(path: str) -> str:
    match = _MODULE.fullmatch(path)
    return match[1] if match else path
