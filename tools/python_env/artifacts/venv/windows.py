"""What a venv does not do on Windows although its files can all lie there: told in its report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.plan import PlannedFile
from python_env.base.platforms import Os

_MAX_PATH = 259
"""Characters of a whole path, where long ones are not switched on ("Maximum Path Length Limitation")."""

_ROOM = 100
"""Characters that the folder which the venv is unpacked into may well have."""


def windows_warnings(files: Sequence[PlannedFile], layout: Layout) -> tuple[str, ...]:
    """Return warnings about a venv for Windows; none for another target."""
    return tuple(_warnings([file.path for file in files], layout)) if layout.os is Os.WINDOWS else ()


def _warnings(paths: Sequence[str], layout: Layout) -> Iterator[str]:
    folder = layout.site_packages + "/"
    unread = sorted(path for path in paths if path.endswith(".pth") and "/" not in path.removeprefix(folder))
    if unread:
        yield f"python.cmd puts site-packages on PYTHONPATH, where .pth files are not read: {', '.join(unread)}"
    longest = max(paths, key=lambda path: (_units(path), path))
    room = _MAX_PATH - _units(longest) - 1
    if room < _ROOM:
        yield (
            f"Windows without long paths holds {_MAX_PATH} characters: unpack it into a folder of at most {room}; "
            f"the longest path is {longest}"
        )


def _units(path: str) -> int:
    """Return the length as Windows counts it, in UTF-16."""
    return len(path.encode("utf-16-le")) // 2
