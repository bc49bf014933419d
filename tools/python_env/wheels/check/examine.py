"""Reads every byte of a wheel, once, so that artifacts may copy it unread."""

from __future__ import annotations

import contextlib
import hashlib
from email.parser import HeaderParser
from pathlib import Path

from python_env.base.archive.zip_read import ZipSource
from python_env.base.wheel_content import check_wheel
from python_env.wheels.check.model import Check


def examine(path: Path) -> Check:
    """Return what a wheel that is what it is said to be says; raises ToolError with every member that is not."""
    with contextlib.closing(ZipSource(path)) as source:
        check_wheel(source)
        requires_python = HeaderParser().parsestr(read_metadata(source)).get("Requires-Python") or ""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Check(sha256=digest, requires_python=" ".join(requires_python.split()))


def read_metadata(source: ZipSource) -> str:
    """Return a wheel's METADATA; raises ToolError where there is not exactly one."""
    places = [e for e in source.entries if e.name.count("/") == 1 and e.name.endswith(".dist-info/METADATA")]
    if len(places) != 1:
        raise source.error(f"expected one *.dist-info/METADATA, found {len(places)}")
    return source.read(places[0]).decode("utf-8", errors="replace")
