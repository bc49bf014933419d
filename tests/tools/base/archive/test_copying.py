"""Whole files in an output, copied by the system or through this process."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from python_env.base.archive.output import open_output

CONTENT = bytes(range(256)) * 5000
"""Longer than a piece, and no multiple of one."""


def copied(folder: Path, *, size: int = len(CONTENT)) -> tuple[bytes, str]:
    """Return an output with a file between other bytes, and its digest."""
    (folder / "source").write_bytes(CONTENT)
    with open_output(folder / "target", mode=0o644) as output:
        output.write(b"before")
        output.copy_file(folder / "source", size=size)
        assert output.tell() == len(CONTENT) + 6
        output.write(b"behind")
        digest = output.finish()
    return (folder / "target").read_bytes(), digest


def test_a_file_stands_between_what_is_written(tmp_path: Path) -> None:
    """In its place, and the digest is that of everything."""
    data, digest = copied(tmp_path)
    assert data == b"before" + CONTENT + b"behind"
    assert digest == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("error", [errno.EXDEV, errno.ENOSYS, errno.EINVAL])
def test_where_the_system_does_not_copy_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    """Two file systems, an old kernel: the same bytes."""

    def refuse(*_: object) -> int:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    data, digest = copied(tmp_path)
    assert data == b"before" + CONTENT + b"behind"
    assert digest == hashlib.sha256(data).hexdigest()


def test_a_system_without_the_call_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS and Windows have none."""
    monkeypatch.delattr(os, "copy_file_range", raising=False)
    assert copied(tmp_path)[0] == b"before" + CONTENT + b"behind"


def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no reason to try the other way; nothing is left behind."""

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    with pytest.raises(OSError, match="full"):
        copied(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_file_of_another_size_is_an_error(tmp_path: Path) -> None:
    """It changed since it was measured; nothing is left behind."""
    with pytest.raises(OSError, match="source changed while it was copied"):
        copied(tmp_path, size=7)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
