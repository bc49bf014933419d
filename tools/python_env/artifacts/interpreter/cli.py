"""`artifacts interpreter`: makes a zip of an interpreter's archive that venvs are spliced from, and its document."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from python_env.artifacts.interpreter.archive import TarArchive, ZipArchive, open_archive
from python_env.artifacts.interpreter.libraries import check_start, node_libraries
from python_env.artifacts.interpreter.model import Interpreter, render_interpreter
from python_env.artifacts.interpreter.parts import LOOKED_AT, Parts, Program, below, find_program, plan_parts
from python_env.artifacts.interpreter.sysconfig_data import is_sysconfig_data, mended
from python_env.base.archive import FILE_MODE
from python_env.base.archive.content import file_sha256
from python_env.base.archive.output import open_output
from python_env.base.archive.zip_write import ZipWriter
from python_env.base.arguments import Parser
from python_env.base.binary import Binary, DamagedBinary, read_binary
from python_env.base.documents import write_atomically
from python_env.base.errors import Fault, ToolError
from python_env.base.param_file import read_words

_FIX = "take another archive: this one is not of one relocatable CPython"


def binary_of(data: bytes, path: str, *, where: str) -> Binary | None:
    """Return what a native file says; raises ToolError when it is damaged."""
    try:
        return read_binary(data)
    except DamagedBinary as error:
        raise ToolError.one(f"a native file is damaged: {error}", where=f"{where}: {path}", fix=_FIX) from None


def write_parts(archive: TarArchive | ZipArchive, parts: Parts, output: ZipWriter, *, where: str) -> dict[str, Binary]:
    """Write the zip and return the native files of it, by path."""
    binaries: dict[str, Binary] = {}
    for name, packed in archive.read(parts.files):
        path = parts.files[name]
        if binary := binary_of(packed.data, path, where=where):
            binaries[path] = binary
        if is_sysconfig_data(path):
            output.add_bytes(path, mended(packed.data))
            continue
        sizes = (len(packed.raw), len(packed.data))
        executable = path in parts.executables
        output.add_raw(path, [packed.raw], method=packed.method, crc=packed.crc, sizes=sizes, executable=executable)
    return binaries


def check_binaries(program: Binary, binaries: Mapping[str, Binary], *, where: str) -> None:
    """Raise ToolError with every native file that runs on another machine than the program."""
    faults = [
        Fault(
            f"a native file is for {binary.os} {'/'.join(sorted(binary.cpus))}, the interpreter for "
            f"{program.os} {'/'.join(sorted(program.cpus))}",
            f"{where}: {path}",
            _FIX + ", or leave the file out by leave_out",
        )
        for path, binary in binaries.items()
        if binary.os is not program.os or not program.cpus.issubset(binary.cpus)
    ]
    if faults:
        raise ToolError(faults)


def check_version(program: Program, said: str, *, where: str) -> None:
    """Raise ToolError when the interpreter is of another version than was said of it; `said` may be empty."""
    if not said or f"{program.version}.".startswith(f"{said}."):
        return
    raise ToolError.one(
        f"the archive holds CPython {program.version}, not {said}",
        where=where,
        fix="set python_version of the interpreter to what the archive holds, or name another archive",
    )


def program_of(program: Program, *, where: str) -> Binary:
    """Return what the interpreter's own file says; raises ToolError when it is no native program."""
    binary = binary_of(program.data, program.path, where=where)
    if binary is None:
        raise ToolError.one(f"{program.path} is neither ELF nor Mach-O", where=where, fix=_FIX)
    return binary


def describe(program: Program, found: Mapping[str, Binary], own: Binary, parts: Parts, archive: Path) -> Interpreter:
    """Return the document of what was taken."""
    binaries = tuple(found.values())
    inside = {path.rpartition("/")[2] for path in (*parts.files.values(), *parts.links)}
    needs = {name for binary in binaries for name in binary.needed} - inside
    return Interpreter(
        archive=archive.name,
        sha256=file_sha256(archive),
        version=program.version,
        os=own.os,
        cpus=tuple(sorted(own.cpus)),
        libc=own.libc,
        floor=max((binary.floor for binary in binaries), default=(0, 0)),
        needs=tuple(sorted(needs)),
        node_libraries=node_libraries(found, inside),
        links=parts.links,
    )


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python_env artifacts interpreter", allow_abbrev=False)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--strip-prefix", default="")
    parser.add_argument("--python-version", default="")
    parser.add_argument("--keep", action="append", default=[], metavar="GLOB")
    parser.add_argument("--leave-out", action="append", default=[], metavar="GLOB")
    parser.add_argument("--stored", action="store_true", help="compress nothing that is not compressed already")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--document", type=Path, required=True)
    return parser.parse_args(read_words(argv))


def main(argv: Sequence[str]) -> int:
    """Write the zip and its document, or nothing."""
    options = _parse(argv)
    where = options.archive.name
    archive = open_archive(options.archive, re.compile(LOOKED_AT), compress=not options.stored)
    members = below(archive.members, options.strip_prefix, where=where)
    program = find_program(members, archive.seen, where=where)
    check_version(program, options.python_version, where=where)
    own = program_of(program, where=where)
    parts = plan_parts(members, program, needed=own.needed, keep=options.keep, leave_out=options.leave_out)
    with open_output(options.output, mode=FILE_MODE) as output:
        writer = ZipWriter(output)
        binaries = write_parts(archive, parts, writer, where=where)
        check_binaries(own, binaries, where=where)
        check_start(own, binaries, where=where)
        writer.finish()
    interpreter = describe(program, binaries, own, parts, options.archive)
    write_atomically(options.document, render_interpreter(interpreter))
    return 0
