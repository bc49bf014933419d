"""Renderings have the same modes under every umask."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from launcher.test_rules import report, write


def test_the_umask_does_not_show_in_renderings(tmp_path: Path) -> None:
    """Folders are 0755, files 0644."""
    before = os.umask(0o077)
    try:
        assert write(tmp_path, {"venv": report()}) == 0
    finally:
        os.umask(before)
    folder = next(path for path in tmp_path.iterdir() if path.is_dir())
    assert {stat.filemode(path.stat().st_mode) for path in (folder, *folder.rglob("*"))} == {"drwxr-xr-x", "-rw-r--r--"}
