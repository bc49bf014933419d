"""The cluster's reader: Java's GZIPInputStream, which Hadoop's FileUtil.unTar reads a .tar.gz with."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from python_env.base.archive.output import open_output
from python_env.base.archive.tar_gzip import TarGzipWriter
from python_env.base.archive.zip_read import DEFLATED, ZipSource
from support.wheels import write_zip

PROGRAM = Path(__file__).with_name("Untar.java")


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
