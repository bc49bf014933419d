"""Lock to bytes and back: canonical, one package or file per line, and strict when read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from python_env.base.documents import canonical_json, parse_document, sha256_hex
from python_env.base.resolving import ResolverName
from python_env.lock.entries.files import parse_file
from python_env.lock.entries.inputs import parse_inputs
from python_env.lock.entries.reader import LockReader
from python_env.lock.entries.sections import parse_section
from python_env.lock.entries.sources import parse_source
from python_env.lock.model import SCHEMA, Lock
from python_env.lock.rows import render_rows
from python_env.lock.whole import check_whole


def is_empty(data: bytes) -> bool:
    """Return whether the bytes mean "nothing locked yet"."""
    return data.strip() in (b"", b"{}")


def render_lock(lock: Lock) -> bytes:
    """Return the lock as canonical text."""
    body = _body(lock)
    body["content"] = sha256_hex(canonical_json(body))
    return (render_rows(body) + "\n").encode()


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


def parse_lock(data: bytes, *, where: str, fix: str) -> Lock | None:
    """Return the lock in `data`, or None when nothing is locked yet.

    Raises ToolError when it is not JSON, of a newer schema, edited by hand, or does not hold together.
    """
    if is_empty(data):
        return None
    document = parse_document(data, where=where, kind="lock", schema=SCHEMA, fix=fix)
    reader = LockReader(where, fix)
    content = document.pop("content", None)
    if content != sha256_hex(canonical_json(document)):
        raise reader.error("the lock was edited by hand or merged: its content no longer fits its digest", "content")
    inputs = parse_inputs(reader, reader.take(document, "inputs", dict, ""))
    files = {
        name: parse_file(reader, name, document["files"], f"files[{name!r}]")
        for name in reader.take(document, "files", dict, "")
    }
    sections = {
        tag: parse_section(reader, tag, document["platforms"], files)
        for tag in reader.take(document, "platforms", dict, "")
    }
    sources = {
        key: parse_source(reader, key, document["sources"], files)
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
    check_whole(reader, lock, document)
    return lock
