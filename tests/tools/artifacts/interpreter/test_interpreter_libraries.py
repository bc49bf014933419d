"""What an interpreter takes from its node beside libc: said per module, and refused where it would not start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from artifacts.interpreter.conftest import Make

from python_env.artifacts.interpreter.libraries import node_libraries
from python_env.base.binary import Binary
from python_env.base.platforms import Os
from support.binaries import cpython, elf, write_tar

DYNLOAD = "lib/python3.11/lib-dynload"


def binary(*needed: str) -> Binary:
    """Return a library that is linked with others."""
    return Binary(os=Os.LINUX, cpus=frozenset({"x86_64"}), needed=needed)


def test_libraries_are_said_with_the_modules_that_want_them() -> None:
    """Not libc's own, nor those that lie inside; a library that is no module by its path."""
    files = {
        f"{DYNLOAD}/zlib.cpython-311-x86_64-linux-gnu.so": binary("libz.so.1", "libc.so.6"),
        f"{DYNLOAD}/binascii.abi3.so": binary("libz.so.1", "libpthread.so.0"),
        f"{DYNLOAD}/_ssl.so": binary("libssl.so.3", "ld-linux-x86-64.so.2"),
        "lib/libssl.so.3": binary("libatomic.so.1"),
    }
    found = node_libraries(files, ["libssl.so.3"])
    assert found == {"libatomic.so.1": ("lib/libssl.so.3",), "libz.so.1": ("binascii", "zlib")}


@pytest.mark.parametrize(
    "name",
    ["ld-linux-aarch64.so.1", "libm.so.6", "libdl.so.2", "libresolv.so.2", "libc.musl-x86_64.so.1", "libc.so"],
)
def test_a_library_of_libc_is_on_every_node(name: str) -> None:
    """Of glibc as of musl."""
    assert node_libraries({"bin/python": binary(name)}, []) == {}


@pytest.mark.parametrize("name", ["libcrypt.so.1", "libnsl.so.1", "libc.so.6.evil", "libcrypto.so.3", "libstdc++.so.6"])
def test_what_only_looks_like_libc_is_not(name: str) -> None:
    """Distributions have packages of their own for these."""
    assert list(node_libraries({"bin/python": binary(name)}, [])) == [name]


def test_the_document_says_it(make: Make, tmp_path: Path) -> None:
    """Beside `needs`, which has libc's, too."""
    more = {f"python/{DYNLOAD}/_bz2.so": elf(loader=b"", needed=("libbz2.so.1", "libc.so.6"))}
    assert make(write_tar(tmp_path / "a.tar.gz", {**cpython(), **more})) == 0
    document = json.loads((tmp_path / "out.json").read_text())
    assert document["node_libraries"] == {"libbz2.so.1": ["_bz2"]}
    assert document["needs"] == ["libbz2.so.1", "libc.so.6"]


@pytest.mark.parametrize("deep", [False, True])
def test_an_interpreter_that_would_not_start_is_refused(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], deep: bool
) -> None:
    """Linked with it, or with an inner library that is; all are named and nothing is written."""
    names = ("libc.so.6", "libssl.so.1.1", "libz.so.1")
    files = cpython(program=elf(needed=("libpython3.11.so.1.0",) if deep else names))
    files["python/lib/libpython3.11.so.1.0"] = elf(loader=b"", needed=names if deep else ("libc.so.6",))
    assert make(write_tar(tmp_path / "a.tar.gz", files)) == 2
    error = capsys.readouterr().err
    assert "error: the interpreter does not start without libssl.so.1.1\n  where: a.tar.gz\n  fix:   take an" in error
    assert error.count("error:") == 2 and "without libz.so.1\n" in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz"]
