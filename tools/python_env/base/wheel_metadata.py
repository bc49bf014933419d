"""METADATA of a wheel that is open (core metadata specification)."""

from __future__ import annotations

from email.parser import HeaderParser

from python_env.base.archive.zip_read import ZipSource


def read_metadata(source: ZipSource) -> str:
    """Return a wheel's METADATA; raises ToolError where there is not exactly one."""
    places = [e for e in source.entries if e.name.count("/") == 1 and e.name.endswith(".dist-info/METADATA")]
    if len(places) != 1:
        raise source.error(f"expected one *.dist-info/METADATA, found {len(places)}")
    return source.read(places[0]).decode("utf-8", errors="replace")


def requires_python(source: ZipSource) -> str:
    """Return a wheel's Requires-Python on one line, empty where it says nothing; raises as `read_metadata` does."""
    return " ".join((HeaderParser().parsestr(read_metadata(source)).get("Requires-Python") or "").split())
