"""Platforms in python-build-standalone's words: what they are to Bazel, and how a program's first bytes tell them."""

# What a program says of its machine: bytes 18 and 19 of ELF (System V gABI, e_machine), those behind "PE\0\0" (PE format, Machine), and
# behind the magic number of Mach-O (mach/machine.h, cputype). Bazel reads a file's bytes as letters of Latin-1.
_CPUS = {
    "aarch64": struct(constraint = "aarch64", elf = "\267\000", macho = "\014\000\000\001", pe = "d\252"),
    "armv7": struct(constraint = "armv7", elf = "(\000", macho = None, pe = None),
    "i686": struct(constraint = "x86_32", elf = "\003\000", macho = None, pe = "L\001"),
    "ppc64le": struct(constraint = "ppc64le", elf = "\025\000", macho = None, pe = None),
    "riscv64": struct(constraint = "riscv64", elf = "\363\000", macho = None, pe = None),
    "s390x": struct(constraint = "s390x", elf = "\000\026", macho = None, pe = None),
    "x86_64": struct(constraint = "x86_64", elf = ">\000", macho = "\007\000\000\001", pe = "d\206"),
}

# End of a platform to os and libc.
_SYSTEMS = {
    "-apple-darwin": ("osx", None),
    "-pc-windows-msvc": ("windows", None),
    "-unknown-linux-gnu": ("linux", "glibc"),
    "-unknown-linux-musl": ("linux", "musl"),
}

_UNIVERSAL = "\312\376\272\276"
_MACHO = "\317\372\355\376"

def known_platforms():
    """Returns for messages how a platform is written."""
    return "<cpu>%s; cpus: %s" % (" or <cpu>".join(_SYSTEMS.keys()), ", ".join(_CPUS.keys()))

def parse_platform(text):
    """Reads a platform.

    Args:
      text: in python-build-standalone's words, e.g. `x86_64-unknown-linux-gnu`.

    Returns:
      A struct of `os`, `cpu` and `libc` (None but for Linux), and `constraints`, labels for `exec_compatible_with`; None for another text.
    """
    cpu = text.split("-")[0]
    system = _SYSTEMS.get(text[len(cpu):])
    if not system or cpu not in _CPUS:
        return None
    os, libc = system
    constraints = ["@platforms//os:" + os, "@platforms//cpu:" + _CPUS[cpu].constraint]
    return struct(
        constraints = constraints + (["@rules_python_env//rules/platforms:" + libc] if libc else []),
        cpu = cpu,
        libc = libc,
        os = os,
    )

def _cpu_of(field, value):
    found = [cpu for cpu, words in _CPUS.items() if getattr(words, field) == value]
    return found[0] if found else "an unknown cpu"

def _pe(head):
    at = head.find("PE\000\000") + len("PE\000\000")
    return head[at:at + 2]

def _machine(head):
    """Returns os, cpu and libc of a program; None for what its first bytes do not say."""
    if head.startswith("\177ELF"):
        libc = "musl" if "/ld-musl-" in head else "glibc" if "/ld-linux" in head or "/ld64.so" in head else None
        return "linux", _cpu_of("elf", head[18:20]), libc
    if head.startswith("MZ"):
        return "windows", _cpu_of("pe", _pe(head)), None
    if head.startswith(_MACHO):
        return "osx", _cpu_of("macho", head[4:8]), None
    return ("osx", None, None) if head.startswith(_UNIVERSAL) else (None, None, None)

def machine_fault(head, platform):
    """Compares a program with the platform that it is declared for.

    Args:
      head: its first bytes, as Bazel reads them; a few thousand.
      platform: what `parse_platform` returned.

    Returns:
      What the program is, as text; an empty one where it fits.
    """
    os, cpu, libc = _machine(head)
    if not os:
        return "no program of Linux, macOS or Windows"
    fits = os == platform.os and cpu in (None, platform.cpu) and libc in (None, platform.libc)
    return "" if fits else "a program for %s" % " ".join([word for word in (os, cpu, libc) if word])
