"""Programs and shared libraries: the machine, the C library, and what they need of others (ELF)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from python_env.base.binary import Binary
from python_env.base.platforms import Os, Platform
from python_env.doctor.model import Check, Hit, Severity, Target
from python_env.doctor.natives import native_hit, natives
from python_env.doctor.policy import Policy
from python_env.doctor.subject import Subject

_BUILD = "lock for the nodes' platform tag, and take the wheels that fit it"


def _machines(subject: Subject, target: Target) -> Iterator[Hit]:
    found = list(natives(subject))
    if target.platform is not None:
        system, cpu = target.platform.os, target.platform.cpu
    elif found:
        counts = Counter((binary.os, cpu) for _, binary in found for cpu in binary.cpus)
        system, cpu = max(sorted(counts), key=lambda key: counts[key])
    for member, binary in found:
        if binary.os is not system or (cpu not in binary.cpus and cpu != "universal2"):
            reason = f"it is built for {binary.os} {'/'.join(sorted(binary.cpus))}, not {system} {cpu}"
            yield native_hit(subject, member, reason=reason, remedy=_BUILD)


def _systems(subject: Subject, target: Target) -> Iterator[Hit]:
    if target.platform is not None and target.platform.os is not Os.LINUX:
        reason = f"Spark's executors run on Linux; the archive is for {target.platform.tag}"
        yield Hit(file="", reason=reason, remedy="build it for a Linux platform tag")


def _libcs(subject: Subject, target: Target) -> Iterator[Hit]:
    if target.platform is None or target.platform.os is not Os.LINUX:
        return
    for member, binary in natives(subject):
        libc = _libc(binary)
        if libc and libc != target.platform.libc:
            reason = f"it is built for {libc}, the nodes have {target.platform.libc}"
            yield native_hit(subject, member, reason=reason, remedy=_BUILD)


def _libc(binary: Binary) -> str:
    if any(name == "libc.so" or name.startswith("libc.musl-") for name in binary.needed):
        return "musl"
    return "glibc" if "libc.so.6" in binary.needed else binary.libc


def _floors(subject: Subject, target: Target) -> Iterator[Hit]:
    platform = target.platform
    if platform is None or platform.libc != "glibc":
        return
    for member, binary in natives(subject):
        if binary.os is Os.LINUX and binary.floor > platform.floor:
            reason = f"it needs glibc {_dotted(binary.floor)}; {platform.tag} promises {_dotted(platform.floor)}"
            yield native_hit(subject, member, reason=reason, remedy=_BUILD)


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _symbols(subject: Subject, target: Target) -> Iterator[Hit]:
    policy = target.policy
    if not _is_glibc(target.platform) or policy is None or "libstdc++.so.6" in subject.library_names:
        return
    for member, binary in natives(subject):
        newer = sorted(version for version in binary.versions if policy.is_too_new(version))
        if newer:
            have = ", ".join(dict.fromkeys(_newest(policy, version) for version in newer))
            reason = f"it needs {', '.join(newer)}; {policy.name} has no newer than {have}"
            remedy = f"{_BUILD}; or pack libstdc++ (conda does)"
            yield native_hit(subject, member, reason=reason, remedy=remedy)


def _newest(policy: Policy, version: str) -> str:
    prefix = version.partition("_")[0]
    return f"{prefix}_{'.'.join(map(str, policy.versions[prefix]))}"


def _is_glibc(platform: Platform | None) -> bool:
    return platform is not None and platform.libc == "glibc"


def _damaged(subject: Subject, target: Target) -> Iterator[Hit]:
    for member in subject.everything:
        if member.damaged:
            reason = f"its native headers lead nowhere: {member.damaged}"
            yield native_hit(subject, member, reason=reason, remedy="build or download it again")


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
        id="elf-damaged",
        severity=Severity.WARNING,
        what="an ELF file whose headers lead nowhere",
        source=_ABI,
        find=_damaged,
    ),
)
