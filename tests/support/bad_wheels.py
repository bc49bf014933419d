"""Wheels that lie, clash or attack, each with what is said of it: one table for all that reads wheels."""

from __future__ import annotations

import dataclasses
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.wheels import deflated, make_wheel, record_line, smuggler, wheel_members, write_zip

BAD = {"bad/__init__.py": b"X = 1\n"}
NAME = "bad-1.0-py3-none-any.whl"
INFO = "bad-1.0.dist-info"
DATA = "bad-1.0.data"


@dataclass(frozen=True)
class Case:
    """One hostile wheel of the distribution `bad`."""

    make: Callable[[Path], Path]
    """Writes it into a folder."""
    says: str
    """Part of the error."""
    os: str = "linux"
    """Target on which it is one."""


@dataclass(frozen=True)
class Member:
    """A member of a zip whose headers may say anything."""

    name: bytes
    data: bytes = b"evil\n"
    local: Mapping[str, int] = field(default_factory=dict)
    """Fields of the local header that differ from the truth: needed, flags, method, crc, compressed, size."""
    central: Mapping[str, int] = field(default_factory=dict)
    """Fields of the central record that differ from the truth; further `offset`, `mode`, `made_by`."""
    local_name: bytes | None = None
    extra: tuple[bytes, bytes] = (b"", b"")
    """Extra fields, local and central."""
    behind: bytes = b""
    """What follows the data: a descriptor, or more."""
    stream: bytes | None = None
    """The bytes in the archive, if these are not `data` deflated."""


def members_of(files: Mapping[str, bytes], *, record: bool = True) -> list[Member]:
    """Return the members of an honest wheel of `bad` with these files."""
    rows = wheel_members("bad", "1.0", files)
    if not record:
        rows[f"{INFO}/RECORD"] = b"".join(f"{name},,\n".encode() for name in rows)
    return [Member(name.encode(), data) for name, data in rows.items()]


def write_members(path: Path, members: Sequence[Member]) -> Path:
    """Write a zip with these headers, deflated, and an honest end."""
    body, directory = b"", b""
    for member in members:
        stream = deflated(member.data) if member.stream is None else member.stream
        truth = {"needed": 20, "flags": 0, "method": 8, "crc": zlib.crc32(member.data), "compressed": len(stream)}
        truth |= {"size": len(member.data), "offset": len(body), "mode": 0o100644, "made_by": 3}
        local, central = {**truth, **member.local}, {**truth, **member.central}
        name = member.name if member.local_name is None else member.local_name
        directory += struct.pack("<4s2B", b"PK\x01\x02", 20, central["made_by"]) + _common(central)
        directory += struct.pack("<5H", len(member.name), len(member.extra[1]), 0, 0, 0)
        directory += struct.pack("<2L", central["mode"] << 16, central["offset"]) + member.name + member.extra[1]
        body += b"PK\x03\x04" + _common(local) + struct.pack("<2H", len(name), len(member.extra[0]))
        body += name + member.extra[0] + stream + member.behind
    count = len(members)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(body + directory + end)
    return path


def _common(fields: Mapping[str, int]) -> bytes:
    head = struct.pack("<5H", fields["needed"], fields["flags"], fields["method"], 0, 33)
    return head + struct.pack("<3L", fields["crc"], fields["compressed"], fields["size"])


def evil(folder: Path, member: Member) -> Path:
    """Return a wheel with one more member, which RECORD lists."""
    honest = members_of({**BAD, "placeholder": b""}, record=False)
    shown = member.name.decode("utf-8", errors="replace").replace("\0", "")
    kept = [
        dataclasses.replace(one, data=one.data.replace(b"placeholder", shown.encode()))
        for one in honest
        if one.name != b"placeholder"
    ]
    return write_members(folder / NAME, [*kept[:-1], member, kept[-1]])


def first(folder: Path, **words: object) -> Path:
    """Return a wheel whose first member differs by these fields of Member."""
    honest = members_of(BAD)
    return write_members(folder / NAME, [dataclasses.replace(honest[0], **words), *honest[1:]])  # type: ignore[arg-type]  # any field


def rewritten(path: Path, edit: Callable[[bytearray], object]) -> Path:
    """Change a file's bytes."""
    data = bytearray(path.read_bytes())
    edit(data)
    path.write_bytes(bytes(data))
    return path


def edited(edit: Callable[[bytearray], object]) -> Callable[[Path], Path]:
    """Return what writes a wheel whose bytes were changed."""
    return lambda folder: rewritten(make_wheel(folder, "bad", files=BAD), edit)


def named(*names: str) -> Callable[[Path], Path]:
    """Return what writes a wheel with more members of these names."""
    return lambda folder: make_wheel(folder, "bad", files={**BAD, **{name: name.encode() for name in names}})


def duplicated(folder: Path) -> Path:
    """Return a wheel with one name twice."""
    path = make_wheel(folder, "bad", files=BAD)
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("bad/__init__.py", b"Y = 2\n")
    return path


def without(member: str) -> Callable[[Path], Path]:
    """Return what writes a wheel that lacks a file of its dist-info."""

    def make(folder: Path) -> Path:
        members = wheel_members("bad", "1.0", BAD)
        del members[f"{INFO}/{member}"]
        return write_zip(folder / NAME, members)

    return make


def with_record(record: bytes, *, more: bool = False) -> Callable[[Path], Path]:
    """Return what writes a wheel with that RECORD; `more` adds empty rows for the dist-info."""

    def make(folder: Path) -> Path:
        members = wheel_members("bad", "1.0", BAD)
        rows = b"".join(f"{name},,\n".encode() for name in members if more and "dist-info" in name)
        return write_zip(folder / NAME, {**members, f"{INFO}/RECORD": record + rows})

    return make


def entry(points: str) -> Callable[[Path], Path]:
    """Return what writes a wheel with these entry points."""
    return lambda folder: make_wheel(folder, "bad", files=BAD, entry_points=points)


def script(line: str) -> Callable[[Path], Path]:
    """Return what writes a wheel with this console script."""
    return entry(f"[console_scripts]\n{line}\n")


def of_mode(mode: int) -> Callable[[Path], Path]:
    """Return what writes a wheel with a member of this kind, whatever system is said to have made it."""
    return lambda folder: evil(folder, Member(b"bad/x", b"/etc/passwd", central={"mode": mode, "made_by": mode % 4}))


def zip64_end(**lies: int) -> Callable[[Path], Path]:
    """Return what writes a wheel that ends by a zip64 record, in which any number can be a lie."""

    def edit(data: bytearray) -> None:
        at = data.rindex(b"PK\x05\x06")
        count, length, start = struct.unpack_from("<HLL", data, at + 10)
        told = {"count": count, "length": length, "start": start, "place": at, "disks": 1, **lies}
        numbers = (told["count"], told["count"], told["length"], told["start"])
        record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *numbers)
        data[at:at] = record + struct.pack("<4sLQL", b"PK\x06\x07", 0, told["place"], told["disks"])
        struct.pack_into("<HH", data, data.rindex(b"PK\x05\x06") + 8, 0xFFFF, 0xFFFF)

    return edited(edit)


def end(position: int, code: str, *values: int) -> Callable[[Path], Path]:
    """Return what writes a wheel whose end record has other values at a position."""
    return edited(lambda data: struct.pack_into(code, data, data.rindex(b"PK\x05\x06") + position, *values))


def bomb(files: int, size: int) -> Callable[[Path], Path]:
    """Return what writes a wheel of zeros, true in every number."""

    def make(folder: Path) -> Path:
        zeros = bytes(size)
        stream, crc = deflated(zeros), zlib.crc32(zeros)
        large = {"crc": crc, "size": size}
        honest = members_of(BAD, record=False)
        names = [f"bad/zeros{number}" for number in range(files)]
        rows = honest[-1].data + "".join(f"{name},,\n" for name in names).encode()
        zeros_of = [Member(name.encode(), b"", local=large, central=large, stream=stream) for name in names]
        return write_members(folder / NAME, [*honest[:-1], *zeros_of, dataclasses.replace(honest[-1], data=rows)])

    return make


def shared_stream(folder: Path) -> Path:
    """Return a wheel in which two records point at one member: how a bomb holds more than deflate can."""
    honest = members_of(BAD, record=False)
    twin = Member(b"bad/twin.py", b"X = 1\n", central={"offset": 0})
    return write_members(folder / NAME, [*honest[:-1], twin, honest[-1]])


def cut_short(folder: Path) -> Path:
    """Return a wheel without its last bytes."""
    return rewritten(make_wheel(folder, "bad", files=BAD), lambda data: data.__delitem__(slice(-30, None)))


def renamed(folder: Path, name: str, version: str) -> Path:
    """Return another distribution's wheel under this one's file name."""
    return make_wheel(folder, name, version, files=BAD).rename(folder / NAME)


def other_metadata(text: str) -> Callable[[Path], Path]:
    """Return what writes a wheel with this METADATA."""

    def make(folder: Path) -> Path:
        members = {**wheel_members("bad", "1.0", BAD), f"{INFO}/METADATA": text.encode()}
        members[f"{INFO}/RECORD"] = b"".join(f"{name},,\n".encode() for name in members)
        return write_zip(folder / NAME, members)

    return make


def streamed(stream: bytes) -> Callable[[Path], Path]:
    """Return what writes a wheel with these bytes for a member, while all that is said of it fits its content."""
    return lambda folder: first(folder, stream=stream)


def unicode_path(name: bytes, other: bytes) -> bytes:
    """Return an extra field with a second name (Info-ZIP), as a reader that goes by it wants it."""
    return struct.pack("<2HBL", 0x7075, 5 + len(other), 1, zlib.crc32(name)) + other


_PADDING = struct.pack("<2H", 0x9999, 2000) + bytes(2000)
_DESCRIPTOR = {"flags": 8, "crc": 0, "compressed": 0, "size": 0}
_LIE = "a local header contradicts the central directory"
_TWICE = b"bad/a.py,sha256=" + b"A" * 43 + b",1\n"

NAMES = {
    "climbs": Case(named("../evil.py"), "leaves the archive"),
    "climbs inside": Case(named("bad/../../evil.py"), "leaves the archive"),
    "climbs out of a scheme": Case(named(f"{DATA}/scripts/../../evil"), "leaves the archive"),
    "absolute": Case(named("/etc/evil"), "is absolute"),
    "drive": Case(named("C:/evil"), "is absolute"),
    "drive without a slash": Case(named("C:evil"), "is absolute"),
    "network share": Case(named("//server/share/evil"), "is absolute"),
    "backslash": Case(named("bad\\evil.py"), "has a backslash"),
    "climbs by backslashes": Case(named("..\\..\\evil.py"), "has a backslash"),
    "NUL": Case(lambda f: evil(f, Member(b"bad/x.py\0.txt")), "has a control character: 'bad/x.py\\x00.txt'"),
    "newline": Case(named("bad/e\nvil.py"), "has a control character"),
    "escape sequence": Case(named("bad/\x1b[2Jx.py"), "has a control character: 'bad/\\x1b[2Jx.py'"),
    "dot": Case(named("bad/./evil.py"), "is not normalised"),
    "double slash": Case(named("bad//evil.py"), "is not normalised"),
    "no name": Case(lambda f: evil(f, Member(b"")), "is not normalised"),
    "not UTF-8": Case(lambda f: evil(f, Member(b"bad/\xff.py", central={"flags": 0x800})), "has a backslash"),
    "long part": Case(named("bad/" + "x" * 300), "has a part of more than 255 bytes"),
    "long part, in bytes": Case(named("bad/" + "ü" * 130), "has a part of more than 255 bytes"),
    "long path": Case(named("/".join(["d" * 200] * 6)), "is longer than 1024 bytes"),
    "deep": Case(named("d/" * 1000 + "x.py"), "is longer than 1024 bytes"),
    "two names": Case(
        lambda f: evil(f, Member(b"bad/x.py", extra=(b"", unicode_path(b"bad/x.py", b"../evil.py")))),
        "a member has a second name: b'../evil.py'",
    ),
    "two names, local": Case(
        lambda f: first(f, extra=(unicode_path(b"bad/__init__.py", b"../evil.py"), b"")),
        "a member has a second name: b'../evil.py'",
    ),
    "two names, far behind": Case(
        lambda f: first(f, extra=(_PADDING + unicode_path(b"bad/__init__.py", b"../evil.py"), b"")),
        "a member has a second name: b'../evil.py'",
    ),
    "duplicate": Case(duplicated, "a name stands twice"),
    "file and folder": Case(
        lambda f: evil(f, Member(b"bad/__init__.py/", b"", stream=b"", central={"mode": 0o40755})), "stands twice"
    ),
    "file as a folder": Case(named("bad/__init__.py/x.py"), "is a file of bad-1.0-py3-none-any.whl and a folder of"),
    "folder with content": Case(
        lambda f: evil(f, Member(b"bad/x/", b"hidden", central={"mode": 0o40755})), "sizes contradict each other"
    ),
    "case, Windows": Case(named("bad/A.py", "bad/a.py"), "which folds case", os="windows"),
    "case, macOS": Case(named("bad/A.py", "bad/a.py"), "which folds case and Unicode forms", os="macos"),
    "case of folders": Case(named("bad/X", "bad/x/y.py"), "is a file of bad-1.0", os="macos"),
    "Unicode forms": Case(named("bad/\u00e9.py", "bad/e\u0301.py"), "which folds case and Unicode forms", os="macos"),
    "trailing dot": Case(named("bad/a."), "which Windows takes for something else", os="windows"),
    "trailing space": Case(named("bad/a "), "which Windows takes for something else", os="windows"),
    "device": Case(named("bad/aux.py"), "which Windows takes for something else", os="windows"),
    "stream": Case(named("bad/a:b.py"), "which Windows takes for something else", os="windows"),
}

KINDS = {
    "symbolic link": Case(of_mode(0o120777), "neither a file nor a directory"),
    "character device": Case(of_mode(0o020666), "neither a file nor a directory"),
    "block device": Case(of_mode(0o060666), "neither a file nor a directory"),
    "pipe": Case(of_mode(0o010644), "neither a file nor a directory"),
    "socket": Case(of_mode(0o140777), "neither a file nor a directory"),
    "folder's mode": Case(of_mode(0o040755), "neither a file nor a directory"),
    "encrypted": Case(lambda f: first(f, central={"flags": 1}), "a member is encrypted"),
    "strongly encrypted": Case(lambda f: first(f, central={"flags": 0x41}), "a member is encrypted"),
    "hidden headers": Case(lambda f: first(f, central={"flags": 0x2000}), "a member is encrypted"),
    "encrypted, local": Case(lambda f: first(f, local={"flags": 1}), _LIE),
    "deflate64": Case(lambda f: first(f, central={"method": 9}), "a member is compressed by method 9"),
    "bzip2": Case(lambda f: first(f, central={"method": 12}), "a member is compressed by method 12"),
    "lzma": Case(lambda f: first(f, central={"method": 14}), "a member is compressed by method 14"),
    "zstandard": Case(lambda f: first(f, central={"method": 93}), "a member is compressed by method 93"),
    "method, local": Case(lambda f: first(f, local={"method": 0}), _LIE),
}

SIZES = {
    "bomb by ratio": Case(bomb(1, 101 << 20), "more than 100 times its size"),
    "bomb by number": Case(bomb(101, 1 << 20), "more than 100 times its size"),
    "bomb by a lie": Case(lambda f: first(f, central={"size": 1 << 30}), "a member's sizes contradict each other"),
    "bomb of one stream": Case(shared_stream, "members overlap"),
    "overlap": Case(lambda f: first(f, central={"compressed": 200}), "members overlap"),
    "overlap, offset": Case(lambda f: first(f, central={"offset": 7}), "members overlap"),
    "size": Case(lambda f: first(f, local={"size": 7}), _LIE),
    "compressed size": Case(lambda f: first(f, local={"compressed": 7}), _LIE),
    "CRC": Case(lambda f: first(f, local={"crc": 7}), _LIE),
    "name": Case(lambda f: first(f, local_name=b"bad/__init__.pY"), _LIE),
    "length of the name": Case(lambda f: first(f, local_name=b"bad/__init__.pyx"), _LIE),
    "all CRCs wrong": Case(lambda f: first(f, local={"crc": 7}, central={"crc": 7}), "does not fit its size and CRC"),
    "all sizes wrong": Case(
        lambda f: first(f, local={"size": 7}, central={"size": 7}), "does not fit its size and CRC"
    ),
    "stored with two sizes": Case(lambda f: first(f, central={"method": 0}, local={"method": 0}), "sizes contradict"),
    "descriptor with another CRC": Case(
        lambda f: first(f, local=_DESCRIPTOR, behind=b"PK\x07\x08" + struct.pack("<3L", 1, 8, 6)),
        "a data descriptor that contradicts the central directory follows a member's data",
    ),
    "descriptor that is none": Case(
        lambda f: first(f, local=_DESCRIPTOR), "a data descriptor that contradicts the central directory"
    ),
    "descriptor not announced": Case(
        lambda f: first(f, behind=b"PK\x07\x08" + struct.pack("<3L", 0, 0, 0)), "something follows a member's data"
    ),
    "descriptor and sizes": Case(lambda f: first(f, local={"flags": 8, "crc": 0, "compressed": 0, "size": 7}), _LIE),
    "hidden member": Case(lambda f: first(f, behind=b"PK\x03\x04" + bytes(26)), "something follows a member's data"),
    "zip64 size without its field": Case(lambda f: first(f, central={"size": 0xFFFFFFFF}), "a zip64 field is missing"),
    "zip64 size of another": Case(
        lambda f: first(f, central={"size": 0xFFFFFFFF}, extra=(b"", struct.pack("<2HQ", 1, 8, 1 << 40))),
        "a member's sizes contradict each other",
    ),
    "zip64 size, local": Case(
        lambda f: first(f, local={"size": 0xFFFFFFFF, "compressed": 0xFFFFFFFF}), "a zip64 field is missing"
    ),
    "zip64 with another number": Case(zip64_end(count=2**60), "the central directory is damaged"),
    "zip64 with another length": Case(zip64_end(length=2**60), "the central directory is not where"),
    "zip64 with another start": Case(zip64_end(start=0), "the central directory is not where"),
    "zip64 of several volumes": Case(zip64_end(disks=2), "several volumes"),
    "zip64 elsewhere": Case(zip64_end(place=0), "the zip64 record is missing"),
    "zip64 nowhere": Case(end(8, "<HH", 0xFFFF, 0xFFFF), "the zip64 locator is missing"),
    "too few members": Case(end(8, "<HH", 1, 1), "holds more than it says"),
    "too many members": Case(end(8, "<HH", 9, 9), "the central directory is damaged"),
    "several volumes": Case(end(4, "<HH", 1, 1), "several volumes"),
    "preamble": Case(edited(lambda data: data.insert(0, 0)), "something precedes the archive"),
    "trailer": Case(edited(lambda data: data.extend(b"more")), "something follows the end of the archive"),
    "trailing archive": Case(edited(lambda data: data.extend(bytes(data))), "something precedes the archive"),
    "cut": Case(cut_short, "not a zip"),
    "empty": Case(edited(lambda data: data.clear()), "not a zip"),
    "no archive": Case(edited(lambda data: data.__setitem__(slice(None), b"<html>not found</html>")), "not a zip"),
}

STREAMS = {
    "smuggled members": Case(smuggler, "does not fit its size and CRC"),
    "corrupt stream": Case(streamed(b"\xff" * 12), "a member cannot be inflated"),
    "stream without an end": Case(streamed(deflated(b"X = 1\n")[:-1]), "a member's stream has no end"),
    "stream with more": Case(streamed(deflated(b"X = 1\n") + b"x"), "something follows the end of a member's stream"),
    "other content": Case(streamed(deflated(b"X = 2\n")), "does not fit its size and CRC"),
    "longer content": Case(streamed(deflated(b"X = 1\n" * 2)), "does not fit its size and CRC"),
    "no content": Case(streamed(b""), "a member's sizes contradict each other"),
}

METADATA = {
    "no METADATA": Case(without("METADATA"), "there is no METADATA"),
    "no WHEEL": Case(without("WHEEL"), "there is no WHEEL"),
    "no RECORD": Case(without("RECORD"), "there is no RECORD"),
    "newer": Case(lambda f: make_wheel(f, "bad", files=BAD, wheel_version="2.0"), "Wheel-Version 2.0 is newer"),
    "versionless": Case(lambda f: make_wheel(f, "bad", files=BAD, wheel_version="x"), "Wheel-Version is 'x'"),
    "two versions": Case(
        lambda f: make_wheel(f, "bad", files=BAD, wheel_version="1.0\nWheel-Version: 9.0"),
        "Wheel-Version is '1.0, 9.0'",
    ),
    "endless version": Case(
        lambda f: make_wheel(f, "bad", files=BAD, wheel_version="9" * 5000 + ".0"), "Version is '999"
    ),
    "version of other digits": Case(
        lambda f: make_wheel(f, "bad", files=BAD, wheel_version="\u0661.\u0660"), "Wheel-Version is '\u0661.\u0660'"
    ),
    "other name": Case(
        lambda f: renamed(f, "other", "1.0"), "expected one dist-info folder of bad, found other-1.0.dist-info"
    ),
    "other version": Case(lambda f: renamed(f, "bad", "9.9"), "METADATA is of version '9.9', locked is 1.0"),
    "METADATA of another name": Case(
        other_metadata("Metadata-Version: 2.1\nName: good\nVersion: 1.0\n"), "METADATA is of 'good', expected bad"
    ),
    "METADATA with a name in its text": Case(
        other_metadata("Metadata-Version: 2.1\n\nName: bad\nVersion: 1.0\n"), "METADATA is of '', expected bad"
    ),
    "METADATA of no name": Case(other_metadata("Metadata-Version: 2.1\n"), "METADATA is of '', expected bad"),
    "two dist-infos": Case(named("more-1.0.dist-info/METADATA"), "expected one dist-info folder"),
    "no dist-info": Case(lambda f: write_zip(f / NAME, BAD), "expected one dist-info folder of bad, found none"),
    "RECORD of two columns": Case(with_record(b"a,b\n"), "row 1 of RECORD has 2 columns"),
    "RECORD that is no text": Case(with_record(b"\xff\xfe"), "RECORD cannot be read"),
    "RECORD with two rows": Case(with_record(_TWICE + _TWICE.replace(b",1", b",2")), "two rows for 'bad/a.py'"),
    "RECORD that leaves a file out": Case(
        with_record(f"{INFO}/METADATA,,\n{INFO}/WHEEL,,\n".encode()),
        "RECORD does not list bad/__init__.py (1 in all)",
    ),
    "RECORD with a file that is not there": Case(
        with_record((record_line("bad/gone.py", b"") + "\nbad/__init__.py,,\n").encode(), more=True),
        "RECORD lists bad/gone.py (1 in all), not in the wheel",
    ),
    "RECORD that climbs": Case(with_record(b"../../evil.py,,\n"), "'../../evil.py', which leaves the archive"),
    "RECORD of another digest": Case(
        with_record((record_line("bad/__init__.py", b"?") + "\n").encode(), more=True), "RECORD says sha256="
    ),
    "RECORD of another size": Case(
        with_record(record_line("bad/__init__.py", b"X = 1\n").replace(",6", ",7").encode() + b"\n", more=True),
        "RECORD says 7 bytes, the content has 6",
    ),
    "RECORD of a weak digest": Case(with_record(b"bad/__init__.py,md5=AAAAAAAAAAAAAAAAAAAAAA,6\n"), "no digest of"),
}

SCRIPTS = {
    "call": Case(script("x = os:system('rm')"), "not an entry point: \"x = os:system('rm')\""),
    "shell": Case(script("x = bad:main; rm -rf /"), "not an entry point"),
    "substitution": Case(script("x = bad:$(id)"), "not an entry point"),
    "newline in a target": Case(script("x = bad:main\n  import evil"), "'x = bad:main\\nimport evil'"),
    "dots": Case(script("x = bad:a..b"), "not an entry point"),
    "keyword": Case(script("x = import:from.class"), "not an entry point"),
    "no function": Case(script("x = bad"), "not an entry point"),
    "path in a name": Case(script("../../x = bad:main"), "not an entry point"),
    "shell in a name": Case(script("x;id = bad:main"), "not an entry point"),
    "quote in a name": Case(script("x'$(id)' = bad:main"), "not an entry point"),
    "percent in a name": Case(script("%PATH% = bad:main"), "not an entry point"),
    "option as a name": Case(script("-c = bad:main"), "not an entry point"),
    "gui script": Case(entry("[gui_scripts]\nx = bad:main()\n"), "not an entry point"),
    "no ini": Case(entry("x = y\n"), "not readable"),
    "no text": Case(named(f"{INFO}/entry_points.txt"), "not readable"),
}

PLACES = {
    "unknown scheme": Case(named(f"{DATA}/system/x"), "unknown scheme 'system'"),
    "no scheme": Case(named(f"{DATA}/x"), "unknown scheme 'x'"),
    "another spelling of *.data": Case(
        named("Bad-1.0.data/scripts/tool"), "expected bad-1.0.data as the only *.data folder, found Bad-1.0.data"
    ),
    "another wheel's *.data": Case(named("other-1.0.data/purelib/x.py"), "as the only *.data folder"),
    "one script twice": Case(
        entry("[console_scripts]\nx = bad:main\n[gui_scripts]\nx = bad:other\n"),
        "  fix:   constrain it to another version, or drop it from the requirements",
    ),
    "one module twice": Case(
        named(f"{DATA}/purelib/bad/__init__.py"), "  fix:   constrain it to another version, or drop it"
    ),
    "another wheel's module": Case(named(f"{DATA}/purelib/lib/__init__.py"), "two owners of lib/python3.11/site-pack"),
    "another wheel's metadata": Case(named(f"{DATA}/platlib/lib-1.0.dist-info/METADATA"), "two owners of"),
    "another wheel's script": Case(named(f"{DATA}/scripts/run-app"), "two owners of bin/run-app"),
    "our pyvenv.cfg": Case(named(f"{DATA}/data/pyvenv.cfg"), "would overwrite our own file pyvenv.cfg"),
    "our pyvenv.cfg, macOS": Case(named(f"{DATA}/data/PyVEnv.cfg"), "are one file on the target", os="macos"),
    "our identity": Case(named(f"{DATA}/data/python_env.json"), "would overwrite our own file python_env.json"),
    "our __main__.py": Case(named(f"{DATA}/data/__main__.py"), "would overwrite our own file __main__.py"),
    "our PEX-INFO": Case(named(f"{DATA}/data/PEX-INFO"), "would overwrite our own file PEX-INFO"),
    "pex's search path": Case(
        named("PEX_EXTRA_SYS_PATH.py"), "would overwrite our own file lib/python3.11/site-packages"
    ),
    "pex's namespace packages": Case(
        named("pex-ns-pkgs.pth"), "would overwrite our own file lib/python3.11/site-packages"
    ),
    "our interpreter": Case(named(f"{DATA}/scripts/python3"), "would overwrite our own file bin/python3"),
    "our folder": Case(named(f"{DATA}/data/bin"), "bin is a file of bad-1.0"),
    "a standard library": Case(named(f"{DATA}/data/lib/python3.11/os.py"), "would overwrite our own file lib/python3"),
}

HOSTILE: dict[str, Case] = {
    f"{title}: {name}": case
    for title, cases in {
        "name": NAMES,
        "kind": KINDS,
        "size": SIZES,
        "stream": STREAMS,
        "metadata": METADATA,
        "script": SCRIPTS,
        "place": PLACES,
    }.items()
    for name, case in cases.items()
}
"""Every case, by its kind and name."""
