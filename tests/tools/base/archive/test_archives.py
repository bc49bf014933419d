"""The archive writers against the readers of others."""

from __future__ import annotations

import gzip
import io
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from python_env.base.archive.output import open_output
from python_env.base.archive.tar_gzip import TarGzipWriter
from python_env.base.archive.zip_read import DEFLATED, STORED, ZipSource
from python_env.base.archive.zip_write import ZipWriter
from support.wheels import write_zip

NAMES = st.text("abcé-_.", min_size=1, max_size=60).filter(lambda name: name.strip(".") != "")
TREES = st.dictionaries(NAMES.map(lambda name: f"folder/{name}"), st.binary(max_size=200_000), max_size=6)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def spliced_tar(source: Path, target: Path) -> str:
    """Copy every member of a zip into a tar.gz and return its digest."""
    zipped = ZipSource(source)
    with open_output(target, mode=0o644) as output:
        tar = TarGzipWriter(output)
        for entry in zipped.entries:
            add = tar.add_deflated if entry.method == DEFLATED else tar.add_stored
            add(entry.name, zipped.raw(entry), crc=entry.crc, size=entry.size)
        digest = tar.finish()
    zipped.close()
    return digest


def spliced_zip(source: Path, target: Path) -> str:
    """Copy every member of a zip into another one and return its digest."""
    zipped = ZipSource(source)
    with open_output(target, mode=0o644) as output:
        writer = ZipWriter(output)
        for entry in zipped.entries:
            sizes = (entry.compressed, entry.size)
            writer.add_raw(entry.name, zipped.raw(entry), method=entry.method, crc=entry.crc, sizes=sizes)
        digest = writer.finish()
    zipped.close()
    return digest


@QUICK
@given(tree=TREES)
def test_a_spliced_tar_is_read_alike_by_python_and_gnu_tar(tmp_path: Path, tree: dict[str, bytes]) -> None:
    """Every name and every byte comes back."""
    source = write_zip(tmp_path / "a.zip", tree)
    spliced_tar(source, tmp_path / "a.tar.gz")
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        found = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    assert found == tree
    listed = subprocess.run(
        ["tar", "-tzf", tmp_path / "a.tar.gz", "--quoting-style=literal"], capture_output=True, check=True
    )
    assert sorted(listed.stdout.decode().splitlines()) == sorted(tree)


@QUICK
@given(tree=TREES)
def test_a_spliced_zip_is_read_alike_by_zipfile(tmp_path: Path, tree: dict[str, bytes]) -> None:
    """Every name and every byte comes back, and all CRCs fit."""
    spliced_zip(write_zip(tmp_path / "a.zip", tree), tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == tree


def test_stored_members_of_a_zip_become_stored_blocks(tmp_path: Path) -> None:
    """Also those beyond the 65535 bytes of one block; gzip itself checks them."""
    data = bytes(range(256)) * 1000
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("big", data)
        archive.writestr("empty", b"")
    spliced_tar(tmp_path / "a.zip", tmp_path / "a.tar.gz")
    subprocess.run(["gzip", "-t", tmp_path / "a.tar.gz"], check=True)
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        assert archive.extractfile("big").read() == data  # type: ignore[union-attr]


def test_the_compressed_bytes_are_copied_not_made_again(tmp_path: Path) -> None:
    """A stream that no zlib would write today is found unchanged in the tar.gz."""
    compressor = zlib.compressobj(1, zlib.DEFLATED, -15, 1, zlib.Z_HUFFMAN_ONLY)
    stream = compressor.compress(b"spark " * 5000) + compressor.flush()
    with open_output(tmp_path / "a.tar.gz", mode=0o644) as output:
        tar = TarGzipWriter(output)
        tar.add_deflated("x", [stream], crc=zlib.crc32(b"spark " * 5000), size=30000)
        tar.finish()
    assert stream in (tmp_path / "a.tar.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.tar.gz").read_bytes())[512:30512] == b"spark " * 5000


def test_a_streamed_zip_with_data_descriptors_is_read(tmp_path: Path) -> None:
    """Sizes come from the central directory."""

    class Unseekable(io.RawIOBase):
        def __init__(self, file: io.BufferedWriter) -> None:
            self._file = file

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]  # what zipfile hands over
            return self._file.write(data)

    with (
        (tmp_path / "a.zip").open("wb") as file,
        zipfile.ZipFile(Unseekable(file), "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.writestr("x", b"data" * 100)
    source = ZipSource(tmp_path / "a.zip")
    assert source.entries[0].flags & 0x8
    assert source.read(source.entries[0]) == b"data" * 100


def test_more_than_65535_members_need_zip64(tmp_path: Path) -> None:
    """Written and read by us, and read by zipfile."""
    with open_output(tmp_path / "a.zip", mode=0o644) as output:
        writer = ZipWriter(output)
        for number in range(65_600):
            writer.add_bytes(f"f{number}", b"")
        writer.finish()
    assert len(ZipSource(tmp_path / "a.zip").entries) == 65_600
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert len(archive.namelist()) == 65_600


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    """It is computed while writing, on a second thread."""
    import hashlib

    digest = spliced_zip(write_zip(tmp_path / "a.zip", {"a": b"1" * 3_000_000}), tmp_path / "b.zip")
    assert digest == hashlib.sha256((tmp_path / "b.zip").read_bytes()).hexdigest()


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """Neither the file nor a temporary one."""
    with pytest.raises(RuntimeError, match="stop"), open_output(tmp_path / "a", mode=0o644) as output:
        output.write(b"x" * (3 << 20))
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 400), value=st.integers(0, 255))
def test_a_damaged_zip_is_refused_or_read_as_zipfile_reads_it(tmp_path: Path, position: int, value: int) -> None:
    """One changed byte never crashes the reader and never yields other content than zipfile's."""
    from python_env.base.errors import ToolError

    path = write_zip(tmp_path / "a.zip", {"a/one": b"1" * 50, "two": b"2" * 50})
    data = bytearray(path.read_bytes())
    data[position % len(data)] = value
    path.write_bytes(data)
    try:
        source = ZipSource(path)
        mine = {entry.name: source.read(entry) for entry in source.entries}
    except (ToolError, struct.error) as error:
        assert isinstance(error, ToolError), error
        return
    with zipfile.ZipFile(path) as archive:
        theirs = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    assert mine == theirs


def test_methods_are_named_as_zip_names_them() -> None:
    """The two methods that are accepted."""
    assert (STORED, DEFLATED) == (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
