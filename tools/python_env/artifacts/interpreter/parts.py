"""Which files of an interpreter's archive go into a venv, and under which names."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from python_env.artifacts.interpreter.archive import Kind, Member
from python_env.base.archive.links import resolved
from python_env.base.errors import ToolError

EXECUTABLE = "bin/python"
"""Where the program lies in a venv; its other names are links to it."""

LOOKED_AT = r"(?:.*/)?(?:bin/python3\.\d{1,2}|include/python3\.\d{1,2}/patchlevel\.h)"
"""Files that say what an interpreter is; headers are read although they are left out."""

NEVER = (
    "bin/**",
    "lib/python*/site-packages/**",
    "lib/python*/**/__pycache__/**",
    "**/*.pyc",
    "pyvenv.cfg",
    "python_env.json",
)
"""What would be wrong in a venv: packages that no lock names, scripts with a fixed shebang, bytecode of no use, and
what is ours to write."""

LEFT_OUT = {
    "tests": (
        "lib/python*/test/**",
        "lib/python*/**/test/**",
        "lib/python*/**/tests/**",
        "lib/python*/lib-dynload/_ctypes_test*",
        "lib/python*/lib-dynload/_test*",
        "lib/python*/lib-dynload/_xxtestfuzz*",
        "lib/python*/lib-dynload/xxlimited*",
    ),
    "programs for people": ("lib/python*/idlelib/**", "lib/python*/turtledemo/**", "share/man/**", "share/doc/**"),
    "headers, static libraries and what a compiler needs": (
        "include/**",
        "lib/pkgconfig/**",
        "lib/python*/config-*/**",
        "lib/python*/build-details.json",
        "lib/python*/_sysconfig_vars_*.json",
        "**/*.a",
        "**/*.o",
        "**/*.lib",
    ),
    "what installs pip": ("lib/python*/ensurepip/**",),
    "installers for Windows": ("lib/python*/distutils/command/*.exe",),
}
"""What is left out unless it is kept, by reason, as docs/artifacts.md says it."""

_LIBPYTHON = ("lib/libpython*",)
"""Left out, too, where the program is not linked with it."""

_VERSION = re.compile(rb'^#define\s+PY_VERSION\s+"([0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z+]*)"', re.MULTILINE)
_PROGRAM = re.compile(r"bin/python(3\.\d{1,2})")
_ROOT = re.compile(r"(.+)/" + _PROGRAM.pattern)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What is taken of an archive."""

    files: Mapping[str, str]
    """Name in the archive to path in the venv."""
    executables: frozenset[str]
    """Paths of the files that may be executed."""
    links: Mapping[str, str]
    """Path to the relative target of a link."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """The interpreter's own file."""

    path: str
    """Below the archive's root, e.g. `bin/python3.11`."""
    data: bytes
    version: str
    """`X.Y.Z`, or `X.Y` where the archive does not say more."""


def below(members: Iterable[Member], prefix: str, *, where: str) -> dict[str, Member]:
    """Return the members below a folder of the archive, by their path from there; raises ToolError for none."""
    root = prefix.strip("/") + "/" if prefix.strip("/") else ""
    members = tuple(members)
    found = {member.name.removeprefix(root): member for member in members if member.name.startswith(root)}
    if not found:
        tops = sorted({member.name.partition("/")[0] for member in members})
        raise ToolError.one(
            f"the archive has nothing below {prefix!r}; it begins with {', '.join(tops[:5]) or 'nothing'}",
            where=where,
            fix=f"set strip_prefix of the interpreter to the folder that holds bin/ and lib/{_candidates(members)}",
        )
    return found


def _candidates(members: Iterable[Member]) -> str:
    """Return the folders of an archive in which an interpreter lies, as the end of a fix."""
    found = {match[1] for member in members if (match := _ROOT.fullmatch(member.name))}
    return ": " + " or ".join(map(repr, sorted(found))) if found else ""


def find_program(members: Mapping[str, Member], seen: Mapping[str, bytes], *, where: str) -> Program:
    """Return the interpreter of an archive; raises ToolError when there is not exactly one."""
    found = [path for path in members if _PROGRAM.fullmatch(path) and members[path].kind is Kind.FILE]
    if len(found) != 1 or members[found[0]].name not in seen:
        said = ", ".join(sorted(found)) or ("python.exe" if "python.exe" in members else "none")
        raise ToolError.one(
            f"expected one file bin/python3.X as the interpreter, found {said}",
            where=where,
            fix="set strip_prefix of the interpreter to the folder that holds bin/; archives for Windows and "
            "free-threaded ones cannot be bundled",
        )
    python = found[0].removeprefix("bin/python")
    if f"lib/python{python}/os.py" not in members:
        raise ToolError.one(
            f"the interpreter has no standard library: there is no lib/python{python}/os.py",
            where=where,
            fix="take the archive of a whole CPython, e.g. install_only of python-build-standalone",
        )
    header = members.get(f"include/python{python}/patchlevel.h")
    match = _VERSION.search(seen[header.name]) if header else None
    return Program(path=found[0], data=seen[members[found[0]].name], version=match[1].decode() if match else python)


def plan_parts(
    members: Mapping[str, Member],
    program: Program,
    *,
    needed: Iterable[str],
    keep: Sequence[str],
    leave_out: Sequence[str],
) -> Parts:
    """Return what is taken: all but what has no place in a venv, is unneeded and not to be kept, or is not wanted.

    `members` by path; `needed` are the libraries that the program is linked with; `keep` and `leave_out` are globs over
    paths, in which `**` stands for any number of folders.
    """
    unneeded = [glob for globs in LEFT_OUT.values() for glob in globs]
    if not any(name.startswith("libpython") for name in needed):
        unneeded += _LIBPYTHON
    kept = [path for path in members if _is_taken(path, unneeded, keep, leave_out)]
    files = {members[path].name: path for path in kept if members[path].kind is Kind.FILE}
    files[members[program.path].name] = EXECUTABLE
    executables = {path for path in kept if members[path].executable} | {EXECUTABLE}
    taken = set(files.values())
    links = {path: members[path].target for path in kept if members[path].kind is Kind.LINK}
    links = {path: target for path, target in links.items() if _leads_to(path, links, taken)}
    return Parts(files=files, executables=frozenset(executables & taken), links=links)


def _is_taken(path: str, unneeded: Sequence[str], keep: Sequence[str], leave_out: Sequence[str]) -> bool:
    if _matches(path, NEVER) or _matches(path, leave_out):
        return False
    return _matches(path, keep) or not _matches(path, unneeded)


def _leads_to(path: str, links: Mapping[str, str], files: Iterable[str]) -> bool:
    """Return whether a link leads to something that is taken, by way of other links."""
    place = resolved(path, links)
    return place is not None and any(file == place or file.startswith(place + "/") for file in files)


def _matches(path: str, globs: Sequence[str]) -> bool:
    return any(_glob(each).fullmatch(path) for each in globs)


@functools.cache
def _glob(text: str) -> re.Pattern[str]:
    """Return what a glob means: `*` within a name, `**/` for any number of folders, `**` for all below."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", text)
    return re.compile("".join(words.get(piece) or re.escape(piece) for piece in pieces))
