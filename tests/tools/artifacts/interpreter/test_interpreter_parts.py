"""What is taken of an interpreter's archive, under which names, and what its document says."""

from __future__ import annotations

import json
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from artifacts.interpreter.conftest import Make

from support.binaries import MUSL, cpython, elf, info, write_tar
from support.wheels import sha256, write_zip

TAKEN = {
    "bin/python",
    "lib/python3.11/_sysconfigdata__linux_.py",
    "lib/python3.11/lib-dynload/_json.so",
    "lib/python3.11/os.py",
}


def names(folder: Path) -> set[str]:
    """Return the names of the written zip."""
    with zipfile.ZipFile(folder / "out.zip") as archive:
        return set(archive.namelist())


def document(folder: Path) -> dict[str, object]:
    """Return the written document."""
    found: dict[str, object] = json.loads((folder / "out.json").read_text())
    return found


def test_tests_headers_and_static_libraries_are_left_out(make: Make, tmp_path: Path) -> None:
    """So are idle, pip, bytecode and a libpython that the program is not linked with."""
    assert make(write_tar(tmp_path / "a.tar.gz", cpython())) == 0
    assert names(tmp_path) == TAKEN
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        modes = {info.filename: stat.S_IMODE(info.external_attr >> 16) for info in archive.infolist()}
        assert archive.read("bin/python") == elf() and archive.testzip() is None
    assert {name for name, mode in modes.items() if mode & 0o111} == {"bin/python"}


def test_what_a_venv_writes_itself_is_left_out(make: Make, tmp_path: Path) -> None:
    """Else the file would stand twice in it, or a link in its place."""
    ours = {"python/python_env.json": b"{}", "python/pyvenv.cfg": b"home = /\n"}
    assert make(write_tar(tmp_path / "a.tar.gz", {**cpython(), **ours})) == 0
    assert names(tmp_path) == TAKEN
    assert make(write_tar(tmp_path / "a.tar.gz", cpython(), [info("python/python_env.json", b"2", "lib")])) == 0
    assert document(tmp_path)["links"] == {}


@pytest.mark.parametrize("said", [b"3.11.9\xff\xfe", b"3.11.9\x1b[2J", b"3.11.9;rm"])
def test_a_version_that_is_none_counts_for_nothing(make: Make, tmp_path: Path, said: bytes) -> None:
    """The header is left out, and what it says enters documents: the program's own name then tells X.Y."""
    header = {"python/include/python3.11/patchlevel.h": b'#define PY_VERSION "' + said + b'"\n'}
    assert make(write_tar(tmp_path / "a.tar.gz", {**cpython(), **header})) == 0
    assert document(tmp_path)["version"] == "3.11"


def test_the_document_says_what_the_files_say(make: Make, tmp_path: Path) -> None:
    """Version of patchlevel.h, cpu and libc of the program, the newest glibc that any file asks for."""
    archive = write_tar(tmp_path / "a.tar.gz", cpython())
    assert make(archive, "--python-version=3.11") == 0
    assert document(tmp_path) == {
        "archive": "a.tar.gz",
        "cpus": ["x86_64"],
        "floor": [2, 28],
        "kind": "interpreter",
        "libc": "glibc",
        "links": {},
        "needs": ["libc.so.6"],
        "node_libraries": {},
        "os": "linux",
        "schema": 1,
        "sha256": sha256(archive),
        "version": "3.11.9",
    }


EVERYTHING = {
    "include/python3.11/patchlevel.h",
    "lib/libpython3.11.so.1.0",
    "lib/libstatic.a",
    "lib/python3.11/config-3.11-x86_64-linux-gnu/Makefile",
    "lib/python3.11/idlelib/run.py",
    "lib/python3.11/lib-dynload/_testcapi.so",
    "lib/python3.11/test/test_os.py",
    "lib/python3.11/unittest/test/test_case.py",
}
"""What is left out and can be kept."""


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (["--keep=lib/python3.11/test/**"], {"lib/python3.11/test/test_os.py"}),
        (["--keep=**/*.a", "--keep=lib/libpython*"], {"lib/libstatic.a", "lib/libpython3.11.so.1.0"}),
        (["--keep=**"], EVERYTHING),
    ],
)
def test_what_is_kept_stays(make: Make, tmp_path: Path, words: list[str], more: set[str]) -> None:
    """A glob of `keep` wins over what is left out by default, but for scripts, site-packages and bytecode."""
    assert make(write_tar(tmp_path / "a.tar.gz", cpython()), *words) == 0
    assert names(tmp_path) == TAKEN | more


def test_what_is_left_out_goes_even_if_kept(make: Make, tmp_path: Path) -> None:
    """`leave_out` is the last word, and the program itself stays."""
    words = ["--keep=**", "--leave-out=include/**", "--leave-out=lib/**", "--leave-out=bin/**"]
    assert make(write_tar(tmp_path / "a.tar.gz", cpython()), *words) == 0
    assert names(tmp_path) == {"bin/python"}


def test_a_library_that_the_program_needs_stays(make: Make, tmp_path: Path) -> None:
    """libpython, where it is linked; it is not among what the machine must have."""
    program = elf(needed=("libpython3.11.so.1.0", "libm.so.6"))
    assert make(write_tar(tmp_path / "a.tar.gz", cpython(program=program))) == 0
    assert names(tmp_path) == TAKEN | {"lib/libpython3.11.so.1.0"}
    assert document(tmp_path)["needs"] == ["libc.so.6", "libm.so.6"]


def test_links_stay_where_they_lead_to_something(make: Make, tmp_path: Path) -> None:
    """Relative ones, chains, folders and hard links; a link to what is left out goes with it."""
    files = {**cpython(), "python/share/terminfo/x/xterm": b"x"}
    more = [
        info("python/lib/terminfo", tarfile.SYMTYPE, "../share/terminfo"),
        info("python/share/terminfo/x/xterm-color", tarfile.LNKTYPE, "python/share/terminfo/x/xterm"),
        info("python/lib/again", tarfile.SYMTYPE, "./terminfo"),
        info("python/lib/gone", tarfile.SYMTYPE, "python3.11/test"),
        info("python/lib/nowhere", tarfile.SYMTYPE, "nothing"),
        info("python/bin/python3", tarfile.SYMTYPE, "python3.11"),
    ]
    assert make(write_tar(tmp_path / "a.tar.gz", files, more)) == 0
    assert document(tmp_path)["links"] == {
        "lib/again": "./terminfo",
        "lib/terminfo": "../share/terminfo",
        "share/terminfo/x/xterm-color": "xterm",
    }


def test_streams_of_a_zip_are_copied(make: Make, tmp_path: Path) -> None:
    """As they lie in it: no compressor of this machine has a say."""
    archive = write_zip(tmp_path / "a.jar", {**cpython(), "python/lib/python3.11/odd.py": b"odd " * 5000})
    assert make(archive) == 0
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(tmp_path / "out.zip") as after:
        old, new = before.getinfo("python/lib/python3.11/odd.py"), after.getinfo("lib/python3.11/odd.py")
    assert (old.CRC, old.compress_size, old.compress_type) == (new.CRC, new.compress_size, new.compress_type)


def test_tar_and_zip_give_the_same_files(make: Make, tmp_path: Path) -> None:
    """Whatever holds them, and however it is compressed."""
    contents = []
    archives = [write_zip(tmp_path / "a.zip", cpython())]
    archives += [write_tar(tmp_path / f"a.{kind}", cpython(), mode=f"w:{kind}") for kind in ("gz", "xz", "bz2")]
    for archive in archives:
        assert make(archive) == 0
        with zipfile.ZipFile(tmp_path / "out.zip") as made:
            contents.append({name: made.read(name) for name in made.namelist()})
    assert contents == [contents[0]] * 4


def test_a_tar_can_be_stored(make: Make, tmp_path: Path) -> None:
    """Where the machine's zlib is not the one of all others."""
    files = {**cpython(), "python/lib/python3.11/odd.py": b"odd " * 5000}
    assert make(write_tar(tmp_path / "a.tar.gz", files), "--stored") == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_foreign_zlib_is_refused(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its streams are other bytes than everybody's; the error names what to do."""
    from python_env.base.archive import deflate

    deflate.check_zlib.cache_clear()
    monkeypatch.setattr(deflate, "_LEVEL", 4)
    assert make(write_tar(tmp_path / "a.tar.gz", cpython())) == 2
    deflate.check_zlib.cache_clear()
    error = capsys.readouterr().err
    assert "is not that of zlib.net" in error and "compress = False" in error
    assert not (tmp_path / "out.zip").exists()


@pytest.mark.parametrize(("loader", "libc"), [(MUSL, "musl"), (b"", "")])
def test_the_libc_is_the_loaders(make: Make, tmp_path: Path, loader: bytes, libc: str) -> None:
    """musl by its name; a program without a loader is linked statically."""
    assert make(write_tar(tmp_path / "a.tar.gz", cpython(program=elf(loader=loader)))) == 0
    assert document(tmp_path)["libc"] == libc
