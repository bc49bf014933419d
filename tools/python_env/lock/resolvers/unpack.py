"""Wheels as a folder: Python compiles what it imports from a zip file anew in every process."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from python_env.base.documents import sha256_hex


def unpacked(wheels: Sequence[Path], cache: Path) -> Path:
    """Return a folder below `cache` with the wheels' files, named by their digests; made at once or not at all."""
    digests = sorted(sha256_hex(wheel.read_bytes()) for wheel in wheels)
    folder = cache / sha256_hex("".join(digests).encode())[:16]
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=cache, prefix=".partial."))
    try:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(partial)
        partial.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another process was faster
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder
