"""Zips that lie about themselves: refused by a ToolError, whatever field the lie stands in."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from python_env.base.archive.zip_read import ZipSource
from python_env.base.errors import ToolError
from support.wheels import write_zip

END = b"PK\x05\x06"


def end_numbers(data: bytearray) -> tuple[int, int, int, int]:
    """Return position of the end record, number of members, length and start of the central directory."""
    at = data.rindex(END)
    count, length, start = struct.unpack_from("<HLL", data, at + 10)
    return at, count, length, start


def set_counts(data: bytearray, here: int, total: int) -> None:
    """Overwrite both counts of the end record."""
    struct.pack_into("<HH", data, data.rindex(END) + 8, here, total)


def half_a_record(data: bytearray) -> None:
    """Add a central record that ends after its signature."""
    at, count, length, _ = end_numbers(data)
    data[at:at] = b"PK\x01\x02"
    set_counts(data, count + 1, count + 1)
    struct.pack_into("<L", data, data.rindex(END) + 12, length + 4)


def zip64(data: bytearray, *, count: int | None = None, length: int | None = None, place: int | None = None) -> None:
    """Give the archive a zip64 end, in which any number can be a lie."""
    at, found, size, start = end_numbers(data)
    count, length = found if count is None else count, size if length is None else length
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, start)
    data[at:at] = record + struct.pack("<4sLQL", b"PK\x06\x07", 0, at if place is None else place, 1)
    set_counts(data, 0xFFFF, 0xFFFF)


def lone_locator(data: bytearray) -> None:
    """Point to a zip64 record beyond every file."""
    at = data.rindex(END)
    data[at:at] = struct.pack("<4sLQL", b"PK\x06\x07", 0, 2**64 - 1, 1)
    set_counts(data, 0xFFFF, 0xFFFF)


def local(offset: int, code: str, *values: int) -> Callable[[bytearray], None]:
    """Return an edit of the first local header."""
    return lambda data: struct.pack_into(code, data, offset, *values)


def central(offset: int, code: str, *values: int) -> Callable[[bytearray], None]:
    """Return an edit of the first central record."""
    return lambda data: struct.pack_into(code, data, data.index(b"PK\x01\x02") + offset, *values)


def preamble(data: bytearray) -> None:
    """Put bytes before the archive and move every offset along, as self-extracting archives do."""
    _, _, _, start = end_numbers(data)
    position = data.index(b"PK\x01\x02")
    while (position := data.find(b"PK\x01\x02", position)) >= 0:
        struct.pack_into("<L", data, position + 42, struct.unpack_from("<L", data, position + 42)[0] + 4)
        position += 4
    struct.pack_into("<L", data, data.rindex(END) + 16, start + 4)
    data[0:0] = b"#!x\n"


LIES: dict[str, tuple[Callable[[bytearray], object], str]] = {
    "half a central record": (half_a_record, "the central directory is damaged"),
    "too few members": (lambda data: set_counts(data, 1, 1), "holds more than it says"),
    "volumes by count": (lambda data: set_counts(data, 1, 2), "several volumes"),
    "zip64 far away": (lone_locator, "the zip64 record is missing"),
    "zip64 elsewhere": (lambda data: zip64(data, place=0), "the zip64 record is missing"),
    "zip64 count": (lambda data: zip64(data, count=2**60), "the central directory is damaged"),
    "zip64 length": (lambda data: zip64(data, length=2**60), "not where the archive says"),
    "version of tomorrow": (central(6, "<H", 99), "the central directory is damaged"),
    "zip64 size without its field": (central(24, "<L", 0xFFFFFFFF), "a zip64 field is missing"),
    "local encryption": (local(6, "<H", 1), "contradicts the central directory"),
    "local method": (local(8, "<H", 0), "contradicts the central directory"),
    "local CRC": (local(14, "<L", 1), "contradicts the central directory"),
    "local size": (local(22, "<L", 1), "contradicts the central directory"),
    "local extra field that moves the data": (local(28, "<H", 80), "contradicts the central directory"),
    "local zip64 without its field": (local(18, "<LL", 0xFFFFFFFF, 0xFFFFFFFF), "a zip64 field is missing"),
    "local signature": (local(0, "<L", 0), "a local header is missing"),
    "preamble with right offsets": (preamble, "something precedes the archive's first member"),
}


def damaged(folder: Path, edit: Callable[[bytearray], object]) -> Path:
    """Return a zip of two members with one lie."""
    path = write_zip(folder / "a.zip", {"one": b"1" * 50, "two": b"2" * 50})
    data = bytearray(path.read_bytes())
    edit(data)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("case", LIES)
def test_a_lie_is_refused(tmp_path: Path, case: str) -> None:
    """Before a byte of the members is used, whether they are read one by one or the file is copied whole."""
    edit, what = LIES[case]
    with pytest.raises(ToolError, match=what):
        ZipSource(damaged(tmp_path, edit)).check_local_headers()


def test_an_honest_zip64_end_is_read(tmp_path: Path) -> None:
    """The edit that the lies are made with is right without a lie."""
    source = ZipSource(damaged(tmp_path, zip64))
    source.check_local_headers()
    assert [source.read(entry) for entry in source.entries] == [b"1" * 50, b"2" * 50]


def test_zip64_sizes_of_a_small_member_are_read(tmp_path: Path) -> None:
    """A streaming writer reserves them whether or not they are needed."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive, archive.open("x", "w", force_zip64=True) as member:
        member.write(b"data")
    source = ZipSource(tmp_path / "a.zip")
    assert source.read(source.entries[0]) == b"data"


def test_a_long_name_of_long_letters_is_read(tmp_path: Path) -> None:
    """In UTF-8 it is three times as long as in letters: the local header is read whole."""
    name = "/".join(["\u65e5" * 80] * 4) + ".py"
    source = ZipSource(write_zip(tmp_path / "a.zip", {name: b"X = 1\n"}))
    assert (source.entries[0].name, source.read(source.entries[0])) == (name, b"X = 1\n")


@pytest.mark.parametrize("name", ["x/", "x"])
def test_a_name_is_a_file_or_a_folder(tmp_path: Path, name: str) -> None:
    """Not both; and a folder holds no bytes."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x", b"")
        archive.writestr(zipfile.ZipInfo("x/" if name == "x/" else "y/"), b"" if name == "x/" else b"hidden")
    with pytest.raises(ToolError, match="a name stands twice" if name == "x/" else "sizes contradict"):
        ZipSource(tmp_path / "a.zip")


@pytest.mark.parametrize("system", [0, 3])
def test_modes_count_whatever_system_made_the_archive(tmp_path: Path, system: int) -> None:
    """pip takes them so, from wheels that were built on Windows, too."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, mode in (("run", 0o100777), ("text", 0o100666)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = system, mode << 16
            archive.writestr(info, b"")
    assert [entry.executable for entry in ZipSource(tmp_path / "a.zip").entries] == [True, False]


def test_all_contradictions_are_named(tmp_path: Path) -> None:
    """Of every member, in one run."""
    path = damaged(tmp_path, lambda _: None)
    path.write_bytes(path.read_bytes().replace(b"PK\x03\x04", b"PK\x00\x00"))
    with pytest.raises(ToolError) as caught:
        ZipSource(path).check_local_headers()
    assert len(caught.value.faults) == 2
