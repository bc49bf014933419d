"""Does an interpreter fit the platform of an environment? And its document, written and read."""

from __future__ import annotations

import contextlib
import json
import struct
from dataclasses import replace

import pytest

from python_env.artifacts.interpreter.model import Interpreter, fit_faults, parse_interpreter, render_interpreter
from python_env.base.binary import DamagedBinary, read_binary
from python_env.base.errors import ToolError
from python_env.base.platforms import Os, parse_platform
from support.binaries import elf, macho

LINUX = Interpreter(
    archive="a.tar.gz",
    sha256="a" * 64,
    version="3.11.9",
    os=Os.LINUX,
    cpus=("x86_64",),
    libc="glibc",
    floor=(2, 17),
    needs=("libc.so.6", "libz.so.1"),
    node_libraries={"libz.so.1": ("zlib",)},
    links={"lib/a": "b"},
)
MACOS = replace(LINUX, os=Os.MACOS, cpus=("aarch64",), libc="", floor=(11, 0))
MISFITS = {
    "another minor version": (LINUX, "cp312-manylinux_2_28_x86_64", ["is CPython 3.11.9, the environment is for 3.12"]),
    "free-threaded": (
        replace(LINUX, version="3.13.1"),
        "cp313-cp313t-manylinux_2_28_x86_64",
        ["is not free-threaded, the environment is for the ABI cp313t"],
    ),
    "another cpu": (LINUX, "cp311-manylinux_2_28_aarch64", ["is built for x86_64, the environment is for aarch64"]),
    "another system": (LINUX, "cp311-macosx_14_0_arm64", ["runs on linux, the environment is for macos"]),
    "Windows": (LINUX, "cp311-win_amd64", ["runs on linux, the environment is for windows"]),
    "another libc": (LINUX, "cp311-musllinux_1_2_x86_64", ["needs glibc, the environment is for musl"]),
    "static": (replace(LINUX, libc=""), "cp311-manylinux_2_28_x86_64", ["needs no libc (it is linked statically)"]),
    "newer glibc": (
        replace(LINUX, floor=(2, 34)),
        "cp311-manylinux_2_28_x86_64",
        ["needs glibc 2.34, the environment promises to run on 2.28"],
    ),
    "newer macOS": (
        replace(MACOS, floor=(15, 0)),
        "cp311-macosx_14_0_arm64",
        ["needs macOS 15.0, the environment promises to run on 14.0"],
    ),
    "half a universal binary": (
        MACOS,
        "cp311-macosx_14_0_universal2",
        ["is built for aarch64, the environment is for universal2"],
    ),
    "everything": (
        replace(LINUX, floor=(2, 39), cpus=("aarch64",)),
        "cp310-manylinux_2_28_x86_64",
        ["is CPython 3.11.9", "is built for aarch64", "needs glibc 2.39"],
    ),
}


@pytest.mark.parametrize("case", MISFITS)
def test_what_does_not_fit_is_said(case: str) -> None:
    """Every difference, with the archive that would fit."""
    interpreter, tag, says = MISFITS[case]
    faults = fit_faults(interpreter, parse_platform(tag), where="x_venv, interpreter")
    assert len(faults) == len(says)
    for fault, said in zip(faults, says, strict=True):
        assert said in fault.what and fault.where == "x_venv, interpreter" and f"for {tag}, or none" in fault.fix


@pytest.mark.parametrize(
    ("interpreter", "tag"),
    [
        (LINUX, "cp311-manylinux_2_28_x86_64"),
        (LINUX, "cp311-manylinux2014_x86_64"),
        (MACOS, "cp311-macosx_11_0_arm64"),
        (replace(MACOS, cpus=("aarch64", "x86_64")), "cp311-macosx_14_0_universal2"),
        (replace(LINUX, libc="musl", floor=(0, 0)), "cp311-musllinux_1_2_x86_64"),
    ],
)
def test_what_fits_passes(interpreter: Interpreter, tag: str) -> None:
    """The same floor or an older one, and both cpus of a universal binary."""
    assert not fit_faults(interpreter, parse_platform(tag), where="x")


def test_what_is_written_is_what_is_read() -> None:
    """Every field of the document comes back."""
    for interpreter in (LINUX, MACOS):
        assert parse_interpreter(render_interpreter(interpreter), where="a.json") == interpreter


@pytest.mark.parametrize(
    ("key", "value"),
    [("cpus", []), ("cpus", ["z80"]), ("floor", [2]), ("floor", ["2", "28"]), ("os", "plan9"), ("libc", "newlib")],
)
def test_a_value_that_no_interpreter_has_is_refused(key: str, value: object) -> None:
    """The field is named."""
    document = {**json.loads(render_interpreter(LINUX)), key: value}
    with pytest.raises(ToolError, match=key):
        parse_interpreter(json.dumps(document).encode(), where="a.json")


def test_native_files_say_what_they_need() -> None:
    """ELF: the newest version of glibc's symbols, relative relocations included; Mach-O: the release of macOS."""
    found = read_binary(elf("aarch64", versions=("GLIBC_2.4", "GLIBC_2.34", "GLIBC_2.3.4", "GLIBC_PRIVATE")))
    assert found is not None and (found.cpus, found.floor, found.libc) == (frozenset({"aarch64"}), (2, 34), "glibc")
    found = read_binary(elf(versions=("GLIBC_ABI_DT_RELR",)))
    assert found is not None and found.floor == (2, 36)
    found = read_binary(macho(release=(12, 3)))
    assert found is not None and (found.os, found.cpus, found.floor) == (Os.MACOS, frozenset({"aarch64"}), (12, 3))
    assert read_binary(b"#!/bin/sh\n") is None and read_binary(b"") is None


def test_a_universal_binary_has_both_cpus() -> None:
    """And the newest release that one of them needs."""
    parts = [macho(0x01000007, release=(10, 15)), macho(release=(11, 0))]
    head = b"\xca\xfe\xba\xbe" + (2).to_bytes(4)
    places, body = b"", b""
    for part in parts:
        places += b"".join(value.to_bytes(4) for value in (0, 0, 48 + len(body), len(part), 0))
        body += part
    found = read_binary(head + places + body)
    assert found is not None and (found.cpus, found.floor) == (frozenset({"aarch64", "x86_64"}), (11, 0))


def test_no_cut_binary_ends_in_a_bug() -> None:
    """Every beginning of a native file is read, or damaged."""
    for whole in (elf(), macho()):
        for size in range(len(whole)):
            with contextlib.suppress(DamagedBinary):
                read_binary(whole[:size])


@pytest.mark.parametrize("lie", [b"\xff" * 8, b"\0" * 8, b"\0" * 7 + b"\x80", b"\xff" * 7 + b"\x7f"])
@pytest.mark.parametrize("whole", [elf(), macho()], ids=["elf", "mach-o"])
def test_no_number_of_a_binary_ends_in_a_bug(whole: bytes, lie: bytes) -> None:
    """Offsets, sizes and counts that no file has, at every place."""
    for place in range(len(whole)):
        for width in (2, 4, 8):
            with contextlib.suppress(DamagedBinary):
                read_binary(whole[:place] + lie[-width:] + whole[place + width :])


def endless_versions() -> bytes:
    """Return an ELF file whose list of symbol versions leads back to itself."""
    whole = bytearray(elf(versions=("GLIBC_2.17",)))
    at = whole.index(struct.pack("<2H3L", 1, 1, 0, 16, 0))
    struct.pack_into("<2H", whole, at, 1, 0xFFFF)
    struct.pack_into("<L", whole, at + 16 + 12, 0)
    struct.pack_into("<Q", whole, whole.index(struct.pack("<2Q", 0x6FFFFFFF, 1)) + 8, 100)
    return bytes(whole)


ENDLESS = {
    "load commands": struct.pack("<8L", 0xFEEDFACF, 0x0100000C, 0, 2, 1_000_000, 0, 0, 0) + bytes(8),
    "symbol versions": endless_versions(),
    "no programs": struct.pack(">2L", 0xCAFEBABE, 2) + bytes(40),
    "neither 32 nor 64 bits": elf()[:4] + b"\x09" + elf()[5:],
}


@pytest.mark.parametrize("case", ENDLESS)
def test_a_binary_that_leads_nowhere_is_damaged(case: str) -> None:
    """A list that never ends, or one without an entry: nothing is read for minutes, and nothing is guessed."""
    with pytest.raises(DamagedBinary):
        read_binary(ENDLESS[case])
