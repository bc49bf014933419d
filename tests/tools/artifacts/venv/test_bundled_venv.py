"""A venv with an interpreter inside, and a venv in every format."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from artifacts.conftest import Builder, bare_environment

from python_env.__main__ import main
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.plan import plan_install
from python_env.artifacts.install.wheel import open_wheel
from python_env.base.errors import ToolError
from python_env.base.platforms import Os
from python_env.env.model import Wheel
from support.binaries import cpython, elf, info, write_tar
from support.wheels import make_wheel, sha256


@pytest.fixture
def interpreter(tmp_path: Path) -> list[str]:
    """Return the options of a small interpreter with links to a file and to a folder."""
    files = {**cpython(), "python/share/terminfo/x/xterm": b"x"}
    files["python/lib/python3.11/lib-dynload/_bz2.so"] = elf(loader=b"", needed=("libbz2.so.1",))
    links = [
        info("python/share/terminfo/x/color", tarfile.SYMTYPE, "xterm"),
        info("python/lib/terminfo", tarfile.SYMTYPE, "../share/terminfo"),
    ]
    archive = write_tar(tmp_path / "cpython.tar.gz", files, links)
    parts, document = tmp_path / "i.zip", tmp_path / "i.json"
    output = ["--output", str(parts), "--document", str(document)]
    assert main(["artifacts", "interpreter", "--archive", str(archive), "--strip-prefix=python", *output]) == 0
    return ["--interpreter", str(parts), "--interpreter-document", str(document)]


def report(builder: Builder) -> dict[str, Any]:
    """Return the report of the venv."""
    found: dict[str, Any] = json.loads((builder.folder / "small.venv.tar.gz.json").read_text())
    return found


def test_the_interpreter_lies_in_the_tree(builder: Builder, interpreter: list[str]) -> None:
    """The program itself as bin/python, its library beside the packages, its links; nothing that looks for another."""
    assert builder.venv(*interpreter) == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        members = {member.name: member for member in archive}
        program = archive.extractfile("bin/python").read()  # type: ignore[union-attr]  # a regular file
    assert program == elf() and members["bin/python"].mode == 0o755
    links = {name: member.linkname for name, member in members.items() if member.issym()}
    assert links == {
        "bin/python3": "python",
        "bin/python3.11": "python",
        "lib/terminfo": "../share/terminfo",
        "share/terminfo/x/color": "xterm",
    }
    assert {"lib/python3.11/os.py", "lib/python3.11/site-packages/app/__init__.py", "pyvenv.cfg"} <= members.keys()


def test_the_report_says_what_lies_inside(builder: Builder, interpreter: list[str]) -> None:
    """The version of the interpreter, and what it wants of the node; without one, none."""
    assert builder.venv(*interpreter) == 0
    assert (report(builder)["bundled_interpreter"], report(builder)["interpreter"]) == (True, "3.11.9")
    assert report(builder)["node_libraries"] == {"libbz2.so.1": ["_bz2"]}
    assert builder.venv() == 0
    assert (report(builder)["bundled_interpreter"], report(builder)["interpreter"]) == (False, "")
    assert report(builder)["node_libraries"] == {}


def test_an_interpreter_of_another_platform_is_refused(
    builder: Builder, interpreter: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """In three parts, and nothing is written."""
    builder.os = "macos"
    assert builder.venv(*interpreter) == 2
    error = capsys.readouterr().err
    assert "error: the interpreter of cpython.tar.gz runs on linux, the environment is for macos" in error
    assert "\n  where: small_venv, interpreter\n" in error
    assert "\n  fix:   name the archive of a CPython 3.11 for macos aarch64, macOS 14.0 or older" in error
    assert not (builder.folder / "small.venv.tar.gz").exists()


@pytest.mark.parametrize("place", ["data/lib/python3.11/os.py", "data/share/terminfo/x/color", "scripts/python"])
def test_no_wheel_overwrites_the_interpreter(
    builder: Builder, interpreter: list[str], capsys: pytest.CaptureFixture[str], place: str
) -> None:
    """Neither its files nor its links."""
    builder.wheels.append(make_wheel(builder.folder, "bad", files={f"bad-1.0.data/{place}": b"evil"}))
    assert builder.venv(*interpreter) == 2
    assert "would overwrite our own file" in capsys.readouterr().err


def test_no_wheel_writes_below_a_link_of_the_interpreter(
    builder: Builder, interpreter: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It would lie elsewhere."""
    builder.wheels.append(make_wheel(builder.folder, "bad", files={"bad-1.0.data/data/lib/terminfo/x": b"evil"}))
    assert builder.venv(*interpreter) == 2
    error = capsys.readouterr().err
    assert "lib/terminfo is a file of the interpreter inside and a folder of bad-1.0" in error
    assert "take a version of the wheel without that file, or leave it out" in error
    assert 'leave_out = ["lib/terminfo"]' in error


@pytest.mark.parametrize(
    ("paths", "what"),
    [
        (("PYVENV.CFG",), "PYVENV.CFG of the interpreter inside and pyvenv.cfg of the environment itself"),
        (("share/X", "share/x"), "share/X of the interpreter inside and share/x of the interpreter inside"),
        (("python_env.json/x",), "python_env.json is a file of the environment itself and a folder of the interpreter"),
    ],
    ids=["ours", "its own", "below ours"],
)
def test_a_file_of_the_interpreter_that_clashes_is_to_be_left_out(paths: tuple[str, ...], what: str) -> None:
    """No requirement brings it."""
    layout = Layout(os=Os.MACOS, python="3.11", bundled=frozenset({"bin/python", *paths}))
    with pytest.raises(ToolError) as caught:
        plan_install([], [], layout)
    (fault,) = caught.value.faults
    assert what in fault.what
    assert fault.fix == f'leave it out where the interpreter is declared: leave_out = ["{paths[0]}"]'


def test_the_program_of_the_interpreter_cannot_be_left_out(tmp_path: Path) -> None:
    """What clashes with it is the wheel's."""
    path = make_wheel(tmp_path, "bad", files={"bad-1.0.data/scripts/Python": b"#!/bin/sh\n"})
    row = Wheel(name="bad", version="1.0", extras=(), file=path.name, sha256="", size=0, requires=())
    layout = Layout(os=Os.MACOS, python="3.11", bundled=frozenset({"bin/python"}))
    with pytest.raises(ToolError, match="bin/python of the environment itself and bin/Python of bad") as caught:
        plan_install([open_wheel(row, path)], [], layout)
    assert "leave_out" not in str(caught.value)


def unpacked(builder: Builder, name: str) -> Path:
    """Return the tree of a venv, whatever it was written as; a zip's modes are those that it says."""
    place, file = builder.folder / f"tree of {name}", builder.folder / name
    if file.is_dir():
        return file
    place.mkdir()
    if name.endswith(".tar.gz"):
        subprocess.run(["tar", "-xzf", file, "-C", place], check=True)
        return place
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            Path(archive.extract(member, place)).chmod(stat.S_IMODE(member.external_attr >> 16))
    return place


def tree(place: Path) -> dict[str, tuple[int, str]]:
    """Return mode and digest of every regular file."""
    return {
        path.relative_to(place).as_posix(): (stat.S_IMODE(path.stat().st_mode), sha256(path))
        for path in place.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


NAMES = {"tar.gz": "small.venv.tar.gz", "zip": "small.venv.zip", "dir": "small.venv"}


@pytest.mark.parametrize("bundled", [False, True], ids=["plain", "bundled"])
def test_all_formats_hold_the_same_files(builder: Builder, interpreter: list[str], bundled: bool) -> None:
    """With the same modes; without links, other names of a program are scripts and the rest are copies."""
    more = interpreter if bundled else []
    trees = {}
    for kind, name in NAMES.items():
        assert builder.venv(*more, f"--format={kind}", output=builder.folder / name) == 0
        trees[kind] = tree(unpacked(builder, name))
    assert trees["zip"] == trees["dir"]
    extra = {"bin/python3", "bin/python3.11"}
    extra |= {"lib/terminfo/x/color", "lib/terminfo/x/xterm", "share/terminfo/x/color"} if bundled else set()
    assert trees["zip"].keys() - trees["tar.gz"].keys() == extra
    assert trees["tar.gz"] == {name: value for name, value in trees["zip"].items() if name not in extra}


@pytest.mark.parametrize("kind", ["zip", "dir"])
def test_other_names_of_the_interpreter_run_it(builder: Builder, kind: str) -> None:
    """Also where there are no links; scripts work, too."""
    assert builder.venv(f"--format={kind}", output=builder.folder / NAMES[kind]) == 0
    place = unpacked(builder, NAMES[kind])
    for words in (["python"], ["python3"], ["python3.11"]):
        command = [place / "bin" / words[0], "-c", "import app, sys; print(app.VALUE, sys.prefix, sys.executable)"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=bare_environment())
        assert done.stdout == f"lib {place} {place}/bin/python\n", done.stderr
    done = subprocess.run([place / "bin/hello"], capture_output=True, text=True, check=True, env=bare_environment())
    assert done.stdout == "hello lib\n"


def test_a_zip_is_one_that_every_cluster_unpacks(builder: Builder, interpreter: list[str]) -> None:
    """No link, no preamble, no data descriptor: each of them breaks a reader of Hadoop or Spark."""
    path = builder.folder / NAMES["zip"]
    assert builder.venv(*interpreter, "--format=zip", output=path) == 0
    assert path.read_bytes()[:4] == b"PK\x03\x04"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for member in archive.infolist():
            assert stat.S_ISREG(member.external_attr >> 16) and not member.flag_bits & 0x8
        assert archive.namelist() == sorted(archive.namelist())


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_the_report_fits_the_format(builder: Builder, kind: str) -> None:
    """Container, size, digest and number of files."""
    path = builder.folder / NAMES[kind]
    assert builder.venv(f"--format={kind}", output=path) == 0
    said = json.loads(Path(f"{path}.json").read_text())
    files = tree(unpacked(builder, NAMES[kind]))
    assert (said["container"], said["sha256"], said["size"]) == (kind, sha256(path), path.stat().st_size)
    assert said["file_count"] == len(files)


def test_the_digest_of_a_folder_is_that_of_its_list(builder: Builder) -> None:
    """One line a file: mode, sha256, path."""
    path = builder.folder / NAMES["dir"]
    path.mkdir()  # Bazel makes it before the action runs
    assert builder.venv("--format=dir", output=path) == 0
    said = json.loads(Path(f"{path}.json").read_text())
    files = tree(path)
    lines = "".join(f"{mode:o} {digest} {name}\n" for name, (mode, digest) in sorted(files.items()))
    assert said["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    assert (said["container"], said["file_count"]) == ("dir", len(files))
    assert (
        said["size"] == said["unpacked_size"] == sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    )


def test_windows_has_every_format(builder: Builder) -> None:
    """There are no links to replace."""
    builder.os = "windows"
    trees = []
    for kind, name in NAMES.items():
        assert builder.venv(f"--format={kind}", output=builder.folder / name) == 0
        trees.append(tree(unpacked(builder, name)))
    assert trees[0] == trees[1] == trees[2]


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="compiles for the Python that runs it, the archive is 3.11")
def test_its_library_is_compiled_too(builder: Builder, interpreter: list[str], tmp_path: Path) -> None:
    """Beside its sources; what is compiled is ours as they are."""
    output = tmp_path / "compiled.zip"
    words = ["--platform", "cp311-manylinux_2_28_x86_64", "--interpreter", interpreter[1], "--output", str(output)]
    assert main(["artifacts", "compile", *words]) == 0
    options = [*interpreter, "--compile", "--compiled-interpreter", str(output)]
    assert builder.venv(*options) == 0
    place = "lib/python3.11/__pycache__/os.cpython-311.pyc"
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        assert place in archive.getnames()
    builder.wheels.append(make_wheel(builder.folder, "bad", files={f"bad-1.0.data/data/{place}": b"evil"}))
    assert builder.venv(*options) == 2
