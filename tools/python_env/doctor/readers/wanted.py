"""Which bytes of which members the checks look at, so that nothing else is inflated."""

from __future__ import annotations

import enum
from collections.abc import Callable

from python_env.base.binary import DamagedBinary, elf_extent, read_binary
from python_env.doctor.archive import Member

HEAD = 512
"""Bytes: a first line may be 255 bytes long, the head of a .pyc is 16."""

_MOST_TEXT = 1 << 23
_HEADERS = 4096
"""Bytes that hold an ELF file's program headers."""

_SCRIPTS = frozenset({"bin", "Scripts", "scripts"})
_NATIVE = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")

First = Callable[[int], bytes]
"""Returns the first bytes of a member, fewer where it ends."""


class Want(enum.Enum):
    """What is read of a member."""

    NOTHING = enum.auto()
    HEAD = enum.auto()
    WHOLE = enum.auto()
    NATIVE = enum.auto()


def wanted(name: str) -> Want:
    """Return what the checks want of a member of that name."""
    folder, _, base = name.rpartition("/")
    if base.endswith(".pyc"):
        return Want.HEAD
    if _is_text(folder, base):
        return Want.WHOLE
    if ".so" in base and (base.endswith(".so") or ".so." in base):
        return Want.NATIVE
    parent = folder.rpartition("/")[2]
    if parent in _SCRIPTS:
        return Want.WHOLE if base.lower().startswith("activate") else Want.HEAD
    return Want.HEAD if base == "__main__.py" and folder.count("/") == 0 else Want.NOTHING


def _is_text(folder: str, base: str) -> bool:
    if base in ("RECORD", "WHEEL", "direct_url.json"):
        return folder.endswith(".dist-info")
    if base in ("PEX-INFO", "pyvenv.cfg", "python_env.json"):
        return "/" not in folder
    if base.startswith("_sysconfigdata"):
        return base.endswith(".py")
    return base.endswith((".pth", ".egg-link")) or (base.startswith("__editable__") and base.endswith("_finder.py"))


def examine(member: Member, first: First) -> None:
    """Read what is wanted of a member into it."""
    want = wanted(member.name)
    if want is Want.WHOLE and member.size <= _MOST_TEXT:
        member.data = first(member.size)
        member.head = member.data[:HEAD]
        return
    member.head = first(HEAD)
    if want is not Want.WHOLE and member.head.startswith(_NATIVE):
        _examine_native(member, first)


def _examine_native(member: Member, first: First) -> None:
    extent = elf_extent(first(min(_HEADERS, member.size)), size=member.size) or member.size
    try:
        try:
            member.binary = read_binary(first(extent), size=member.size)
        except DamagedBinary:  # its strings stand behind its dynamic section, or it is damaged
            member.binary = read_binary(first(member.size))
    except DamagedBinary as error:
        member.damaged = str(error)
