"""Archives that are made to hurt who reads them: told in three parts, at once, in little memory."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from python_env.base.binary import DamagedBinary, read_binary
from python_env.base.errors import ToolError
from python_env.doctor import cli
from python_env.doctor.readers.limits import Measured, check_unpacked
from python_env.doctor.readers.open import read_subject

START = ("bin/python", b"#!/bin/sh\nexec python3.11\n")
PLATFORM = "cp311-manylinux_2_28_x86_64"


def tar(path: Path, *members: tuple[str, bytes], pax: dict[str, str] | None = None) -> Path:
    """Return a tar.gz; `pax` are headers of its last member."""
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT) as archive:
        for name, data in (START, *members):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o755
            info.pax_headers = pax or {} if name == members[-1][0] else {}
            archive.addfile(info, io.BytesIO(data))
    return path


def zipped(path: Path, *members: tuple[str, bytes]) -> Path:
    """Return a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (START, *members):
            archive.writestr(name, data)
    return path


def far_away(path: Path) -> Path:
    """Return a zip whose one member is said to start where no file reaches."""
    name = b"bin/python"
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 45, 0, 0, 0, 0, 0, 5, 5, len(name), 0) + name + b"hello"
    extra = struct.pack("<HHQQQ", 1, 24, 5, 5, 2**63 + 5)
    most = 0xFFFFFFFF
    fields = (45, 45, 0, 0, 0, 0, 0, most, most, len(name), len(extra), 0, 0, 0, 0, most)
    central = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *fields) + name + extra
    path.write_bytes(local + central + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0))
    return path


def test_a_name_that_no_system_takes(tmp_path: Path) -> None:
    """Every folder of it would be kept: gigabytes for one member."""
    for path in (zipped(tmp_path / "a.zip", ("a/" * 3000, b"")), tar(tmp_path / "a.tar.gz", ("a/" * 3000 + "x", b""))):
        with pytest.raises(ToolError, match="Linux takes 4096"):
            read_subject(path)


def test_a_sparse_member_is_a_bomb(tmp_path: Path) -> None:
    """A terabyte of holes in a kilobyte."""
    pax = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 40)}
    path = tar(tmp_path / "a.tar.gz", ("x.whl", b"1\n0\n1\n".ljust(512, b"\0") + b"x"), pax=pax)
    with pytest.raises(ToolError, match="a bomb"):
        read_subject(path)


def test_a_zip_that_says_that_it_is_a_bomb() -> None:
    """The bound is far above what environments have: a ratio of 8."""
    check_unpacked(8 << 30, 1 << 30)
    with pytest.raises(ValueError, match="a bomb"):
        check_unpacked(2 << 30, 1 << 20)


def test_a_stream_is_measured_whatever_its_headers_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as behind the end of a tar."""
    monkeypatch.setattr("python_env.doctor.readers.limits._BOMB_SIZE", 1 << 20)
    stream = Measured(io.BytesIO(bytes(3 << 20)), 10)
    stream.read(1 << 20)
    with pytest.raises(ValueError, match="a bomb"):
        stream.read(1 << 20)


def test_headers_that_lead_nowhere(tmp_path: Path) -> None:
    """An offset of 63 bits; a long name of a long name of a long name."""
    link = tarfile.TarInfo("././@LongLink")
    link.type, link.size = tarfile.GNUTYPE_LONGNAME, 1
    block = link.tobuf(tarfile.GNU_FORMAT) + b"x".ljust(512, b"\0")
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(block * 3000 + bytes(1024)))
    for path in (far_away(tmp_path / "a.zip"), tmp_path / "a.tar.gz"):
        with pytest.raises(ToolError, match="lead nowhere"):
            read_subject(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes into it."""
    os.mkfifo(tmp_path / "a.tar.gz")
    with pytest.raises(ToolError, match="a pipe or a device"):
        read_subject(tmp_path / "a.tar.gz")


def test_tags_that_multiply(tmp_path: Path) -> None:
    """A thousand parts three times would be a billion tags."""
    word = ".".join(f"a{number}" for number in range(1000))
    text = f"Tag: {word}-{word}-{word}\n".encode()
    short = ".".join(f"a{number}" for number in range(200))
    wheel = (f".deps/x-1-{short}-{short}-{short}.whl", b"")
    path = tar(tmp_path / "a.tar.gz", ("pyvenv.cfg", b""), ("lib/x-1.dist-info/WHEEL", text), wheel)
    assert cli.main(["--platform", PLATFORM, str(path)]) == 1


@pytest.mark.parametrize("json_words", [[], ["--json"]])
def test_names_of_any_bytes_are_told(
    tmp_path: Path, json_words: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Neither UTF-8 nor a terminal's commands are expected of others' names."""
    path = tar(tmp_path / "a\udcff.tar.gz", ("lib/\udcff.pth", b"/a/b/c\n"), ("../\x1b[2J\nx", b""))
    assert cli.main([*json_words, str(path)]) == 1
    out = capfdbinary.readouterr().out
    assert b"\\udcff" in out
    assert b"\x1b" not in out
    assert b"\nx" not in out


def test_pex_info_with_numbers_of_many_digits(tmp_path: Path) -> None:
    """Python reads 4300."""
    info = json.dumps({"interpreter_constraints": [">=" + "9" * 5000]}).encode()
    path = zipped(tmp_path / "a.pex", ("__main__.py", b""), ("PEX-INFO", info))
    assert cli.main(["--platform", PLATFORM, str(path)]) == 1


def test_nested_json_in_the_archive_and_beside_it(tmp_path: Path) -> None:
    """Neither is a document of ours."""
    name = "lib/python3.11/site-packages/a-1.dist-info/direct_url.json"
    path = tar(tmp_path / "a.tar.gz", (name, b"[" * 100_000))
    path.with_name("a.tar.gz.json").write_bytes(b"[" * 100_000)
    assert cli.main([str(path)]) == 0


def test_a_name_that_leaves_no_room_for_a_report(tmp_path: Path) -> None:
    """255 bytes are a file system's most."""
    assert cli.main([str(tar(tmp_path / ("n" * 244 + ".tar.gz"), ("x", b"")))]) == 0


def test_a_full_disk_behind_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bug of ours, and no traceback."""
    path = tar(tmp_path / "a.tar.gz", ("x", b""))

    def full(_text: str) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sys.stdout.write", full)
    with pytest.raises(ToolError, match="cannot be printed"):
        cli.main([str(path)])


def test_a_folder_of_a_python_with_a_strange_number(tmp_path: Path) -> None:
    """A digit is not always a number."""
    assert cli.main([str(tar(tmp_path / "a.tar.gz", ("lib/python3.²/os.py", b"")))]) == 0


def elf(segments: int, kind: int) -> bytes:
    """Return an ELF file of so many segments, each of which is the whole file."""
    size = 64 + 56 * segments
    head = struct.pack("<4s12sHHLQQQLHHHHHH", b"\x7fELF", b"\2\1\1", 3, 62, 1, 0, 64, 0, 0, 64, 56, segments, 0, 0, 0)
    return head + struct.pack("<2L6Q", kind, 0, 0, 0, 0, size, size, 8) * segments


@pytest.mark.parametrize("kind", [2, 3])
def test_an_elf_file_whose_segments_overlap(kind: int) -> None:
    """65535 times itself would not be read in a day."""
    with pytest.raises(DamagedBinary, match="two segments"):
        read_binary(elf(2, kind))


def test_ctrl_c_leaves_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a shell: 130."""
    from python_env import __main__

    def interrupted(_argv: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    assert __main__.main(["doctor", "a"]) == 130
