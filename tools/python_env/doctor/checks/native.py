"""Programs and shared libraries: the machine, the C library, and what they need of others (ELF)."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterator

from python_env.base.binary import Binary
from python_env.base.platforms import Os, Platform
from python_env.doctor.archive import Member, Subject
from python_env.doctor.model import Check, Hit, Severity, Target
from python_env.doctor.policy import Policy

_OFTEN_ABSENT = frozenset(
    {
        *("libGL.so.1", "libICE.so.6", "libSM.so.6", "libX11.so.6", "libXext.so.6", "libXrender.so.1"),
        *("libgobject-2.0.so.0", "libgthread-2.0.so.0", "libglib-2.0.so.0", "libnsl.so.1"),
    }
)
"""What manylinux promises and a container image without a desktop has not."""

_LIBCS = frozenset({"libc.so", "libc.so.6"})
"""Judged by their own check."""

_BUILD = "lock for the nodes' platform tag, and take the wheels that fit it"


def _severity(subject: Subject, member: Member) -> Severity | None:
    """Return a note for a file of a wheel for any machine, which brings one per machine; else what the check says."""
    return Severity.NOTE if member.label in subject.of_any_machine else None


def _natives(subject: Subject) -> Iterator[tuple[Member, Binary]]:
    for member in subject.everything:
        if member.binary is not None:
            yield member, member.binary


def _machines(subject: Subject, target: Target) -> Iterator[Hit]:
    natives = list(_natives(subject))
    if target.platform is not None:
        system, cpu = target.platform.os, target.platform.cpu
    elif natives:
        counts = Counter((binary.os, cpu) for _, binary in natives for cpu in binary.cpus)
        system, cpu = max(sorted(counts), key=lambda key: counts[key])
    for member, binary in natives:
        if binary.os is not system or (cpu not in binary.cpus and cpu != "universal2"):
            found = f"{binary.os} {'/'.join(sorted(binary.cpus))}"
            yield Hit(
                file=member.label,
                reason=f"it is built for {found}, not {system} {cpu}",
                remedy=_BUILD,
                severity=_severity(subject, member),
            )


def _systems(subject: Subject, target: Target) -> Iterator[Hit]:
    if target.platform is not None and target.platform.os is not Os.LINUX:
        reason = f"Spark's executors run on Linux; the archive is for {target.platform.tag}"
        yield Hit(file="", reason=reason, remedy="build it for a Linux platform tag")


def _libcs(subject: Subject, target: Target) -> Iterator[Hit]:
    if target.platform is None or target.platform.os is not Os.LINUX:
        return
    for member, binary in _natives(subject):
        libc = _libc(binary)
        if libc and libc != target.platform.libc:
            reason = f"it is built for {libc}, the nodes have {target.platform.libc}"
            yield Hit(file=member.label, reason=reason, remedy=_BUILD, severity=_severity(subject, member))


def _libc(binary: Binary) -> str:
    if any(name == "libc.so" or name.startswith("libc.musl-") for name in binary.needed):
        return "musl"
    return "glibc" if "libc.so.6" in binary.needed else binary.libc


def _floors(subject: Subject, target: Target) -> Iterator[Hit]:
    platform = target.platform
    if platform is None or platform.libc != "glibc":
        return
    for member, binary in _natives(subject):
        if binary.os is Os.LINUX and binary.floor > platform.floor:
            reason = f"it needs glibc {_dotted(binary.floor)}; {platform.tag} promises {_dotted(platform.floor)}"
            yield Hit(file=member.label, reason=reason, remedy=_BUILD, severity=_severity(subject, member))


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _symbols(subject: Subject, target: Target) -> Iterator[Hit]:
    policy = target.policy
    if not _is_glibc(target.platform) or policy is None or "libstdc++.so.6" in subject.library_names:
        return
    for member, binary in _natives(subject):
        newer = sorted(version for version in binary.versions if policy.is_too_new(version))
        if newer:
            have = ", ".join(dict.fromkeys(_newest(policy, version) for version in newer))
            reason = f"it needs {', '.join(newer)}; {policy.name} has no newer than {have}"
            remedy = f"{_BUILD}; or pack libstdc++ (conda does)"
            yield Hit(file=member.label, reason=reason, remedy=remedy, severity=_severity(subject, member))


def _newest(policy: Policy, version: str) -> str:
    prefix = version.partition("_")[0]
    return f"{prefix}_{'.'.join(map(str, policy.versions[prefix]))}"


def _is_glibc(platform: Platform | None) -> bool:
    return platform is not None and platform.libc == "glibc"


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
    for member, binary in _natives(subject):
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
        severity: Severity | None = Severity.NOTE
        remedy = f"have the library on every node (--on-nodes {name}), or take an interpreter that is linked without it"
    else:
        severity = _severity(subject, member)
        remedy = f"repair the wheel (auditwheel repair), or have the library on every node: --on-nodes {name}"
    return Hit(file=member.label, reason=reason, remedy=remedy, severity=severity)


def _absent(subject: Subject, target: Target) -> Iterator[Hit]:
    places, shared = subject.libraries, _lookup(subject)
    wanted: dict[str, list[str]] = defaultdict(list)
    for member, binary in _natives(subject):
        folders = (*_folders(subject, member, binary), *shared)
        for name in binary.needed:
            if name in _OFTEN_ABSENT and not any(posixpath.join(folder, name) in places for folder in folders):
                wanted[name].append(member.label)
    for name, labels in sorted(wanted.items()):
        if name not in target.on_nodes:
            reason = f"it needs {name}, which manylinux takes for granted and bare containers have not"
            more = f" (and {len(labels) - 1} more)" if len(labels) > 1 else ""
            yield Hit(file=labels[0], reason=reason + more, remedy="install it on the nodes")


def _damaged(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.everything:
        if member.damaged and not member.damaged.startswith("it cannot be inflated"):
            reason = f"its native headers lead nowhere: {member.damaged}"
            yield Hit(
                file=member.label,
                reason=reason,
                remedy="build or download it again",
                severity=_severity(subject, member),
            )


_ABI = "System V gABI, Dynamic Linking; ld.so(8)"
_POLICIES = "auditwheel: policy/manylinux-policy.json (PEP 600), musllinux-policy.json (PEP 656)"
CHECKS = (
    Check(
        id="not-linux",
        severity=Severity.ERROR,
        what="a platform tag of another system than Linux",
        source="Hadoop, Spark: what the launcher refuses (docs/launcher.md)",
        find=_systems,
    ),
    Check(
        id="elf-machine",
        severity=Severity.ERROR,
        what="a program or library for another machine, class or system",
        source="System V gABI, ELF Header: e_machine, EI_CLASS",
        find=_machines,
    ),
    Check(
        id="elf-libc",
        severity=Severity.ERROR,
        what="musl where the nodes have glibc, or the other way round",
        source="PEP 600, PEP 656",
        find=_libcs,
    ),
    Check(
        id="elf-glibc",
        severity=Severity.ERROR,
        what="a newer glibc than the platform tag promises, by symbol versions (.gnu.version_r)",
        source="LSB: Symbol Versioning; PEP 600",
        find=_floors,
    ),
    Check(
        id="elf-libstdcxx",
        severity=Severity.ERROR,
        what="a newer libstdc++ or libgcc than the platform's distributions have, and none inside",
        source=_POLICIES,
        find=_symbols,
    ),
    Check(
        id="elf-needed",
        severity=Severity.ERROR,
        what="a library that is neither inside (RPATH, RUNPATH) nor on every node; a note for CPython's own modules",
        source=f"{_ABI}; {_POLICIES}",
        find=_missing,
    ),
    Check(
        id="elf-desktop",
        severity=Severity.NOTE,
        what="a library that manylinux takes for granted and containers often lack (libGL, libX11, libglib)",
        source=_POLICIES,
        find=_absent,
    ),
    Check(
        id="elf-damaged",
        severity=Severity.WARNING,
        what="an ELF file whose headers lead nowhere",
        source=_ABI,
        find=_damaged,
    ),
)
