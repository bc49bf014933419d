"""More than 65,535 members and more than 4 GiB, in every container that we write, read by those who read them.

Large members are zeros: holes on the disk, or a few megabytes of deflate blocks.
"""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from artifacts.conftest import Builder
from artifacts.wheelhouse.conftest import env_of

from python_env.artifacts import locked_bytes
from python_env.artifacts.install.plan import PlannedFile
from python_env.artifacts.model import Container
from python_env.artifacts.venv.containers import write_container
from python_env.artifacts.wheelhouse import cli as wheelhouse
from python_env.artifacts.wheelhouse.model import House, make_house
from python_env.artifacts.wheelhouse.report import Written, warnings
from python_env.base.archive import FILE_MODE
from python_env.base.archive.content import Content
from python_env.base.archive.output import Output, open_output
from python_env.base.archive.zip_read import DEFLATED, ZipSource
from python_env.env.model import Wheel
from python_env.runtime.wheelhouse import Zip
from support.large import BLOCK, GIB, crc_of_zeros, large_file, write_holes
from support.wheels import make_wheel, sha256

MANY = 65_600
HUGE = 4 * GIB + BLOCK
SITE = "lib/python3.11/site-packages"
SIZES = Path(__file__).with_name("Sizes.java")


@pytest.fixture
def holes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every archive have holes where it has zeros."""
    monkeypatch.setattr(Output, "_emit", write_holes)


def output_of(*words: str | Path) -> str:
    """Run a program that must succeed and return what it prints."""
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True).stdout


def pythons() -> dict[str, Path]:
    """Return every CPython of this machine, from 3.8 on: version to program."""
    found = [Path(sys.executable), *Path.home().glob(".pyenv/versions/3.*/bin/python3")]
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    versions = {output_of(program, "-c", code).strip(): program for program in found}
    return {version: each for version, each in versions.items() if int(version.split(".")[1]) >= 8}


def small(path: str, data: bytes = b"small\n") -> PlannedFile:
    """Return a file that a writer makes itself."""
    return PlannedFile(path=path, owner="small", data=data)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Return a builder with a wheel of more members than a zip can count without zip64."""
    folder = tmp_path_factory.mktemp("many")
    files = {f"many/m{number}.txt": b"%d" % number for number in range(MANY)}
    return Builder(folder, [make_wheel(folder, "many", files=files)])


def test_a_venv_of_many_files_as_a_tarball(many: Builder) -> None:
    """A wheel with zip64 is read; tarfile and GNU tar list as many as the report says."""
    assert many.venv() == 0
    path = many.folder / "small.venv.tar.gz"
    with tarfile.open(path) as archive:
        members = archive.getmembers()
    assert len([member for member in members if member.isfile()]) > MANY
    assert len(output_of("tar", "-tzf", path).splitlines()) == len(members)


def test_a_venv_of_many_files_as_a_zip(many: Builder) -> None:
    """zipfile, unzip and Java, as a stream and by the directory, find every file."""
    path = many.folder / "small.venv.zip"
    assert many.venv("--format", "zip", output=path) == 0
    with zipfile.ZipFile(path) as archive:
        names, total = archive.namelist(), sum(entry.file_size for entry in archive.infolist())
        assert archive.read(f"{SITE}/many/m65599.txt") == b"65599"
    assert len(names) > MANY
    assert output_of("java", SIZES, path).splitlines() == [f"{len(names)} {total}"] * 2
    assert len(output_of("unzip", "-Z1", path).splitlines()) == len(names)
    assert output_of("unzip", "-p", path, f"{SITE}/many/m65599.txt") == "65599"


def test_a_pex_of_many_files(many: Builder, fake_pex: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As wheels it is one entry; its tree is refused in a zipapp, and packed a zip that Python unpacks."""
    assert many.pex(fake_pex) == 0
    assert many.pex(fake_pex, pre_installed=True, output=many.folder / "trees.pex") == 2
    assert 'set layout = "packed"' in capsys.readouterr().err and not (many.folder / "trees.pex").exists()
    packed = many.folder / "small.pex.zip"
    assert many.pex(fake_pex, pre_installed=True, layout="packed", output=packed) == 0
    with zipfile.ZipFile(packed) as archive:
        (tree,) = [name for name in archive.namelist() if name.startswith(".deps/")]
        with zipfile.ZipFile(io.BytesIO(archive.read(tree))) as inner:
            assert len(inner.namelist()) > MANY and inner.read("many/m65599.txt") == b"65599"


@pytest.mark.usefixtures("holes")
def test_a_zip_of_more_than_4_gib(tmp_path: Path) -> None:
    """A stored and a deflated member of more than 4 GiB, and one that begins behind them: zip64 where it must be."""
    files = [small("a"), large_file("b", HUGE), small("c"), large_file("d", HUGE, method=DEFLATED), small("e")]
    path = tmp_path / "large.zip"
    written = write_container(Container.ZIP, path, files, {})
    assert (written.size, written.unpacked_size) == (path.stat().st_size, 2 * HUGE + 18)
    with zipfile.ZipFile(path) as archive:
        assert [(entry.filename, entry.file_size) for entry in archive.infolist()][1:4:2] == [("b", HUGE), ("d", HUGE)]
        assert (archive.read("c"), archive.read("e")) == (b"small\n", b"small\n")
    source = ZipSource(path)
    source.check_local_headers()
    assert [source.read(entry) for entry in source.entries if entry.size < 10] == [b"small\n"] * 3
    assert output_of("unzip", "-p", path, "e") == "small\n"
    assert output_of("java", SIZES, path).splitlines() == [f"5 {2 * HUGE + 18}"] * 2


def test_a_tarball_of_more_than_4_gib(tmp_path: Path) -> None:
    """A gzip member's size counts modulo 4 GiB: gzip and GNU tar agree, and read on behind it."""
    path = tmp_path / "large.tar.gz"
    write_container(Container.TAR_GZ, path, [large_file("b", HUGE, method=DEFLATED), small("c")], {})
    rows = [line.split() for line in output_of("tar", "-tvzf", path).splitlines()]
    assert [(row[2], row[-1]) for row in rows] == [(str(HUGE), "b"), ("6", "c")]


def test_a_tar_with_a_file_of_more_than_8_gib(tmp_path: Path) -> None:
    """Its size does not fit eleven octal digits: base-256, which tarfile and GNU tar read. (Unzipped it is a hole.)"""
    size = 8 * GIB + BLOCK
    write_container(Container.TAR_GZ, tmp_path / "b.gz", [large_file("b", size, method=DEFLATED)], {})
    write_container(Container.TAR_GZ, tmp_path / "c.gz", [small("c")], {})
    path = tmp_path / "large.tar"
    with gzip.open(tmp_path / "b.gz") as head, path.open("wb") as tar:
        tar.write(head.read(512))
        tar.seek(size, os.SEEK_CUR)
        tar.write(gzip.decompress((tmp_path / "c.gz").read_bytes()))
    with tarfile.open(path) as archive:
        assert [(member.name, member.size) for member in archive] == [("b", size), ("c", 6)]
    rows = [line.split() for line in output_of("tar", "-tvf", path).splitlines()]
    assert [(row[2], row[-1]) for row in rows] == [(str(size), "b"), ("6", "c")]


def wheel_row(file: str, *, digest: str, size: int) -> Wheel:
    """Return what the env document says of a wheel."""
    name = file.split("-")[0]
    return Wheel(name=name, version="1.0", extras=(), file=file, sha256=digest, size=size, requires=())


def write_house(house: House, path: Path, content: Path) -> Written:
    """Write a wheelhouse whose wheels are all one file."""
    paths = {wheel.file: content for wheel in house.wheels}
    with open_output(path, mode=FILE_MODE) as output:
        small_files = wheelhouse.small_files(house)
        wheelhouse.write_house(output, house, small_files, paths)
        size = output.tell()
    return Written(
        file=path.name, sha256="", size=size, file_count=len(house.wheels) + len(small_files), unpacked_size=size
    )


def check_starts(path: Path) -> None:
    """The archive runs in place from CPython 3.13 on; before, it does not start."""
    for version, program in pythons().items():
        done = subprocess.run([program, path, "list"], capture_output=True, text=True, check=False)
        reads_zip64 = int(version.split(".")[1]) >= 13
        assert (done.returncode == 0) == reads_zip64, (version, done.stderr)
        assert reads_zip64 or "can't find '__main__' module" in done.stderr, (version, done.stderr)


def test_a_wheelhouse_of_many_files(tmp_path: Path) -> None:
    """It runs in place where zipimport reads it; zipfile reads it everywhere, and so does the program beside it."""
    content = tmp_path / "content"
    content.write_bytes(b"wheel\n")
    names = [f"w{number}-1.0-py3-none-any.whl" for number in range(MANY // 2)]
    rows = [wheel_row(name, digest=sha256(content), size=6) for name in names]
    path = tmp_path / "many.wheelhouse.zip"
    written = write_house(make_house([env_of("linux", rows)]), path, content)
    (warning,) = warnings(written)
    assert "CPython 3.8 to 3.12" in warning and "python FOLDER" in warning
    check_starts(path)
    for program in pythons().values():
        assert len(output_of(program, "-m", "zipfile", "-l", path).splitlines()) == written.file_count + 1
    program = tmp_path / "program"
    program.mkdir()
    for name in ("__main__.py", "manifest.json"):
        with zipfile.ZipFile(path) as archive:
            archive.extract(name, program)
    assert output_of(sys.executable, program, "verify", path).startswith(f"ok: {written.file_count - 1} files")


def test_a_wheelhouse_of_more_than_4_gib(tmp_path: Path, holes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wheel of more than 4 GiB, and others behind it; every header is what the archive's own program expects."""
    content = tmp_path / "content"
    with content.open("wb") as file:
        file.truncate(HUGE)
    found = Content(sha256="0" * 64, crc=crc_of_zeros(HUGE), size=HUGE)
    monkeypatch.setattr(locked_bytes, "read_content", lambda _: found)

    def copy_hole(output: Output, _: Path, *, size: int) -> None:
        output._flush()
        output._file.seek(size, os.SEEK_CUR)
        output._written += size

    monkeypatch.setattr(Output, "copy_file", copy_hole)
    rows = [wheel_row(f"{name}-1.0-py3-none-any.whl", digest="0" * 64, size=HUGE) for name in ("a", "b")]
    path = tmp_path / "large.wheelhouse.zip"
    written = write_house(make_house([env_of("linux", rows)]), path, content)
    assert written.size == path.stat().st_size > 2 * HUGE
    assert warnings(written)
    check_starts(path)
    with zipfile.ZipFile(path) as archive:
        contents = {entry.filename: ("", entry.file_size, entry.CRC) for entry in archive.infolist()}
    place = Zip(path)
    assert place.frame_faults(contents) == []
    place.close()


@pytest.fixture(scope="module")
def fake_pex(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel with pex's layout."""
    names = ("__init__", "pex_boot", "pip/tool", "tools/main", "vendor/__init__", "vendor/_vendored/__init__")
    more = ("vendor/_vendored/attrs/attr/__init__", "vendor/_vendored/pip/pip/__init__")
    files = {f"pex/{name}.py": b"" for name in (*names, *more)}
    return make_wheel(tmp_path_factory.mktemp("pex"), "pex", "2.0", files=files)
