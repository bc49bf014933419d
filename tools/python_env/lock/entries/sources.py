"""A source that a lock names, read back: what it is, where it lies and what builds it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from python_env.lock.entries.reader import PATH, LockReader, check_below, check_digest, check_named, check_size
from python_env.lock.model import LockedFile, LockedSource, SourceKind

_URLS = {
    kind: re.compile(rf"({schemes})://(?!-)[A-Za-z0-9/._~%!$&'()*+,;=:@?#\[\]-]+")
    for kind, schemes in ((SourceKind.SDIST, "https?"), (SourceKind.GIT, "https|file|ssh"))
}
"""Where a source may lie. What starts with a dash is an option of git. Starlark's lock_reader.bzl has the same set."""

_SOURCE_STRINGS = ("commit", "index", "name", "path", "revision", "sha256", "subdirectory", "url", "version")


def parse_source(
    reader: LockReader, key: str, sources: dict[str, Any], files: Mapping[str, LockedFile]
) -> LockedSource:
    """Return a source; raises ToolError when it lies nowhere or its tools are not in `files`."""
    where = f"sources[{key!r}]"
    value = {**dict.fromkeys(_SOURCE_STRINGS, ""), "size": 0, "requires": [], "tools": {}} | reader.take(
        sources, key, dict, "sources"
    )
    kind = reader.take(value, "kind", str, where)
    if kind not in set(SourceKind):
        raise reader.error(f"unknown kind of source {kind!r}", f"{where}.kind")
    tools = reader.take(value, "tools", dict, where)
    source = LockedSource(
        key=key,
        kind=SourceKind(kind),
        size=reader.take(value, "size", int, where),
        requires=reader.strings(value, "requires", where),
        tools={tag: reader.strings(tools, tag, f"{where}.tools") for tag in tools},
        **{name: reader.take(value, name, str, where) for name in _SOURCE_STRINGS},
    )
    check_size(reader, source.size, f"{where}.size")
    if unknown := sorted({file for row in source.tools.values() for file in row} - set(files)):
        raise reader.error(f"not in files: {', '.join(unknown)}", f"{where}.tools")
    _check_source(reader, source, where)
    return source


_SOURCE_PLACES = {
    SourceKind.SDIST: (("index", "path"), ("url",)),
    SourceKind.GIT: (("url", "commit"),),
    SourceKind.FOLDER: ((),),
}
"""Of each kind the fields, one group of which says where it lies."""


def _check_source(reader: LockReader, source: LockedSource, where: str) -> None:
    """Check that a source is named, that it lies somewhere and that its digest says what it is."""
    check_named(reader, source.name, source.version, where)
    places = _SOURCE_PLACES[source.kind]
    stated = tuple(key for key in ("index", "path", "url", "commit") if getattr(source, key))
    if stated not in places:
        wanted = " or ".join(" and ".join(place) for place in places) or "none of them"
        raise reader.error(f"of index, path, url and commit a {source.kind} has {wanted}", where)
    if source.url and not _URLS[source.kind].fullmatch(source.url):
        raise reader.error(f"{source.url!r} is not the URL of a source", f"{where}.url")
    if source.kind is not SourceKind.GIT:
        check_digest(reader, source.sha256, f"{where}.sha256")
    elif not re.fullmatch(r"[0-9a-f]{40}", source.commit):
        raise reader.error("not a commit", f"{where}.commit")
    if not source.key or not PATH.fullmatch(source.key.replace("#", "")):
        raise reader.error("not the key of a source", where)
    for place in (source.path, source.subdirectory, source.key if source.kind is SourceKind.FOLDER else ""):
        check_below(reader, place, where)
