"""The cluster's readers: java.util.zip, by which Hadoop's FileUtil unpacks a .tar.gz and a .zip."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from python_env.base.archive.output import open_output
from python_env.base.archive.tar_gzip import TarGzipWriter
from python_env.base.archive.zip_read import DEFLATED, ZipSource
from python_env.base.archive.zip_write import ZipWriter
from support.wheels import write_zip

PROGRAM = Path(__file__).with_name("Untar.java")
UNZIP = Path(__file__).with_name("Unzip.java")


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no java on PATH")
def test_java_reads_all_members(tmp_path: Path) -> None:
    """Hundreds of members, small, large and empty; Java must not stop after one of them."""
    tree = {f"f{number}": bytes([number % 256]) * (number * 997 % 70_000) for number in range(400)}
    source = ZipSource(write_zip(tmp_path / "a.zip", tree))
    with open_output(tmp_path / "a.tar.gz", mode=0o644) as output:
        tar = TarGzipWriter(output)
        for entry in source.entries:
            assert entry.method == DEFLATED
            tar.add_deflated(entry.name, source.raw(entry), crc=entry.crc, size=entry.size)
        tar.finish()
    command = ["java", "-Xshare:auto", PROGRAM, tmp_path / "a.tar.gz"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == hashlib.sha256(gzip.decompress((tmp_path / "a.tar.gz").read_bytes())).hexdigest()


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no java on PATH")
def test_java_reads_a_zip_of_ours_as_python_does(tmp_path: Path) -> None:
    """As a stream, from local header to local header, and by the directory: spliced, stored, empty, not ASCII, many."""
    tree = {f"f{number}/ü {number}": bytes([number % 256]) * (number * 997 % 70_000) for number in range(100)}
    source = ZipSource(write_zip(tmp_path / "a.zip", tree))
    path = tmp_path / "ours.zip"
    with open_output(path, mode=0o644) as output:
        ours = ZipWriter(output)
        for entry in source.entries:
            sizes = (entry.compressed, entry.size)
            ours.add_raw(entry.name, source.raw(entry), method=entry.method, crc=entry.crc, sizes=sizes)
            ours.add_bytes(f"stored/{entry.name}", tree[entry.name], executable=True)
        for number in range(66_000):
            ours.add_bytes(f"many/{number}", b"")
        ours.finish()
    done = subprocess.run(["java", "-Xshare:auto", UNZIP, path], capture_output=True, check=True)
    with zipfile.ZipFile(path) as archive:
        rows = [f"{name} {hashlib.sha256(archive.read(name)).hexdigest()}" for name in archive.namelist()]
    assert len(rows) == 66_200
    lines = done.stdout.decode().splitlines()
    assert lines == [*(f"stream {row}" for row in rows), *(f"directory {row}" for row in rows)]
