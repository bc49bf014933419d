"""Thousands of damaged archives: refused in words, or read exactly as `zipfile` reads them; about ten seconds."""

from __future__ import annotations

import functools
import io
import struct
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from python_env.base.archive.zip_read import ZipSource
from python_env.base.errors import ToolError
from python_env.base.wheel_content import check_wheel
from python_env.base.wheel_record import RecordFault, parse_record
from support.bad_wheels import BAD, Member, members_of, write_members, zip64_end

BUDGET = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

TELLING = [0, 1, 2, 8, 0x7F, 0x80, 0xFF, 0x2F, 0x2E, 0x5C]
"""Bytes that mean something in a header."""

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "delete", "copy"]),
        st.integers(0, 1 << 16),
        st.one_of(st.sampled_from(TELLING), st.integers(0, 255)),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=4,
)


def damaged(data: bytes, edits: list[tuple[str, int, int, int]]) -> bytes:
    """Return the bytes after the edits: (kind, place, byte, length)."""
    buffer = bytearray(data)
    for kind, place, value, length in edits:
        at = place % (len(buffer) + 1)
        if kind == "set":
            buffer[at : at + 1] = bytes([value])
        elif kind == "insert":
            buffer[at:at] = bytes([value]) * length
        elif kind == "delete":
            del buffer[at : at + length]
        else:
            buffer[at : at + length] = buffer[value : value + length]
    return bytes(buffer)


def streamed() -> bytes:
    """Return a zip with data descriptors."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError("a pipe")

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/one", b"1" * 99)
        archive.writestr("two", b"")
    return pipe.getvalue()


def plain() -> bytes:
    """Return a zip of every kind of member: folder, stored, deflated, not ASCII, reserved for zip64."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.mkdir("folder")
        archive.writestr("folder/stored", b"stored")
        archive.writestr("ü", b"deflated" * 9, zipfile.ZIP_DEFLATED)
        with archive.open("large", "w", force_zip64=True) as member:
            member.write(b"data")
    return file.getvalue()


@functools.cache
def bases() -> list[bytes]:
    """Return the honest archives that are damaged."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = write_members(Path(folder) / "bad-1.0-py3-none-any.whl", members_of(BAD)).read_bytes()
        return [wheel, streamed(), plain(), zip64_end()(Path(folder)).read_bytes()]


def ours(path: Path) -> dict[str, tuple[bytes, bool]] | None:
    """Return content and executable bit by name as we read them, or None for what is refused."""
    try:
        source = ZipSource(path)
        source.check_local_headers()
        return {entry.name: (source.read(entry), entry.executable) for entry in source.entries}
    except ToolError:
        return None


def theirs(path: Path) -> dict[str, tuple[bytes, bool]]:
    """Return the same as zipfile reads it."""
    with zipfile.ZipFile(path) as archive:
        return {
            info.filename: (archive.read(info), bool(info.external_attr >> 16 & 0o111))
            for info in archive.infolist()
            if not info.is_dir()
        }


@pytest.mark.parametrize("kind", range(4))
def test_the_honest_ones_are_read(tmp_path: Path, kind: int) -> None:
    """What is damaged below is right without damage."""
    path = tmp_path / "a.zip"
    path.write_bytes(bases()[kind])
    assert ours(path) == theirs(path) and ours(path)


@BUDGET
@given(kind=st.integers(0, 3), edits=EDITS)
def test_a_damaged_archive_is_refused_or_read_as_zipfile_reads_it(
    tmp_path: Path, kind: int, edits: list[tuple[str, int, int, int]]
) -> None:
    """Bytes that were set, inserted, deleted or copied; never another exception than ToolError."""
    path = tmp_path / "a.zip"
    path.write_bytes(damaged(bases()[kind], edits))
    found = ours(path)
    if found is not None:
        assert found == theirs(path)


NUMBERS = st.sampled_from([0, 1, 6, 7, 20, 45, 0x800, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFF])
SHORT = st.sampled_from([0, 1, 8, 9, 20, 45, 64, 0x800, 0x808, 0xFFFF])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "needed": SHORT,
        "flags": SHORT,
        "method": SHORT,
        "crc": NUMBERS,
        "compressed": NUMBERS,
        "size": NUMBERS,
    },
)
CENTRAL = st.one_of(FIELDS, st.fixed_dictionaries({}, optional={"offset": NUMBERS, "mode": SHORT}))
EXTRAS = st.one_of(
    st.just(b""),
    st.binary(max_size=24),
    st.lists(st.integers(0, 1 << 33), max_size=3).map(
        lambda numbers: struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)
    ),
)
NAMES = st.one_of(
    st.sampled_from([b"a", b"a/", b"a/b", b"../a", b"A", b"", b"\xc3\xbc", b"\xff"]), st.binary(max_size=8)
)
MEMBERS = st.lists(
    st.builds(
        Member,
        name=NAMES,
        data=st.binary(max_size=20),
        local=st.one_of(st.just({}), FIELDS),
        central=st.one_of(st.just({}), CENTRAL),
        local_name=st.one_of(st.none(), NAMES),
        extra=st.tuples(EXTRAS, EXTRAS),
        behind=st.one_of(st.just(b""), st.binary(max_size=24)),
        stream=st.one_of(st.none(), st.binary(max_size=20)),
    ),
    max_size=3,
)


@BUDGET
@given(members=MEMBERS)
def test_headers_that_say_anything_are_refused_or_read_as_zipfile_reads_them(
    tmp_path: Path, members: list[Member]
) -> None:
    """Every field of local header and central record, names, extra fields, descriptors and streams."""
    path = write_members(tmp_path / "a.zip", members)
    found = ours(path)
    if found is not None:
        assert found == theirs(path)


@BUDGET
@given(edits=EDITS)
def test_a_damaged_wheel_is_refused_in_words(tmp_path: Path, edits: list[tuple[str, int, int, int]]) -> None:
    """By the check that reads every byte; what passes has the content that RECORD states."""
    path = tmp_path / "bad-1.0-py3-none-any.whl"
    path.write_bytes(damaged(bases()[0], edits))
    try:
        check_wheel(ZipSource(path))
    except ToolError as error:
        assert error.faults
        return
    with zipfile.ZipFile(path) as archive:
        assert archive.read("bad/__init__.py") == BAD["bad/__init__.py"]


@BUDGET
@given(data=st.one_of(st.binary(max_size=60), st.text('a,"\n\r=/.', max_size=40).map(str.encode)))
def test_any_record_is_rows_or_a_fault(data: bytes) -> None:
    """And no path of a row leaves the wheel."""
    try:
        rows = parse_record(data)
    except RecordFault:
        return
    assert not [path for path in rows if path.startswith("/") or ".." in path.split("/")]
