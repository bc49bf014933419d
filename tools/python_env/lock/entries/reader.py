"""What every entry of a lock is read with: its fields by type, and what digests, sizes, paths and names look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from python_env.base.documents import Reader

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIZES = 1 << 53
"""JSON readers keep whole numbers below this one exactly (RFC 8259, section 6)."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""PEP 503: a normalised name."""

_NUMBER = r"(?:0|[1-9][0-9]*)"
_VERSION = re.compile(
    rf"(?:[1-9][0-9]*!)?{_NUMBER}(?:\.{_NUMBER})*(?:(?:a|b|rc){_NUMBER})?(?:\.post{_NUMBER})?(?:\.dev{_NUMBER})?"
    r"(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?"
)
"""PEP 440, appendix B: the canonical form, with a local version."""

PATH = re.compile(r"[A-Za-z0-9/._~%!$&'()*+,;=:@-]*")
"""RFC 3986: what the path of a URL holds. Starlark's lock_reader.bzl has the same set."""


class LockReader(Reader):
    """Takes what only a lock has."""

    def pairs(self, value: Mapping[str, Any], key: str, path: str) -> tuple[tuple[str, str], ...]:
        """Return an object of strings as sorted pairs; none where it is not stated."""
        items = self.take({key: {}, **value}, key, dict, path)
        if not all(isinstance(item, str) for item in items.values()):
            raise self.error("expected an object of strings", f"{path}.{key}")
        return tuple(sorted(items.items()))

    def objects(self, value: Mapping[str, Any], key: str, path: str) -> list[dict[str, Any]]:
        """Return an array of objects."""
        items = self.take(value, key, list, path)
        if not all(isinstance(item, dict) for item in items):
            raise self.error("expected an array of objects", f"{path}.{key}")
        return list(items)


def check_named(reader: LockReader, name: str, version: str, path: str) -> None:
    """Raise ToolError unless name and version are normalised."""
    if not _NAME.fullmatch(name):
        raise reader.error(f"{name!r} is not a normalised name (PEP 503)", f"{path}.name")
    if not _VERSION.fullmatch(version):
        raise reader.error(f"{version!r} is not a normalised version (PEP 440)", f"{path}.version")


def check_digest(reader: LockReader, digest: str, path: str) -> None:
    """Raise ToolError unless it is the hexadecimal text of a sha256."""
    if not _SHA256.fullmatch(digest):
        raise reader.error("not a sha256", path)


def check_size(reader: LockReader, size: int, path: str) -> None:
    """Raise ToolError unless a file can have this size."""
    if not 0 <= size < _SIZES:
        raise reader.error("not the size of a file", path)


def check_below(reader: LockReader, place: str, path: str) -> None:
    """Raise ToolError unless the place, which may be empty, stays below the root that it is joined to."""
    plain = unquote(place)
    if not PATH.fullmatch(place) or plain.startswith("/") or ".." in re.split(r"[/\\]", plain) or "://" in plain:
        raise reader.error(f"{place!r} is not a path below an index's file root or the workspace", path)
