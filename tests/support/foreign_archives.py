"""Archives as other tools write them, all with a module `probe`: venv-pack, pex, and a tree as conda-pack has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from support.broken_artifacts import SITE
from support.interpreters import cpython_tarball
from support.wheels import wheel_members, write_zip

PEERS = ("pex==2.105.2", "venv-pack==0.2.0", "setuptools<81")
"""venv-pack imports pkg_resources."""

UNUSED = {
    *("test", "tests", "include", "idlelib", "lib2to3", "ensurepip", "distutils", "pydoc_data", "turtledemo"),
    *("asyncio", "unittest", "tkinter", "xml", "multiprocessing", "wsgiref", "share", "__pycache__", "site-packages"),
    *("config-3.11-x86_64-linux-gnu", "dbm", "curses", "sqlite3", "msilib", "xmlrpc"),
}
"""Parts of CPython that cost a NodeManager time, a chmod process for each file, and that no worker of Spark imports."""


def install_peers(place: Path) -> Path:
    """Make a venv with pex and venv-pack; returns the folder of their programs."""
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    subprocess.run([place / "bin/pip", "install", "-q", "--disable-pip-version-check", *PEERS], check=True)
    return place / "bin"


def small_cpython(place: Path) -> Path:
    """Unpack a real relocatable CPython 3.11 below `place`, without what is UNUSED; returns its folder."""
    with tarfile.open(cpython_tarball("3.11.3", place / "python.tar.gz")) as archive:
        archive.extractall(place, [member for member in archive if not UNUSED & set(member.name.split("/"))])
    return place / "python"


def pack_venv(peers: Path, cpython: Path, place: Path) -> Path:
    """Write what venv-pack makes of a venv of that CPython."""
    subprocess.run([cpython / "bin/python3.11", "-m", "venv", "--without-pip", place / "env"], check=True)
    (place / "env" / SITE / "probe.py").write_text("")
    packed = place / "env.tar.gz"
    subprocess.run([peers / "venv-pack", "-q", "-p", place / "env", "-o", packed], check=True)
    return packed


def pack_tree(cpython: Path, place: Path) -> tuple[Path, Path]:
    """Write a tree as conda-pack has it: a .tar.gz with its links, and a .zip without any."""
    tree = shutil.copytree(cpython, place / "tree", symlinks=True)
    (tree / "conda-meta").mkdir()
    (tree / SITE).mkdir()
    (tree / SITE / "probe.py").write_text("")
    tarball = Path(shutil.make_archive(str(place / "tar/env"), "gztar", tree))
    (tree / "bin/python").unlink()
    (tree / "bin/python").hardlink_to(tree / "bin/python3.11")
    for path in list(tree.rglob("*")):
        if path.is_symlink():
            path.unlink()
        else:
            os.utime(path, (1_000_000_000, 1_000_000_000))  # a zip knows no time before 1980
    return tarball, Path(shutil.make_archive(str(place / "zip/env"), "zip", tree))


def write_probe(folder: Path) -> Path:
    """Write a wheel of `probe` into a folder, and return the folder."""
    write_zip(folder / "probe-1.0-py3-none-any.whl", wheel_members("probe", "1.0", {"probe.py": b"PROBE = 1\n"}))
    return folder


def make_pex(peers: Path, wheels: Path, output: Path, *flags: str, requirement: str = "probe==1.0") -> Path:
    """Write a PEX of one wheel with these flags of pex."""
    words = [peers / "pex", "--no-index", "-f", wheels, requirement, "-o", output, "--python", sys.executable]
    subprocess.run(
        [*words, *flags], check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "HOME": str(output.parent)}
    )
    return output
