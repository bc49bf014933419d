"""Absolute paths of the machine that built the environment, in files that only name text."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator

from python_env.doctor.archive import Member
from python_env.doctor.model import Check, Hit, Severity, Target
from python_env.doctor.subject import Shape, Subject

_NEW_KERNEL, _OLD_KERNEL = 255, 127
"""Longest first line of a script, in bytes with `#!`: measured on 6.18; BINPRM_BUF_SIZE was 128 before 5.1."""

_STANDARD = re.compile(r"/(?:usr/)?(?:local/)?bin/[^/ ]+")
_SHELLS = re.compile(r"/(?:usr/)?bin/(?:env|sh|bash|dash|ksh|zsh|tcsh|csh|perl|awk|sed)\b")
_ABSOLUTE = re.compile(r"/(?:[^/\s'\":;,]+/)+[^/\s'\":;,]*")
_ACTIVATE = re.compile(r"""(?:VIRTUAL_ENV|_CONDA_ROOT|CONDA_PREFIX)['"]?[ =,]+["']?(/[^"'\s;)$]+)""")


def _first_line(member: Member) -> str:
    if not member.head.startswith(b"#!"):
        return ""
    return member.head.split(b"\n", 1)[0].decode(errors="backslashreplace")


def _scripts(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield name and first line of every script; the name of the archive itself is empty."""
    preamble = subject.archive.preamble
    if preamble.startswith(b"#!") and not subject.is_unpacked:
        yield "", preamble.decode(errors="backslashreplace")
    for member in subject.everything:
        line = _first_line(member)
        if line:
            yield member.label, line


def _program(line: str) -> str:
    return line[2:].strip().split(" ", 1)[0]


def _shebangs(subject: Subject, target: Target) -> Iterator[Hit]:
    for name, line in _scripts(subject):
        program = _program(line)
        if not program.startswith("/") or _SHELLS.match(program) or program in target.on_nodes:
            continue
        starts = name == "" or name == subject.start
        if _STANDARD.fullmatch(program):
            reason = f"the first line names {program}: the nodes must have it there"
            severity = Severity.NOTE if not starts else Severity.WARNING
        else:
            reason = f"the first line names {program}, a path of the machine that built it"
            severity = Severity.ERROR if starts else Severity.WARNING
        remedy = "#!/usr/bin/env python3.X, or a #! line that finds python beside the script"
        yield Hit(file=name, reason=reason, remedy=remedy, severity=severity)


def _long_shebangs(subject: Subject, target: Target) -> Iterator[Hit]:
    for name, line in _scripts(subject):
        length = len(line.encode())
        if length <= _OLD_KERNEL:
            continue
        limit = f"{_OLD_KERNEL} bytes" if length <= _NEW_KERNEL else f"{_NEW_KERNEL} bytes, the limit of new kernels"
        severity = Severity.ERROR if name in ("", subject.start) and length > _NEW_KERNEL else Severity.WARNING
        reason = f"the first line has {length} bytes, more than {limit}; paths of YARN's containers alone are long"
        yield Hit(file=name, reason=reason, remedy="#!/usr/bin/env python3.X", severity=severity)


def _home(subject: Subject, target: Target) -> Iterator[Hit]:
    member = subject.by_name.get(f"{subject.root}pyvenv.cfg")
    if member is None or member.data is None or subject.has_interpreter:
        return
    for line in member.data.decode(errors="replace").splitlines():
        key, _, home = (part.strip() for part in line.partition("="))
        known = home in target.on_nodes or any(posixpath.dirname(path) == home for path in target.on_nodes)
        if key == "home" and home.startswith("/") and not known:
            reason = f"home = {home}: CPython looks there for its standard library, on the node, too"
            remedy = (
                f"leave `home` out and start a Python of the node by a script; if every node has it: --on-nodes {home}"
            )
            yield Hit(file=member.name, reason=reason, remedy=remedy)


def _activate(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.archive.members:
        if member.data is None or not member.base.lower().startswith("activate"):
            continue
        found = _ACTIVATE.search(member.data.decode(errors="replace"))
        if found and found[1] not in target.on_nodes:
            reason = f"it sets the environment to {found[1]}, a path of the machine that built it"
            yield Hit(file=member.name, reason=reason, remedy="start bin/python; do not source it")


def _pth(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.everything:
        if member.data is None or not member.name.endswith((".pth", ".egg-link")):
            continue
        for line in member.data.decode(errors="replace").splitlines():
            path = line.strip()
            if path.startswith("/") and path not in target.on_nodes:
                reason = f"it adds {path} to sys.path, which is no part of the archive"
                yield Hit(file=member.label, reason=reason, remedy="install the project itself, not editable")


def _editable(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.everything:
        if member.data is None:
            continue
        path = ""
        if member.base == "direct_url.json":
            path = _editable_url(member.data)
        elif member.base.startswith("__editable__") and member.name.endswith(".py"):
            found = _ABSOLUTE.search(member.data.decode(errors="replace").partition("MAPPING")[2][:2000])
            path = found[0] if found else ""
        if path:
            reason = f"an editable install: its code lies in {path}, which is no part of the archive"
            yield Hit(file=member.label, reason=reason, remedy="install the project itself: pip install, without -e")


def _editable_url(data: bytes) -> str:
    try:
        document = json.loads(data)
        editable = document["dir_info"]["editable"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return str(document.get("url", "")).removeprefix("file://") if editable else ""


def _sysconfig(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.archive.members:
        if member.data is None or not member.base.startswith("_sysconfigdata"):
            continue
        found = re.search(rb"'prefix': '(/[^']+)'", member.data)
        moves = b"sys.base_prefix" in member.data or b"sys.prefix" in member.data
        if found and not moves and found[1].decode(errors="replace") not in target.on_nodes:
            reason = f"it says that Python lies in {found[1].decode(errors='replace')}: what is compiled there fails"
            yield Hit(file=member.name, reason=reason, remedy="compile nothing on the nodes")


def _conda_unpack(subject: Subject, target: Target) -> Iterator[Hit]:
    script = f"{subject.root}bin/conda-unpack"
    if subject.shape is Shape.CONDA and script in subject.by_name:
        reason = "conda-pack leaves paths of the building machine in other files until conda-unpack has run"
        remedy = "Spark runs nothing after unpacking: try the programs of the packages that you start"
        yield Hit(file=script, reason=reason, remedy=remedy)


_PACKAGING = "Spark: python/docs/source/tutorial/python_packaging.rst"
_KERNEL = "Linux: fs/binfmt_script.c; measured on 6.18 (255 bytes), 127 before 5.1"
CHECKS = (
    Check(
        id="shebang-absolute",
        severity=Severity.WARNING,
        what="a first line with a path of the building machine; an error for what is started, a note below /usr/bin",
        source="execve(2)",
        find=_shebangs,
    ),
    Check(
        id="shebang-long",
        severity=Severity.WARNING,
        what="a first line of more than 127 bytes; an error from 256 on for what is started",
        source=_KERNEL,
        find=_long_shebangs,
    ),
    Check(
        id="pyvenv-home",
        severity=Severity.WARNING,
        what="pyvenv.cfg with the `home` of the building machine and no interpreter inside",
        source="CPython: Modules/getpath.py; " + _PACKAGING,
        find=_home,
    ),
    Check(
        id="activate-absolute",
        severity=Severity.NOTE,
        what="an activate script that names the building machine's path",
        source="CPython: Lib/venv/scripts",
        find=_activate,
    ),
    Check(
        id="pth-absolute",
        severity=Severity.ERROR,
        what="a .pth or .egg-link with an absolute path",
        source="CPython: Lib/site.py",
        find=_pth,
    ),
    Check(
        id="editable",
        severity=Severity.ERROR,
        what="an editable install",
        source="PEP 610, PEP 660",
        find=_editable,
    ),
    Check(
        id="sysconfig-absolute",
        severity=Severity.NOTE,
        what="sysconfig data with the building machine's prefix",
        source="CPython: Lib/sysconfig",
        find=_sysconfig,
    ),
    Check(
        id="conda-unpack",
        severity=Severity.NOTE,
        what="a conda-pack archive, which is mended by a script that nobody runs",
        source="conda-pack: documentation, Usage",
        find=_conda_unpack,
    ),
)
