"""Small native files and interpreters, made by the tests: what they say, and nothing that runs."""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

MACHINES = {"x86_64": 62, "aarch64": 183}
GLIBC = b"/lib64/ld-linux-x86-64.so.2\0"
MUSL = b"/lib/ld-musl-x86_64.so.1\0"


def elf(
    cpu: str = "x86_64",
    *,
    loader: bytes = GLIBC,
    needed: Iterable[str] = ("libc.so.6",),
    versions: Iterable[str] = ("GLIBC_2.17",),
    runpath: str = "",
) -> bytes:
    """Return an ELF file of 64 bits with a loader, needed libraries, needed versions of symbols, and a RUNPATH."""
    strings, places = b"\0", {}
    for text in (*needed, *versions, runpath):
        places[text] = len(strings)
        strings += text.encode() + b"\0"
    start = 64 + 3 * 56
    strings_at = start + len(loader)
    needs_at = strings_at + len(strings)
    names = list(versions)
    needs = struct.pack("<2H3L", 1, len(names), 0, 16, 0)
    for number, name in enumerate(names):
        needs += struct.pack("<L2H2L", 0, 0, 2, places[name], 16 if number + 1 < len(names) else 0)
    paths = [(29, places[runpath])] if runpath else []
    tags = (
        [(1, places[name]) for name in needed]
        + paths
        + [(5, strings_at), (0x6FFFFFFE, needs_at), (0x6FFFFFFF, 1), (0, 0)]
    )
    dynamic = b"".join(struct.pack("<2Q", *tag) for tag in tags)
    dynamic_at = needs_at + len(needs)
    size = dynamic_at + len(dynamic)
    head = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    head += struct.pack("<2HLQQQL6H", 3, MACHINES[cpu], 1, 0, 64, 0, 0, 64, 56, 3, 0, 0, 0)
    segments = [(1, 0, 0, size), (2, dynamic_at, dynamic_at, len(dynamic)), (3, start, start, len(loader))]
    table = b"".join(
        struct.pack("<2L6Q", kind, 4, at, place, place, length, length, 8) for kind, at, place, length in segments
    )
    return head + table + loader + strings + needs + dynamic


def macho(cpu: int = 0x0100000C, *, release: tuple[int, int] = (11, 0)) -> bytes:
    """Return a Mach-O file of 64 bits that says by LC_BUILD_VERSION which macOS it needs."""
    version = release[0] << 16 | release[1] << 8
    command = struct.pack("<6L", 0x32, 24, 1, version, version, 0)
    return struct.pack("<8L", 0xFEEDFACF, cpu, 0, 2, 1, len(command), 0, 0) + command


def cpython(python: str = "3.11", program: bytes = b"") -> dict[str, bytes]:
    """Return the files of a small CPython, as an install_only archive has them."""
    library = f"python/lib/python{python}"
    return {
        f"python/bin/python{python}": program or elf(),
        "python/bin/pip3": b"#!/install/bin/python3\n",
        f"python/include/python{python}/patchlevel.h": f'#define PY_VERSION              "{python}.9"\n'.encode(),
        f"{library}/os.py": b"# os\n",
        f"{library}/site-packages/pip/__init__.py": b"",
        f"{library}/test/test_os.py": b"",
        f"{library}/unittest/test/test_case.py": b"",
        f"{library}/idlelib/run.py": b"",
        f"{library}/config-{python}-x86_64-linux-gnu/Makefile": b"",
        f"{library}/__pycache__/os.cpython-311.pyc": b"",
        f"{library}/lib-dynload/_json.so": elf(loader=b"", versions=("GLIBC_2.14", "GLIBC_2.28")),
        f"{library}/lib-dynload/_testcapi.so": elf(),
        f"{library}/_sysconfigdata__linux_.py": b"build_time_vars = {'prefix': '/install', 'LIBDIR': '/install/lib'}\n",
        "python/lib/libpython3.11.so.1.0": elf(),
        "python/lib/libstatic.a": b"!<arch>\n",
    }


def info(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", *, mode: int = 0o644) -> tarfile.TarInfo:
    """Return the head of a tar's member."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, target, mode
    return made


def write_tar(
    path: Path, files: Mapping[str, bytes], more: Iterable[tarfile.TarInfo] = (), *, mode: str = "w:gz"
) -> Path:
    """Write files, those of a `bin` executable, and further members without content."""
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]  # a mode of the caller
        for name, data in files.items():
            head = info(name, mode=0o755 if "/bin/" in name else 0o644)
            head.size = len(data)
            tar.addfile(head, io.BytesIO(data))
        for member in more:
            tar.addfile(member)
    return path
