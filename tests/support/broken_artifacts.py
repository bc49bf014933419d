"""Archives of every kind, sound ones and ones with exactly one planted fault, made by the tests."""

from __future__ import annotations

import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from support.binaries import elf
from support.wheels import DATE, wheel_members, write_zip

SITE = "lib/python3.11/site-packages"
INFO = f"{SITE}/numpy-2.0.0.dist-info"
MODULE = f"{SITE}/numpy/core.cpython-311-x86_64-linux-gnu.so"
MAGIC_3_10 = 3439
_DOS_ARCHIVE = 0x20
"""An attribute of MS-DOS, and no mode: what is written on Windows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One member: a file, or a link."""

    data: bytes = b""
    mode: int = 0o644
    link: str = ""
    kind: bytes = tarfile.REGTYPE
    method: int = zipfile.ZIP_DEFLATED


Tree = dict[str, Node]


def program(text: bytes = b"#!/bin/sh\n") -> Node:
    """Return an executable script."""
    return Node(data=text, mode=0o755)


def link(target: str) -> Node:
    """Return a symbolic link."""
    return Node(link=target, mode=0o777, kind=tarfile.SYMTYPE)


def pyc(magic: int) -> Node:
    """Return bytecode of the Python with that magic number."""
    return Node(data=magic.to_bytes(2, "little") + b"\r\n" + bytes(12) + b"\xe3")


def venv(**more: Node) -> Tree:
    """Return a sound environment with an interpreter inside, as conda-pack and our venv have it."""
    wheel = b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-manylinux_2_17_x86_64\n"
    return {
        "bin/python": Node(data=elf(), mode=0o755),
        "bin/tool": program(b"#!/usr/bin/env python3.11\n"),
        "lib/python3.11/os.py": Node(data=b"# os\n"),
        f"{SITE}/numpy/__init__.py": Node(),
        MODULE: Node(data=elf(loader=b"", needed=("libc.so.6", "libm.so.6"))),
        f"{INFO}/WHEEL": Node(data=wheel),
        f"{INFO}/RECORD": Node(data=b"numpy/__init__.py,,\n"),
        "pyvenv.cfg": Node(data=b"include-system-site-packages = false\n"),
        **more,
    }


def of_python(minor: int) -> Tree:
    """Return a sound environment of another Python."""
    old = {b"3.11": f"3.{minor}".encode(), b"311": f"3{minor}".encode()}
    tree = {}
    for name, node in venv().items():
        data, path = node.data, name.encode()
        for word, new in old.items():
            path = path.replace(word, new)
            data = data.replace(word, new) if data[:4] != b"\x7fELF" else data
        tree[path.decode()] = replace(node, data=data)
    return tree


def conda() -> Tree:
    """Return a sound tree as conda-pack writes it: links, libraries found by RPATH, conda-meta."""
    return {
        **venv(),
        "bin/python": link("python3.11"),
        "bin/python3.11": Node(data=elf(needed=("libc.so.6", "libfoo.so.1"), runpath="$ORIGIN/../lib"), mode=0o755),
        "conda-meta/python-3.11.9-0.json": Node(data=b"{}"),
        "lib/libfoo.so.1": link("libfoo.so.1.2"),
        "lib/libfoo.so.1.2": Node(data=elf(loader=b""), mode=0o755),
    }


def code(**more: Node) -> Tree:
    """Return first-party code that lies beside an environment, with a program of its own."""
    identity = {"kind": "identity", "layer": "code", "schema": 1}
    return {"__main__.py": Node(data=b"print()"), "python_env.json": Node(data=json.dumps(identity).encode()), **more}


def _wheel(tag: str = "cp311-cp311-manylinux_2_17_x86_64", name: str = "numpy", **files: bytes) -> tuple[str, bytes]:
    members = wheel_members(name, "2.0.0", {f"{name}/__init__.py": b"", **files})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members.items():
            archive.writestr(zipfile.ZipInfo(path, DATE), data, zipfile.ZIP_DEFLATED)
    return f".deps/{name}-2.0.0-{tag}.whl", buffer.getvalue()


def pex(*wheels: tuple[str, bytes], **info: Any) -> Tree:
    """Return a PEX that sees the cluster's pyspark, with raw wheels inside."""
    stated = {"inherit_path": "fallback", "venv": True, "venv_hermetic_scripts": False, **info}
    tree = {
        "PEX-INFO": Node(data=json.dumps(stated).encode()),
        "__main__.py": program(b"#!/usr/bin/env python3.11\n"),
        ".bootstrap/pex/__init__.py": Node(),
    }
    for name, data in wheels or [_wheel(**{"numpy/core.abi3.so": elf(loader=b"")})]:
        tree[name] = Node(data=data, method=zipfile.ZIP_STORED)
    return tree


def write_tree(path: Path, tree: Mapping[str, Node], *, preamble: bytes = b"", modes: bool = True) -> Path:
    """Write a tree as what the file's name says; zips with modes, and a first line before them."""
    if ".tar" in path.name or path.name.endswith(".tgz"):
        return _write_tar(path, tree)
    with path.open("wb") as file:
        file.write(preamble)
        with zipfile.ZipFile(file, "w") as archive:
            for name, node in tree.items():
                info = zipfile.ZipInfo(name, DATE)
                kind = stat.S_IFLNK if node.link else stat.S_IFREG
                info.external_attr = (kind | node.mode) << 16 if modes else _DOS_ARCHIVE
                info.create_system = 3 if modes else 0
                archive.writestr(info, node.link.encode() or node.data, node.method)
    return path


def _write_tar(path: Path, tree: Mapping[str, Node]) -> Path:
    mode = {".gz": "w:gz", "tgz": "w:gz", ".xz": "w:xz", "bz2": "w:bz2", "tar": "w"}[path.name[-3:]]
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # a mode of the name
        for name, node in tree.items():
            info = tarfile.TarInfo(name)
            info.mode, info.type, info.linkname, info.size = node.mode, node.kind, node.link, len(node.data)
            archive.addfile(info, io.BytesIO(node.data))
    return path


def write_streamed(path: Path, tree: Mapping[str, Node]) -> Path:
    """Write a zip as to a pipe: with data descriptors."""

    class Pipe(io.RawIOBase):
        data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    pipe.data = bytearray()
    with zipfile.ZipFile(pipe, "w") as archive:
        for name, node in tree.items():
            info = zipfile.ZipInfo(name, DATE)
            info.external_attr = (stat.S_IFREG | node.mode) << 16
            archive.writestr(info, node.data, node.method)
    path.write_bytes(pipe.data)
    return path


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """An archive with one fault."""

    check: str
    """Id of the check that finds it."""
    file: str
    """Name of the archive."""
    tree: Tree
    what: str = ""
    severity: str = "error"
    options: tuple[str, ...] = ()
    """Words of the command, beside platform and file."""
    write: Callable[[Path, Mapping[str, Node]], Path] = write_tree

    @property
    def title(self) -> str:
        """Return the name of the test case."""
        return f"{self.check}-{self.what or self.file}"


def _plus(base: Tree, name: str, node: Node) -> Tree:
    return {**base, name: node}


def _preamble(path: Path, tree: Mapping[str, Node]) -> Path:
    return write_tree(path, tree, preamble=b"#!/usr/bin/env python3.11\n")


def _no_modes(path: Path, tree: Mapping[str, Node]) -> Path:
    return write_tree(path, tree, modes=False)


def _stored(tree: Tree) -> Tree:
    return {name: replace(node, method=zipfile.ZIP_STORED) for name, node in tree.items()}


def _renamed(name: str) -> Callable[[Path, Mapping[str, Node]], Path]:
    """Return a writer of one format under the name of another."""

    def write(path: Path, tree: Mapping[str, Node]) -> Path:
        write_tree(path.with_name(name), tree).rename(path)
        return path

    return write


def _cut_stream(path: Path, tree: Mapping[str, Node]) -> Path:
    write_tree(path, tree)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo(MODULE).header_offset + 30 + len(MODULE)
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(data)
    return path


def _pex_file(path: Path, tree: Mapping[str, Node]) -> Path:
    return write_tree(path, tree, preamble=b"#!/usr/bin/env python3.11\n")


def _far_pex(path: Path, tree: Mapping[str, Node]) -> Path:
    return write_tree(path, tree, preamble=b"#!/home/u/.venvs/build/bin/python3.11\n")


def _module(data: bytes, name: str = MODULE) -> Tree:
    return _plus(venv(), name, Node(data=data))


_PYTHON = "bin/python"
_35 = ("--spark", "3.5.6", "--hadoop", "3.3.4")
_NOT_YARN = (*_35, "--master", "standalone")

LINKS = (
    Broken(
        check="link-outside", what="absolute", file="a.tar.gz", tree=_plus(venv(), _PYTHON, link("/opt/py/python3.11"))
    ),
    Broken(check="link-outside", what="relative", file="a.tgz", tree=_plus(venv(), _PYTHON, link("../../python3.11"))),
    Broken(
        check="link-outside",
        what="through",
        file="a.tar.gz",
        tree={**venv(), "lib64": link("lib"), "lib/up": link("../.."), _PYTHON: link("../lib64/up/python3")},
    ),
    Broken(check="link-broken", what="python", file="a.tar.gz", tree=_plus(venv(), _PYTHON, link("python3.99"))),
    Broken(check="link-broken", what="data", file="a.tar.gz", tree=_plus(venv(), "d", link("no")), severity="warning"),
    Broken(
        check="link-broken",
        what="circle",
        file="a.tar.gz",
        tree={**venv(), "d": link("e"), "e": link("d")},
        severity="warning",
    ),
    Broken(
        check="hard-link",
        file="a.tar.gz",
        tree=_plus(venv(), "bin/hard", Node(link="bin/nothing", kind=tarfile.LNKTYPE)),
    ),
    Broken(
        check="zip-link",
        file="a.zip",
        tree={**venv(), _PYTHON: link("python3.11"), "bin/python3.11": Node(data=elf(), mode=0o755)},
    ),
    Broken(check="plain-tar", file="a.tar", tree=venv()),
)

CONTAINERS = (
    Broken(check="suffix", what="xz", file="a.tar.xz", tree=venv()),
    Broken(check="suffix", what="bz2", file="a.tar.bz2", tree=venv()),
    Broken(check="suffix", what="gz-is-zip", file="a.tar.gz", tree=venv(), write=_renamed("b.zip")),
    Broken(check="suffix", what="zip-is-gz", file="a.zip", tree=venv(), write=_renamed("b.tar.gz")),
    Broken(check="suffix", what="gz-is-tar", file="a.tar.gz", tree=venv(), write=_renamed("b.tar")),
    Broken(check="suffix", what="unknown", file="a.venv", tree=venv(), write=_renamed("b.tar.gz")),
    Broken(check="file-name", file="a#b.tar.gz", tree=venv()),
    Broken(check="zip-stored-descriptor", file="a.zip", tree=_stored(venv()), write=write_streamed),
    Broken(check="zip-preamble", file="a.zip", tree=venv(), write=_preamble),
    Broken(
        check="zip-method",
        what="lzma",
        file="a.zip",
        tree=_plus(venv(), "share/a", Node(data=b"x" * 99, method=zipfile.ZIP_LZMA)),
    ),
    Broken(
        check="zip-method",
        what="bzip2",
        file="a.zip",
        tree=_plus(venv(), "share/a", Node(data=b"x" * 99, method=zipfile.ZIP_BZIP2)),
        options=("--spark", "3.5.6", "--hadoop", "3.3.4", "--master", "yarn"),
    ),
    Broken(check="name-unsafe", what="up", file="a.tar.gz", tree=_plus(venv(), "../out", Node())),
    Broken(
        check="name-unsafe", what="absolute", file="a.tar.gz", tree=_plus(venv(), "/abs", Node()), severity="warning"
    ),
    Broken(check="name-unsafe", what="long", file="a.tar.gz", tree=_plus(venv(), "x" * 256, Node())),
    Broken(check="damaged", file="a.zip", tree=venv(), write=_cut_stream),
)

MODES = (
    Broken(check="not-executable", file="a.tar.gz", tree=_plus(venv(), _PYTHON, Node(data=elf()))),
    Broken(check="modes-lost", what="3.5", file="a.zip", tree=venv(), options=_NOT_YARN),
    Broken(check="modes-lost", what="windows", file="a.zip", tree=venv(), write=_no_modes),
    Broken(check="modes-lost", what="jar", file="a.jar", tree=venv()),
    Broken(
        check="script-not-executable",
        file="a.tar.gz",
        tree=_plus(venv(), "bin/tool", Node(data=b"#!/bin/sh\n")),
        severity="warning",
    ),
    Broken(check="unreadable", what="file", file="a.tar.gz", tree=_plus(venv(), "share/a", Node(mode=0o200))),
    Broken(
        check="unreadable",
        what="folder",
        file="a.tar.gz",
        tree=_plus(venv(), "share", Node(mode=0o600, kind=tarfile.DIRTYPE)),
    ),
    Broken(
        check="device",
        file="a.tar.gz",
        tree=_plus(venv(), "pipe", Node(kind=tarfile.FIFOTYPE)),
        severity="warning",
    ),
)

PATHS = (
    Broken(
        check="shebang-absolute",
        what="script",
        file="a.tar.gz",
        tree=_plus(venv(), "bin/tool", program(b"#!/home/u/venv/bin/python3.11\n")),
        severity="warning",
    ),
    Broken(
        check="shebang-absolute",
        what="python",
        file="a.tar.gz",
        tree=_plus(venv(), _PYTHON, program(b"#!/home/u/venv/bin/python3.11\n")),
    ),
    Broken(check="shebang-absolute", what="pex", file="a.pex", tree=pex(), write=_far_pex),
    Broken(
        check="shebang-long",
        file="a.tar.gz",
        tree=_plus(venv(), "bin/tool", program(b"#!/usr/bin/env " + b"x" * 150 + b"\n")),
        severity="warning",
    ),
    Broken(
        check="pyvenv-home",
        file="a.tar.gz",
        tree={
            **venv(**{"pyvenv.cfg": Node(data=b"home = /home/u/py/bin\n"), _PYTHON: program()}),
        },
        severity="warning",
    ),
    Broken(
        check="activate-absolute",
        file="a.tar.gz",
        tree=_plus(venv(), "bin/activate", Node(data=b"VIRTUAL_ENV='/home/u/venv'\n")),
        severity="note",
    ),
    Broken(check="pth-absolute", file="a.tar.gz", tree=_plus(venv(), f"{SITE}/a.pth", Node(data=b"/home/u/src\n"))),
    Broken(
        check="editable",
        what="url",
        file="a.tar.gz",
        tree=_plus(
            venv(),
            f"{INFO}/direct_url.json",
            Node(data=b'{"url": "file:///home/u/src", "dir_info": {"editable": true}}'),
        ),
    ),
    Broken(
        check="editable",
        what="finder",
        file="a.tar.gz",
        tree=_plus(
            venv(),
            f"{SITE}/__editable___a_1_finder.py",
            Node(data=b"MAPPING: dict[str, str] = {'a': '/home/u/src/a'}\n"),
        ),
    ),
    Broken(
        check="sysconfig-absolute",
        file="a.tar.gz",
        tree=_plus(venv(), "lib/python3.11/_sysconfigdata__linux.py", Node(data=b"build = {'prefix': '/opt/py'}\n")),
        severity="note",
    ),
    Broken(
        check="conda-unpack",
        file="a.tar.gz",
        tree=_plus(conda(), "bin/conda-unpack", program(b"#!/usr/bin/env python\n")),
        severity="note",
    ),
)

PYTHONS = (
    Broken(check="python-minor", file="a.tar.gz", tree={**venv(), _PYTHON: program()}, options=("--python", "3.12")),
    Broken(
        check="python-spark",
        what="old",
        file="a.tar.gz",
        tree=of_python(9),
        options=("--spark", "4.3", "--platform", "cp39-manylinux_2_28_x86_64"),
    ),
    Broken(
        check="python-spark",
        what="new",
        file="a.tar.gz",
        tree=of_python(13),
        options=("--spark", "3.5", "--platform", "cp313-manylinux_2_28_x86_64"),
        severity="warning",
    ),
    Broken(
        check="bytecode",
        what="cache",
        file="a.tar.gz",
        tree=_plus(venv(), f"{SITE}/numpy/__pycache__/a.cpython-311.pyc", pyc(MAGIC_3_10)),
        severity="warning",
    ),
    Broken(check="bytecode", what="alone", file="a.tar.gz", tree=_plus(venv(), f"{SITE}/b.pyc", pyc(MAGIC_3_10))),
    Broken(check="interpreter-missing", file="a.tar.gz", tree={f"{SITE}/a.py": Node()}),
    Broken(check="zipapp", file="a.pyz", tree={"__main__.py": Node(data=b"print()")}, write=_preamble),
    Broken(
        check="interpreter-alone",
        file="a.tar.gz",
        tree={name: node for name, node in venv().items() if name != "lib/python3.11/os.py"},
    ),
    Broken(
        check="nested",
        file="a.tar.gz",
        tree={f"env/{name}": node for name, node in venv().items()},
        severity="note",
    ),
)

PEXES = (
    Broken(check="pex-blind", file="a.pex", tree=pex(inherit_path="false"), write=_pex_file),
    Broken(check="pex-hermetic", file="a.pex", tree=pex(venv_hermetic_scripts=True), write=_pex_file),
    Broken(check="pex-prefer", file="a.pex", tree=pex(inherit_path="prefer"), write=_pex_file, severity="warning"),
    Broken(check="pex-entry-point", file="a.pex", tree=pex(entry_point="app:main"), write=_pex_file),
    Broken(check="pex-interpreter", file="a.pex", tree=pex(interpreter_constraints=["CPython<3.10"]), write=_pex_file),
    Broken(check="wheel-tag", what="raw", file="a.pex", tree=pex(_wheel("cp311-cp311-win_amd64")), write=_pex_file),
    Broken(
        check="pyspark-version",
        what="pex",
        file="a.pex",
        tree=pex(_wheel("py3-none-any", "pyspark"), venv=False),
        write=_pex_file,
        options=("--spark", "3.5"),
    ),
    Broken(
        check="pyspark-version",
        what="pex-behind",
        file="a.pex",
        tree=pex(_wheel("py3-none-any", "pyspark")),
        write=_pex_file,
        severity="warning",
    ),
    Broken(
        check="py4j-version",
        file="a.pex",
        tree=pex(_wheel("py3-none-any", "py4j"), venv=False),
        write=_pex_file,
        severity="warning",
    ),
    Broken(
        check="elf-glibc",
        what="in-wheel",
        file="a.pex",
        tree=pex(_wheel(**{"numpy/c.so": elf(loader=b"", versions=("GLIBC_2.34",))})),
        write=_pex_file,
    ),
)


def _distribution(name: str, version: str) -> Tree:
    wheel = b"Wheel-Version: 1.0\nTag: py3-none-any\n"
    return _plus(venv(), f"{SITE}/{name}-{version}.dist-info/WHEEL", Node(data=wheel))


PACKAGES = (
    Broken(
        check="pyspark-version",
        what="venv",
        file="a.tar.gz",
        tree=_distribution("pyspark", "3.4.1"),
        severity="warning",
    ),
    Broken(check="pandas-minimum", file="a.tar.gz", tree=_distribution("pandas", "1.0.1"), severity="warning"),
    Broken(check="pyarrow-minimum", file="a.tar.gz", tree=_distribution("pyarrow", "3.0.0"), severity="warning"),
    Broken(
        check="wheel-tag",
        what="installed",
        file="a.tar.gz",
        tree=_plus(venv(), f"{INFO}/WHEEL", Node(data=b"Wheel-Version: 1.0\nTag: cp311-cp311-macosx_14_0_arm64\n")),
    ),
    Broken(
        check="extension-python",
        file="a.tar.gz",
        tree=_module(elf(loader=b""), f"{SITE}/numpy/b.cpython-310-x86_64-linux-gnu.so"),
    ),
)

SESSIONS = (
    Broken(check="connect", what="code", file="a.tar.gz", tree=code(), options=("--master", "connect")),
    Broken(
        check="connect", what="old", file="a.tar.gz", tree=venv(), options=("--master", "connect", "--spark", "3.4")
    ),
    Broken(
        check="pex-entry-point",
        what="session",
        file="a.pex",
        tree=pex(entry_point="app:main"),
        write=_pex_file,
        options=("--master", "connect"),
    ),
)

NATIVES = (
    Broken(check="elf-machine", what="aarch64", file="a.tar.gz", tree=_module(elf("aarch64", loader=b""))),
    Broken(
        check="elf-libc", file="a.tar.gz", tree=_module(elf(loader=b"", needed=("libc.musl-x86_64.so.1",), versions=()))
    ),
    Broken(check="elf-glibc", file="a.tar.gz", tree=_module(elf(loader=b"", versions=("GLIBC_2.17", "GLIBC_2.34")))),
    Broken(check="elf-libstdcxx", file="a.tar.gz", tree=_module(elf(loader=b"", versions=("GLIBCXX_3.4.30",)))),
    Broken(check="elf-needed", what="absent", file="a.tar.gz", tree=_module(elf(loader=b"", needed=("libtorch.so",)))),
    Broken(
        check="elf-desktop",
        file="a.tar.gz",
        tree=_module(elf(loader=b"", needed=("libGL.so.1",))),
        severity="note",
    ),
    Broken(check="elf-damaged", file="a.tar.gz", tree=_module(elf(loader=b"")[:150]), severity="warning"),
)

BROKEN: tuple[Broken, ...] = (
    *LINKS,
    *CONTAINERS,
    *MODES,
    *PATHS,
    *PYTHONS,
    *PEXES,
    *PACKAGES,
    *SESSIONS,
    *NATIVES,
)


def sound(folder: Path) -> Iterable[Path]:
    """Yield archives without a fault: a venv and a conda tree, code that lies apart, a PEX, and packed ones."""
    yield write_tree(folder / "venv.tar.gz", venv())
    yield write_tree(folder / "conda.tar.gz", conda())
    yield write_tree(folder / "code.tar.gz", code())
    yield write_tree(folder / "small.pex", pex(), preamble=b"#!/usr/bin/env python3.11\n")
    yield write_tree(folder / "small.pex.tar.gz", pex())
    yield write_zip(folder / "packed.pex.zip", {name: node.data for name, node in pex().items()}, modes=_modes(pex()))


def _modes(tree: Mapping[str, Node]) -> dict[str, int]:
    return {name: stat.S_IFREG | node.mode for name, node in tree.items()}
