"""The build's own paths in `_sysconfigdata*.py`, mended: they follow the place where the interpreter lies."""

from __future__ import annotations

import re

_NAME = re.compile(r"lib/python3\.\d{1,2}/_sysconfigdata_[^/]*\.py")
_TAIL = b"""

def _in_place(values):
    import re
    import sys

    built = values.get("prefix") or ""
    if len(built) < 2:
        return values
    path = re.compile("(^|[\\\\s=:,'\\"]|-[LI])" + re.escape(built) + "(?=$|[/\\\\s:,'\\"])")

    def mended(value):
        return path.sub(lambda match: match[1] + sys.base_prefix, value) if isinstance(value, str) else value

    return {key: mended(value) for key, value in values.items()}


build_time_vars = _in_place(build_time_vars)
"""
"""Runs on the cluster. `/usr/bin/install` is no path below the prefix `/install`, `-L/install/lib` is one."""


def is_sysconfig_data(path: str) -> bool:
    """Return whether a file holds what `sysconfig` knows of the build."""
    return bool(_NAME.fullmatch(path))


def mended(data: bytes) -> bytes:
    """Return the file with an ending that puts the interpreter's own place for the build's prefix."""
    return data.rstrip(b"\n") + b"\n" + _TAIL
