"""A folder has the same modes under every umask."""

from __future__ import annotations

import os
import stat

from artifacts.conftest import Builder


def test_the_umask_does_not_show_in_a_folder(builder: Builder) -> None:
    """Folders are 0755, files 0644 or 0755."""
    output = builder.folder / "small.venv"
    before = os.umask(0o077)
    try:
        assert builder.venv("--format=dir", output=output) == 0
    finally:
        os.umask(before)
    modes = {stat.filemode(path.stat().st_mode) for path in (output, *output.rglob("*"))}
    assert modes == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"}
