"""Lock to bytes and back: canonical, one package or file per line, and strict when read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from python_env.base.documents import Reader, canonical_json, parse_document, sha256_hex
from python_env.base.platforms import parse_platform
from python_env.base.resolving import Prereleases, ResolverName
from python_env.lock.model import (
    SCHEMA,
    InputLine,
    Inputs,
    Lock,
    LockedFile,
    LockedPackage,
    LockedSource,
    Section,
    SourceKind,
)

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

_PATH = re.compile(r"[A-Za-z0-9/._~%!$&'()*+,;=:@-]*")
"""RFC 3986: what the path of a URL holds. Starlark's lock_reader.bzl has the same set."""


def is_empty(data: bytes) -> bool:
    """Return whether the bytes mean "nothing locked yet"."""
    return data.strip() in (b"", b"{}")


def render_lock(lock: Lock) -> bytes:
    """Return the lock as canonical text."""
    body = _body(lock)
    body["content"] = sha256_hex(canonical_json(body))
    return (_render(body, 0) + "\n").encode()


def _body(lock: Lock) -> dict[str, Any]:
    return {
        "env_id": lock.env_id,
        "files": {name: _stated(asdict(file), "name") for name, file in lock.files.items()},
        "inputs": lock.inputs.as_json(),
        "kind": "lock",
        "platforms": {tag: _without(asdict(section), "tag") for tag, section in lock.sections.items()},
        "request_id": lock.inputs.request_id,
        "resolver": {"name": lock.resolver, "version": lock.resolver_version},
        "schema": SCHEMA,
        **(
            {"sources": {key: _stated(asdict(each), "key") for key, each in lock.sources.items()}}
            if lock.sources
            else {}
        ),
    }


def _stated(value: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object without its key and without what it does not state."""
    return {name: item for name, item in value.items() if name != key and item not in ("", 0, (), {})}


def _without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != key}


def _is_row(value: Any) -> bool:
    """Return whether a value stands on one line: a scalar, or a container of scalars and lists of scalars."""
    if not isinstance(value, dict | list | tuple):
        return True
    items = value.values() if isinstance(value, dict) else value
    return all(not isinstance(item, dict) and (not isinstance(item, list | tuple) or _is_flat(item)) for item in items)


def _is_flat(items: Any) -> bool:
    return not any(isinstance(item, dict | list | tuple) for item in items)


def _render(value: Any, depth: int) -> str:
    if _is_row(value):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        lines = [f"{pad}{json.dumps(key)}: {_render(item, depth + 1)}" for key, item in sorted(value.items())]
        return "{\n" + ",\n".join(lines) + "\n" + pad[1:] + "}"
    lines = [pad + _render(item, depth + 1) for item in value]
    return "[\n" + ",\n".join(lines) + "\n" + pad[1:] + "]"


class _Reader(Reader):
    """Takes what only a lock has."""

    def pairs(self, value: Mapping[str, Any], key: str, path: str) -> tuple[tuple[str, str], ...]:
        items = self.take({key: {}, **value}, key, dict, path)
        if not all(isinstance(item, str) for item in items.values()):
            raise self.error("expected an object of strings", f"{path}.{key}")
        return tuple(sorted(items.items()))

    def objects(self, value: Mapping[str, Any], key: str, path: str) -> list[dict[str, Any]]:
        items = self.take(value, key, list, path)
        if not all(isinstance(item, dict) for item in items):
            raise self.error("expected an array of objects", f"{path}.{key}")
        return list(items)


def parse_lock(data: bytes, *, where: str, fix: str) -> Lock | None:
    """Return the lock in `data`, or None when nothing is locked yet.

    Raises ToolError when it is not JSON, of a newer schema, edited by hand, or does not hold together.
    """
    if is_empty(data):
        return None
    document = parse_document(data, where=where, kind="lock", schema=SCHEMA, fix=fix)
    reader = _Reader(where, fix)
    content = document.pop("content", None)
    if content != sha256_hex(canonical_json(document)):
        raise reader.error("the lock was edited by hand or merged: its content no longer fits its digest", "content")
    inputs = _parse_inputs(reader, reader.take(document, "inputs", dict, ""))
    files = {
        name: _parse_file(reader, name, document["files"], f"files[{name!r}]")
        for name in reader.take(document, "files", dict, "")
    }
    sections = {
        tag: _parse_section(reader, tag, document["platforms"], files)
        for tag in reader.take(document, "platforms", dict, "")
    }
    sources = {
        key: _parse_source(reader, key, document["sources"], files)
        for key in reader.take({"sources": {}, **document}, "sources", dict, "")
    }
    resolver = reader.take(document, "resolver", dict, "")
    lock = Lock(
        inputs=inputs,
        resolver=reader.choice(resolver, "name", ResolverName, "resolver"),
        resolver_version=reader.take(resolver, "version", str, "resolver"),
        files=files,
        sections=sections,
        sources=sources,
    )
    _check_whole(reader, lock, document)
    return lock


def _parse_inputs(reader: _Reader, value: dict[str, Any]) -> Inputs:
    def lines(key: str) -> tuple[InputLine, ...]:
        return tuple(
            InputLine(
                requirement=reader.take(row, "requirement", str, f"inputs.{key}[{i}]"),
                source=reader.take(row, "source", str, f"inputs.{key}[{i}]"),
                platforms=reader.strings({"platforms": [], **row}, "platforms", f"inputs.{key}[{i}]"),
            )
            for i, row in enumerate(reader.objects(value, key, "inputs"))
        )

    policy = value.get("policy", {})
    if not isinstance(policy, dict):
        raise reader.error("expected an object", "inputs.policy")
    return Inputs(
        overrides=reader.strings({"overrides": [], **policy}, "overrides", "inputs.policy"),
        excludes=reader.strings({"excludes": [], **policy}, "excludes", "inputs.policy"),
        exclude_newer=reader.take({"exclude_newer": "", **policy}, "exclude_newer", str, "inputs.policy"),
        prereleases=reader.choice({"prereleases": "", **policy}, "prereleases", Prereleases, "inputs.policy"),
        sdists=reader.strings({"sdists": [], **policy}, "sdists", "inputs.policy"),
        no_binary=reader.strings({"no_binary": [], **policy}, "no_binary", "inputs.policy"),
        marker_values=reader.pairs(policy, "marker_values", "inputs.policy"),
        extends=reader.pairs(value, "extends", "inputs"),
        extras=reader.strings({"extras": [], **value}, "extras", "inputs"),
        groups=reader.strings({"groups": [], **value}, "groups", "inputs"),
        requirements=lines("requirements"),
        constraints=lines("constraints"),
        platforms=reader.strings(value, "platforms", "inputs"),
        resolver=reader.choice({"resolver": ResolverName.UV, **value}, "resolver", ResolverName, "inputs"),
        indexes=reader.strings(value, "indexes", "inputs"),
        index_bindings=reader.pairs(value, "index_bindings", "inputs"),
        index_urls=reader.pairs(value, "index_urls", "inputs"),
    )


_FILE_FIELDS: Mapping[str, Any] = {
    "build": "",
    "index": "",
    "local": "",
    "path": "",
    "sha256": "",
    "size": 0,
    "url": "",
}
"""What a file may state."""

_PLACES = (("index", "path"), ("url",), ("local",), ("build",))
"""Where a file may come from: each file states the fields of one of these."""


def _parse_file(reader: _Reader, name: str, files: dict[str, Any], path: str) -> LockedFile:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\.whl", name) or ".." in name:
        raise reader.error(f"{name!r} is not the name of a wheel", path)
    value = {**_FILE_FIELDS, **reader.take(files, name, dict, "files")}
    file = LockedFile(
        name=name, **{key: reader.take(value, key, type(default), path) for key, default in _FILE_FIELDS.items()}
    )
    stated = tuple(key for place in _PLACES for key in place if value[key])
    if stated not in _PLACES:
        raise reader.error("a file has an index and a path below it, or one of url, local and build", path)
    if not file.build:
        _check_digest(reader, file.sha256, f"{path}.sha256")
    _check_size(reader, file.size, f"{path}.size")
    for key in ("path", "local"):
        _check_below(reader, value[key], f"{path}.{key}")
    return file


def _check_digest(reader: _Reader, digest: str, path: str) -> None:
    if not _SHA256.fullmatch(digest):
        raise reader.error("not a sha256", path)


def _check_size(reader: _Reader, size: int, path: str) -> None:
    if not 0 <= size < _SIZES:
        raise reader.error("not the size of a file", path)


def _check_below(reader: _Reader, place: str, path: str) -> None:
    plain = unquote(place)
    if not _PATH.fullmatch(place) or plain.startswith("/") or ".." in re.split(r"[/\\]", plain) or "://" in plain:
        raise reader.error(f"{place!r} is not a path below an index's file root or the workspace", path)


_URLS = {
    kind: re.compile(rf"({schemes})://(?!-)[A-Za-z0-9/._~%!$&'()*+,;=:@?#\[\]-]+")
    for kind, schemes in ((SourceKind.SDIST, "https?"), (SourceKind.GIT, "https|file|ssh"))
}
"""Where a source may lie. What starts with a dash is an option of git. Starlark's lock_reader.bzl has the same set."""

_SOURCE_STRINGS = ("commit", "index", "name", "path", "revision", "sha256", "subdirectory", "url", "version")


def _parse_source(reader: _Reader, key: str, sources: dict[str, Any], files: Mapping[str, LockedFile]) -> LockedSource:
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
    _check_size(reader, source.size, f"{where}.size")
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


def _check_source(reader: _Reader, source: LockedSource, where: str) -> None:
    """Check that a source is named, that it lies somewhere and that its digest says what it is."""
    if not _NAME.fullmatch(source.name):
        raise reader.error(f"{source.name!r} is not a normalised name (PEP 503)", f"{where}.name")
    if not _VERSION.fullmatch(source.version):
        raise reader.error(f"{source.version!r} is not a normalised version (PEP 440)", f"{where}.version")
    places = _SOURCE_PLACES[source.kind]
    stated = tuple(key for key in ("index", "path", "url", "commit") if getattr(source, key))
    if stated not in places:
        wanted = " or ".join(" and ".join(place) for place in places) or "none of them"
        raise reader.error(f"of index, path, url and commit a {source.kind} has {wanted}", where)
    if source.url and not _URLS[source.kind].fullmatch(source.url):
        raise reader.error(f"{source.url!r} is not the URL of a source", f"{where}.url")
    if source.kind is not SourceKind.GIT:
        _check_digest(reader, source.sha256, f"{where}.sha256")
    elif not re.fullmatch(r"[0-9a-f]{40}", source.commit):
        raise reader.error("not a commit", f"{where}.commit")
    if not source.key or not _PATH.fullmatch(source.key.replace("#", "")):
        raise reader.error("not the key of a source", where)
    for place in (source.path, source.subdirectory, source.key if source.kind is SourceKind.FOLDER else ""):
        _check_below(reader, place, where)


def _parse_section(reader: _Reader, tag: str, sections: dict[str, Any], files: Mapping[str, LockedFile]) -> Section:
    path = f"platforms[{tag!r}]"
    value = reader.take(sections, tag, dict, "platforms")
    platform = parse_platform(tag)
    packages = tuple(
        _parse_package(reader, row, f"{path}.packages[{i}]", files)
        for i, row in enumerate(reader.objects(value, "packages", path))
    )
    section = Section(
        tag=tag,
        python=reader.take(value, "python", str, path),
        os=reader.take(value, "os", str, path),
        cpu=reader.take(value, "cpu", str, path),
        libc=reader.take(value, "libc", str, path),
        requirements=reader.strings(value, "requirements", path),
        packages=packages,
    )
    if (section.python, section.os, section.cpu, section.libc) != (
        platform.python_version,
        platform.os,
        platform.cpu,
        platform.libc,
    ):
        raise reader.error("python, os, cpu or libc contradict the platform tag", path)
    return section


def _parse_package(reader: _Reader, row: dict[str, Any], path: str, files: Mapping[str, LockedFile]) -> LockedPackage:
    package = LockedPackage(
        name=reader.take(row, "name", str, path),
        version=reader.take(row, "version", str, path),
        extras=reader.strings(row, "extras", path),
        file=reader.take(row, "file", str, path),
        requires=reader.strings(row, "requires", path),
        why=reader.strings(row, "why", path),
    )
    if not _NAME.fullmatch(package.name):
        raise reader.error(f"{package.name!r} is not a normalised name (PEP 503)", f"{path}.name")
    if not _VERSION.fullmatch(package.version):
        raise reader.error(f"{package.version!r} is not a normalised version (PEP 440)", f"{path}.version")
    if package.file not in files:
        raise reader.error(f"{package.file} is not in files", f"{path}.file")
    if _distribution(package.file) != package.name:
        raise reader.error(f"{package.file} is not a wheel of {package.name}", f"{path}.file")
    return package


def _distribution(file: str) -> str:
    """Return the normalised name of a wheel's distribution (PEP 427, PEP 503)."""
    return re.sub(r"[-_.]+", "-", file.split("-")[0]).lower()


def _check_digests(reader: _Reader, files: Mapping[str, LockedFile]) -> None:
    """Check that no digest stands at files of two distributions, or of two sizes."""
    first: dict[str, LockedFile] = {}
    for file in files.values():
        other = first.setdefault(file.sha256, file) if file.sha256 else file
        if (_distribution(other.name), other.size) != (_distribution(file.name), file.size):
            raise reader.error(f"the digest is that of {other.name}", f"files[{file.name!r}].sha256")


def _check_files(reader: _Reader, lock: Lock) -> None:
    aliases = {*lock.inputs.indexes, *(alias for _, alias in lock.inputs.index_bindings)}
    for name, file in lock.files.items():
        if file.index and file.index not in aliases:
            raise reader.error(f"{file.index!r} is not among inputs.indexes", f"files[{name!r}].index")
    for key, source in lock.sources.items():
        if source.index and source.index not in aliases:
            raise reader.error(f"{source.index!r} is not among inputs.indexes", f"sources[{key!r}].index")
        if strange := sorted(set(source.tools) - set(lock.sections)):
            raise reader.error(f"no such platform: {', '.join(strange)}", f"sources[{key!r}].tools")
    if strange := sorted({file.build for file in lock.files.values() if file.build} ^ set(lock.sources)):
        raise reader.error(f"no source, or no wheel that is built from it: {', '.join(strange)}", "sources")
    used = {package.file for section in lock.sections.values() for package in section.packages}
    used |= {file for source in lock.sources.values() for row in source.tools.values() for file in row}
    if unused := sorted(set(lock.files) - used):
        raise reader.error(f"no platform uses {', '.join(unused)}", "files")
    _check_digests(reader, lock.files)


def _check_whole(reader: _Reader, lock: Lock, document: Mapping[str, Any]) -> None:
    """Check what no single field shows: digests, order, closedness, no file without a package or of a foreign index."""
    for tag, section in lock.sections.items():
        names = [package.name for package in section.packages]
        if names != sorted(set(names)):
            raise reader.error("packages are not sorted by name, or one stands twice", f"platforms[{tag!r}].packages")
        for i, package in enumerate(section.packages):
            missing = sorted(set(package.requires) - set(names))
            if missing:
                path = f"platforms[{tag!r}].packages[{i}].requires"
                raise reader.error(f"{package.name} requires {', '.join(missing)}, not in the closure", path)
    _check_files(reader, lock)
    if sorted(lock.sections) != sorted(lock.inputs.platforms):
        raise reader.error("the sections are not those of inputs.platforms", "platforms")
    for key, value in (("env_id", lock.env_id), ("request_id", lock.inputs.request_id)):
        if document.get(key) != value:
            raise reader.error(f"{key} does not fit the rest of the lock", key)
