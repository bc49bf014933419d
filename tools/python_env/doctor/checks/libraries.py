"""Shared libraries that native files are linked with: inside, on every node, or nowhere (ELF)."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator

from python_env.base.binary import Binary
from python_env.base.platforms import Os
from python_env.doctor.archive import Member
from python_env.doctor.model import Check, Hit, Severity, Target
from python_env.doctor.natives import native_hit, natives
from python_env.doctor.subject import Subject

_OFTEN_ABSENT = frozenset(
    {
        *("libGL.so.1", "libICE.so.6", "libSM.so.6", "libX11.so.6", "libXext.so.6", "libXrender.so.1"),
        *("libgobject-2.0.so.0", "libgthread-2.0.so.0", "libglib-2.0.so.0", "libnsl.so.1"),
    }
)
"""What manylinux promises and a container image without a desktop has not."""

_LIBCS = frozenset({"libc.so", "libc.so.6"})
"""Judged by their own check."""


def _lookup(subject: Subject) -> tuple[str, ...]:
    """Return the folders that the archive's own interpreter has libraries looked for in: its RPATH counts for all."""
    if not subject.has_interpreter:
        return ()
    place, _ = subject.resolve(subject.start)
    member = subject.by_name[place]
    return tuple(_folders(subject, member, member.binary)) if member.binary else ()


def _folders(subject: Subject, member: Member, binary: Binary) -> Iterator[str]:
    origin = posixpath.dirname(subject.installed(member))
    for path in binary.paths:
        for word in ("$ORIGIN", "${ORIGIN}"):
            if path.startswith(word):
                yield posixpath.normpath(posixpath.join(origin, path[len(word) :].lstrip("/")))


def _missing(subject: Subject, target: Target) -> Iterator[Hit]:
    policy = target.policy
    if policy is None:
        return
    places, bases, shared = subject.libraries, subject.library_names, _lookup(subject)
    known = bases | _LIBCS | target.on_nodes
    for member, binary in natives(subject):
        if binary.os is not Os.LINUX:
            continue
        folders = (*_folders(subject, member, binary), *shared)
        for name in binary.needed:
            inside = any(posixpath.join(folder, name) in places for folder in folders)
            if not (inside or policy.has(name) or name in known):
                yield _missing_hit(subject, member, name)


def _missing_hit(subject: Subject, member: Member, name: str) -> Hit:
    reason = f"it needs {name}, which is neither in the archive nor on every node"
    if "/lib-dynload/" in member.name and subject.has_interpreter:
        reason += ": without it this module of the standard library cannot be imported, all others can"
        remedy = f"have the library on every node (--on-nodes {name}), or take an interpreter that is linked without it"
        return Hit(file=member.label, reason=reason, remedy=remedy, severity=Severity.NOTE)
    remedy = f"repair the wheel (auditwheel repair), or have the library on every node: --on-nodes {name}"
    return native_hit(subject, member, reason=reason, remedy=remedy)


def _absent(subject: Subject, target: Target) -> Iterator[Hit]:
    places, shared = subject.libraries, _lookup(subject)
    wanted: dict[str, list[str]] = defaultdict(list)
    for member, binary in natives(subject):
        folders = (*_folders(subject, member, binary), *shared)
        for name in binary.needed:
            if name in _OFTEN_ABSENT and not any(posixpath.join(folder, name) in places for folder in folders):
                wanted[name].append(member.label)
    for name, labels in sorted(wanted.items()):
        if name not in target.on_nodes:
            reason = f"it needs {name}, which manylinux takes for granted and bare containers have not"
            more = f" (and {len(labels) - 1} more)" if len(labels) > 1 else ""
            yield Hit(file=labels[0], reason=reason + more, remedy="install it on the nodes")


_POLICIES = "auditwheel: policy/manylinux-policy.json (PEP 600), musllinux-policy.json (PEP 656)"
CHECKS = (
    Check(
        id="elf-needed",
        severity=Severity.ERROR,
        what="a library that is neither inside (RPATH, RUNPATH) nor on every node; a note for CPython's own modules",
        source="System V gABI, Dynamic Linking; ld.so(8); " + _POLICIES,
        find=_missing,
    ),
    Check(
        id="elf-desktop",
        severity=Severity.NOTE,
        what="a library that manylinux takes for granted and containers often lack (libGL, libX11, libglib)",
        source=_POLICIES,
        find=_absent,
    ),
)
