"""What a native file says of the machine that it runs on: ELF (System V gABI, LSB symbol versions) and Mach-O."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from python_env.base.platforms import Os

_ELF = b"\x7fELF"
_MACHINES = {3: "i686", 21: "ppc64le", 22: "s390x", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
"""e_machine to Bazel's word."""

_LOAD, _DYNAMIC, _INTERP = 1, 2, 3
_NEEDED, _STRTAB, _SONAME, _RPATH, _RUNPATH, _VERNEED, _VERNEEDNUM = 1, 5, 14, 15, 29, 0x6FFFFFFE, 0x6FFFFFFF
_TEXTS = (_NEEDED, _SONAME, _RPATH, _RUNPATH)
_GLIBC = re.compile(rb"GLIBC_(\d{1,2})\.(\d{1,3})(?:\.\d+)?")
_RELR = b"GLIBC_ABI_DT_RELR"
"""Asked for by what is linked with -z pack-relative-relocs; glibc 2.36 has it first."""

_MACH = {b"\xcf\xfa\xed\xfe": "<"}
_FAT = b"\xca\xfe\xba\xbe"
_MAC_CPUS = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
_VERSION_MIN, _BUILD_VERSION = 0x24, 0x32
_LOAD_COMMAND = 8
"""Bytes that every load command of Mach-O begins with."""

_MOST_TEXT = 4096
"""Bytes: no path or name is longer."""

_MOST_NEEDS = 1 << 13
"""More libraries, or symbol versions, than any file needs: who states more wants to be read for long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Binary:
    """A program or a shared library."""

    os: Os
    cpus: frozenset[str]
    libc: str = ""
    """Of the loader that a program names; empty for a library, and for a program that is linked statically."""
    floor: tuple[int, int] = (0, 0)
    """Lowest glibc or macOS version; (0, 0) where it says nothing."""
    needed: tuple[str, ...] = ()
    """Names of the shared libraries that it is linked with."""
    soname: str = ""
    paths: tuple[str, ...] = ()
    """Where the loader looks for them first: RPATH and RUNPATH, as they stand there."""
    versions: frozenset[str] = frozenset()
    """Symbol versions that it asks other libraries for: `GLIBCXX_3.4.21`."""


class DamagedBinary(Exception):
    """A native file whose headers lead nowhere."""


def is_program(head: bytes) -> bool:
    """Return whether a file that begins with these bytes, four or more, is one to execute: a script, ELF or Mach-O.

    Not Mach-O for several machines: Java's classes begin with the same bytes.
    """
    return head.startswith((b"#!", _ELF, *_MACH))


def read_binary(data: bytes, *, size: int | None = None) -> Binary | None:
    """Return what a file says, or None when it is neither ELF nor Mach-O of 64 bits.

    `data` may be the start of a file of `size` bytes (see `elf_extent`). Raises DamagedBinary when its headers lead
    out of it, or out of what was given of it.
    """
    try:
        if data.startswith(_ELF):
            return _read_elf(data, len(data) if size is None else size)
        if data[:4] in _MACH:
            return _read_mach(data)
        if data.startswith(_FAT) and 0 < struct.unpack_from(">L", data, 4)[0] < 20:  # more: a class file of Java
            return _read_fat(data)
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise DamagedBinary(str(error)) from None
    return None


def elf_extent(head: bytes, *, size: int) -> int:
    """Return how much of an ELF file of `size` bytes to read for what it needs of others; 0 for another kind of file.

    That is up to the end of its dynamic section: what that names stands before it, unless a tool (patchelf) moved it.
    `head` holds at least its program headers, which stand behind the first one.
    """
    if not head.startswith(_ELF):
        return 0
    try:
        segments = list(_segments(head, wide=head[4] == 2, order="<" if head[5] == 1 else ">", size=size))
    except (struct.error, IndexError, ValueError):
        return size
    return max((each.offset + each.size for each in segments if each.kind in (_DYNAMIC, _INTERP)), default=len(head))


class _Segment(NamedTuple):
    kind: int
    offset: int
    address: int
    size: int


def _read_elf(data: bytes, size: int) -> Binary:
    if data[4] not in (1, 2) or data[5] not in (1, 2):
        raise ValueError("neither of 32 nor of 64 bits, or of no byte order")
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    machine = struct.unpack_from(order + "H", data, 18)[0]
    segments = list(_segments(data, wide=wide, order=order, size=size))
    for kind in (_DYNAMIC, _INTERP):
        if sum(each.kind == kind for each in segments) > 1:
            raise ValueError("two segments of a kind of which a file has one")
    tags = list(_dynamic(data, segments, wide=wide, order=order))
    if sum(tag in _TEXTS for tag, _ in tags) > _MOST_NEEDS:
        raise ValueError("it needs more libraries than any file does")
    strings = next((_place(segments, value) for tag, value in tags if tag == _STRTAB), 0)
    texts = {
        kind: tuple(_text(data, strings + value).decode() for tag, value in tags if tag == kind) for kind in _TEXTS
    }
    versions = frozenset(_versions(data, segments, dict(tags), strings, order=order))
    loader = b"".join(data[each.offset : each.offset + each.size] for each in segments if each.kind == _INTERP)
    return Binary(
        os=Os.LINUX,
        cpus=frozenset({_MACHINES.get(machine, f"ELF machine {machine}")}),
        libc="musl" if b"ld-musl" in loader else "glibc" if loader else "",
        floor=max((_glibc(version) for version in versions), default=(0, 0)),
        needed=texts[_NEEDED],
        soname="".join(texts[_SONAME][:1]),
        paths=tuple(path for paths in texts[_RUNPATH] or texts[_RPATH] for path in paths.split(":") if path),
        versions=frozenset(version.decode() for version in versions),
    )


def _segments(data: bytes, *, wide: bool, order: str, size: int) -> Iterator[_Segment]:
    start = struct.unpack_from(order + ("Q" if wide else "L"), data, 32 if wide else 28)[0]
    step, count = struct.unpack_from(order + "2H", data, 54 if wide else 42)
    for at in range(start, start + step * count, step or 1):
        if wide:
            kind, _, offset, address, _, length = struct.unpack_from(order + "2L4Q", data, at)
        else:
            kind, offset, address, _, length = struct.unpack_from(order + "5L", data, at)
        if offset + length > size:
            raise ValueError("a segment lies beyond the end of the file")
        yield _Segment(kind, offset, address, length)


def _dynamic(data: bytes, segments: list[_Segment], *, wide: bool, order: str) -> Iterator[tuple[int, int]]:
    pair = struct.Struct(order + ("2Q" if wide else "2L"))
    for segment in segments:
        if segment.kind == _DYNAMIC:
            part = data[segment.offset : segment.offset + segment.size]
            yield from pair.iter_unpack(part[: len(part) // pair.size * pair.size])


def _place(segments: list[_Segment], address: int) -> int:
    for segment in segments:
        if segment.kind == _LOAD and segment.address <= address < segment.address + segment.size:
            return address - segment.address + segment.offset
    raise ValueError(f"no segment holds the address {address:#x}")


def _text(data: bytes, start: int) -> bytes:
    return data[start : data.index(b"\0", start, start + _MOST_TEXT)]


def _versions(
    data: bytes, segments: list[_Segment], tags: dict[int, int], strings: int, *, order: str
) -> Iterator[bytes]:
    """Yield the symbol versions that a file needs (LSB, "Version Requirements")."""
    if _VERNEED not in tags:
        return
    at, left = _place(segments, tags[_VERNEED]), _MOST_NEEDS
    for _ in range(tags.get(_VERNEEDNUM, 0)):
        _, count, _, aux, following = struct.unpack_from(order + "2H3L", data, at)
        place, left = at + aux, left - count - 1
        if left < 0:
            raise ValueError("it needs more symbol versions than any file does")
        for _ in range(count):
            _, _, _, name, step = struct.unpack_from(order + "L2H2L", data, place)
            yield _text(data, strings + name)
            place += step
        at += following


def _glibc(version: bytes) -> tuple[int, int]:
    match = _GLIBC.fullmatch(version)
    if match is None:
        return (2, 36) if version == _RELR else (0, 0)
    return int(match[1]), int(match[2])


def _read_mach(data: bytes) -> Binary:
    order = _MACH[data[:4]]
    cpu, _, _, count = struct.unpack_from(order + "4L", data, 4)
    at, floor = 32, (0, 0)
    for _ in range(count):
        command, size = struct.unpack_from(order + "2L", data, at)
        if command in (_VERSION_MIN, _BUILD_VERSION):
            version = struct.unpack_from(order + "L", data, at + (8 if command == _VERSION_MIN else 12))[0]
            floor = (version >> 16, version >> 8 & 0xFF)
        if size < _LOAD_COMMAND:
            raise ValueError("a load command is shorter than its own head")
        at += size
    return Binary(os=Os.MACOS, cpus=frozenset({_MAC_CPUS.get(cpu, f"Mach-O cpu {cpu:#x}")}), floor=floor)


def _read_fat(data: bytes) -> Binary:
    parts = []
    for number in range(struct.unpack_from(">L", data, 4)[0]):
        _, _, offset, size, _ = struct.unpack_from(">5L", data, 8 + 20 * number)
        if data[offset : offset + 4] in _MACH:
            parts.append(_read_mach(data[offset : offset + size]))
    if not parts:
        raise ValueError("a universal binary without a program of 64 bits")
    cpus = frozenset(cpu for part in parts for cpu in part.cpus)
    return Binary(os=Os.MACOS, cpus=cpus, floor=max((part.floor for part in parts), default=(0, 0)))
