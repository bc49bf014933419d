"""Archives that are hostile, damaged, or of something else: three parts, and nothing written."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from artifacts.interpreter.conftest import Make

from python_env.artifacts.interpreter import archive as module
from support.binaries import cpython, elf, info, macho, write_tar
from support.wheels import write_zip

MEMBERS = {
    "path escape": (info("python/../../evil"), "a member leaves the archive"),
    "absolute": (info("/etc/evil"), "a member is absolute"),
    "drive letter": (info("C:evil"), "a member is absolute"),
    "backslash": (info("python\\..\\evil"), "a member has a backslash"),
    "control character": (info("python/lib/e\x01vil"), "a member has a control character"),
    "not normalised": (info("python/./lib//evil"), "a member is not normalised"),
    "long name": (info("python/" + "x" * 256), "more than 255 bytes"),
    "character device": (info("python/dev", tarfile.CHRTYPE), "is neither a file, a folder nor a link"),
    "block device": (info("python/dev", tarfile.BLKTYPE), "is neither a file, a folder nor a link"),
    "pipe": (info("python/pipe", tarfile.FIFOTYPE), "is neither a file, a folder nor a link"),
    "absolute link": (info("python/lib/l", tarfile.SYMTYPE, "/etc/passwd"), "is not a plain relative path"),
    "link that climbs": (info("python/lib/l", tarfile.SYMTYPE, "../../../evil"), "which leaves the archive"),
    "link that climbs later": (info("python/lib/l", tarfile.SYMTYPE, "x/../../y"), "is not a plain relative path"),
    "link to its folder": (info("python/lib/l", tarfile.SYMTYPE, ".."), "is not a plain relative path"),
    "hard link outside": (info("python/lib/l", tarfile.LNKTYPE, "/etc/passwd"), "which is no file of the archive"),
    "hard link to nothing": (info("python/lib/l", tarfile.LNKTYPE, "python/x"), "which is no file of the archive"),
    "file that stands twice": (info("python/lib/python3.11/os.py"), "a name stands twice"),
    "link in place of a file": (info("python/lib/python3.11/os.py", tarfile.SYMTYPE, "x"), "a name stands twice"),
    "folder in place of a file": (info("python/lib/python3.11/os.py", tarfile.DIRTYPE), "a name stands twice"),
    "below a file": (info("python/lib/python3.11/os.py/x"), "below a link or a file"),
}


@pytest.mark.parametrize("case", MEMBERS)
def test_a_hostile_member_is_refused(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    """Whether or not it would be taken; nothing is written."""
    member, what = MEMBERS[case]
    assert make(write_tar(tmp_path / "a.tar.gz", cpython(), [member])) == 2
    error = capsys.readouterr().err
    assert what in error and "\n  where: a.tar.gz" in error and "\n  fix:   take another archive" in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz"]


def test_all_hostile_members_are_named_at_once(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One error with as many faults."""
    more = [info("/etc/a"), info("python/../../b"), info("c", tarfile.FIFOTYPE)]
    assert make(write_tar(tmp_path / "a.tar.gz", cpython(), more)) == 2
    assert capsys.readouterr().err.count("error: ") == 3


def test_a_file_below_a_link_is_refused(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It would be written where the link leads."""
    more = [info("python/l", tarfile.SYMTYPE, "lib"), info("python/l/evil")]
    assert make(write_tar(tmp_path / "a.tar.gz", cpython(), more)) == 2
    assert "below a link or a file" in capsys.readouterr().err


def test_links_in_a_circle_lead_nowhere(make: Make, tmp_path: Path) -> None:
    """They are left out, and end."""
    more = [info("python/a", tarfile.SYMTYPE, "b"), info("python/b", tarfile.SYMTYPE, "a")]
    assert make(write_tar(tmp_path / "a.tar.gz", cpython(), more)) == 0
    assert '"links": {}' in (tmp_path / "out.json").read_text()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [_cut, _flipped], ids=["cut", "flipped"])
@pytest.mark.parametrize("kind", ["gz", "xz", "bz2"])
def test_a_damaged_tar_is_refused(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, damage: Callable[[Path], None]
) -> None:
    """By its stream's own checksum, wherever the damage lies."""
    noise = {"python/lib/python3.11/noise": bytes(hash((number, 7)) % 256 for number in range(50_000))}
    archive = write_tar(tmp_path / "a.tar", {**noise, **cpython()}, mode=f"w:{kind}")
    damage(archive)
    assert make(archive) == 2
    error = capsys.readouterr().err
    assert "error: " in error and "\n  fix:   take another archive" in error
    assert not (tmp_path / "out.zip").exists() and not (tmp_path / "out.json").exists()


def test_a_damaged_zip_is_refused(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its streams are read whole before they are copied."""
    archive = write_zip(tmp_path / "a.zip", cpython())
    with zipfile.ZipFile(archive) as opened:
        start = opened.getinfo("python/lib/python3.11/lib-dynload/_json.so").header_offset
    data = bytearray(archive.read_bytes())
    data[start + 100] ^= 0xFF
    archive.write_bytes(data)
    assert make(archive) == 2
    assert "\n  where: a.zip: python/lib/python3.11/lib-dynload/_json.so" in capsys.readouterr().err


def test_a_file_below_a_file_of_a_zip_is_refused(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As of a tar: before a venv is made of it."""
    assert make(write_zip(tmp_path / "a.zip", {**cpython(), "python/lib/python3.11/os.py/x": b""})) == 2
    error = capsys.readouterr().err
    assert "a member lies below a file" in error and "\n  where: a.zip: 'python/lib/python3.11/os.py/x'" in error


def test_a_link_of_a_zip_is_refused(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Readers differ in what they make of it."""
    files = {**cpython(), "python/lib/l": b"/etc/passwd"}
    assert make(write_zip(tmp_path / "a.zip", files, modes={"python/lib/l": 0o120777})) == 2
    assert "neither a file nor a directory" in capsys.readouterr().err


def test_a_bomb_is_refused(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what it unpacks to, before that is read."""
    monkeypatch.setattr(module, "_MOST_BYTES", 10_000)
    files = {**cpython(), "python/zeros": bytes(20_000)}
    for archive in (write_tar(tmp_path / "a.tar.gz", files), write_zip(tmp_path / "a.zip", files)):
        assert make(archive) == 2
        assert "the archive unpacks to more than" in capsys.readouterr().err


def without(*endings: str, **more: bytes) -> dict[str, bytes]:
    """Return the small CPython without some files, and with more."""
    kept = {name: data for name, data in cpython().items() if not name.endswith(endings)}
    return {**kept, **{"python/" + name: data for name, data in more.items()}}


OTHERS = {
    "no program": (without("bin/python3.11"), "expected one file bin/python3.X as the interpreter, found none"),
    "two programs": ({**cpython(), **cpython("3.12")}, "found bin/python3.11, bin/python3.12"),
    "Windows": (without("bin/python3.11", **{"python.exe": b"MZ"}), "found python.exe"),
    "no library": (without("os.py"), "there is no lib/python3.11/os.py"),
    "a script": ({**cpython(program=b"#!/bin/sh\n")}, "bin/python3.11 is neither ELF nor Mach-O"),
    "a cut program": ({**cpython(program=elf()[:300])}, "a native file is damaged"),
    "two cpus": (
        {**cpython(), "python/lib/python3.11/lib-dynload/_json.so": elf("aarch64")},
        "a native file is for linux aarch64, the interpreter for linux x86_64",
    ),
    "two systems": ({**cpython(), "python/lib/x.dylib": macho()}, "a native file is for macos aarch64"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_is_no_interpreter_is_refused(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """Another thing than one relocatable CPython of one machine."""
    files, what = OTHERS[case]
    assert make(write_tar(tmp_path / "a.tar.gz", files)) == 2
    error = capsys.readouterr().err
    assert what in error and "\n  fix:   " in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz"]


def test_another_version_than_stated_is_refused(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """3.11.9 is 3.11, and neither 3.11.1 nor 3.1."""
    archive = write_tar(tmp_path / "a.tar.gz", cpython())
    for said, code in (("3.11", 0), ("3.11.9", 0), ("3.11.1", 2), ("3.1", 2)):
        assert make(archive, f"--python-version={said}") == code
    assert "the archive holds CPython 3.11.9, not 3.1\n" in capsys.readouterr().err


def test_a_wrong_prefix_is_corrected(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By what the archive begins with, and by the folder that has an interpreter."""
    assert make(write_tar(tmp_path / "a.tar.gz", cpython()), prefix="cpython") == 2
    error = capsys.readouterr().err
    assert "nothing below 'cpython'; it begins with python" in error
    assert "the folder that holds bin/ and lib/: 'python'\n" in error


@pytest.mark.parametrize("data", [b"", b"nothing", b"\x28\xb5\x2f\xfd rest", b"PK\x03\x04 rest"])
def test_what_is_no_archive_is_refused(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    """An empty file, a text, zstd, and the start of a zip."""
    (tmp_path / "a.tar.gz").write_bytes(data)
    assert make(tmp_path / "a.tar.gz") == 2
    error = capsys.readouterr().err
    assert "error: " in error and "\n  fix:   " in error
    assert ("install_only" in error) == data.startswith(b"\x28")
