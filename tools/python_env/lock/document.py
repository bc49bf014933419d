"""Lock to bytes and back: canonical, one package or file per line, and strict when read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from python_env.base.documents import canonical_json, parse_document, sha256_hex
from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import parse_platform
from python_env.lock.model import SCHEMA, InputLine, Inputs, Lock, LockedFile, LockedPackage, Section

_SHA256 = re.compile(r"[0-9a-f]{64}")


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
        "files": {name: _without(asdict(file), "name") for name, file in lock.files.items()},
        "inputs": lock.inputs.as_json(),
        "kind": "lock",
        "platforms": {tag: _without(asdict(section), "tag") for tag, section in lock.sections.items()},
        "request_id": lock.inputs.request_id,
        "resolver": {"name": lock.resolver, "version": lock.resolver_version},
        "schema": SCHEMA,
    }


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


class _Reader:
    """Takes values out of parsed JSON and remembers where it is, for messages."""

    def __init__(self, where: str, fix: str) -> None:
        self._where = where
        self._fix = fix

    def error(self, what: str, path: str) -> ToolError:
        return ToolError([Fault(what, f"{self._where}: {path}", self._fix)])

    def take(self, value: Mapping[str, Any], key: str, kind: type, path: str) -> Any:
        found = value.get(key)
        if not isinstance(found, kind) or isinstance(found, bool):
            expected = {str: "a string", int: "a number", list: "an array", dict: "an object"}[kind]
            raise self.error(f"expected {expected}", f"{path}.{key}" if path else key)
        return found

    def strings(self, value: Mapping[str, Any], key: str, path: str) -> tuple[str, ...]:
        items = self.take(value, key, list, path)
        if not all(isinstance(item, str) for item in items):
            raise self.error("expected an array of strings", f"{path}.{key}")
        return tuple(items)

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
    resolver = reader.take(document, "resolver", dict, "")
    lock = Lock(
        inputs=inputs,
        resolver=reader.take(resolver, "name", str, "resolver"),
        resolver_version=reader.take(resolver, "version", str, "resolver"),
        files=files,
        sections=sections,
    )
    _check_whole(reader, lock, document)
    return lock


def _parse_inputs(reader: _Reader, value: dict[str, Any]) -> Inputs:
    def lines(key: str) -> tuple[InputLine, ...]:
        return tuple(
            InputLine(
                requirement=reader.take(row, "requirement", str, f"inputs.{key}[{i}]"),
                source=reader.take(row, "source", str, f"inputs.{key}[{i}]"),
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
        prereleases=reader.take({"prereleases": "", **policy}, "prereleases", str, "inputs.policy"),
        requirements=lines("requirements"),
        constraints=lines("constraints"),
        platforms=reader.strings(value, "platforms", "inputs"),
        indexes=reader.strings(value, "indexes", "inputs"),
        index_bindings=reader.pairs(value, "index_bindings", "inputs"),
        index_urls=reader.pairs(value, "index_urls", "inputs"),
    )


def _parse_file(reader: _Reader, name: str, files: dict[str, Any], path: str) -> LockedFile:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+!-]*\.whl", name) or ".." in name:
        raise reader.error(f"{name!r} is not the name of a wheel", path)
    value = reader.take(files, name, dict, "files")
    file = LockedFile(
        name=name,
        sha256=reader.take(value, "sha256", str, path),
        size=reader.take(value, "size", int, path),
        index=reader.take(value, "index", str, path),
        path=reader.take(value, "path", str, path),
    )
    if not _SHA256.fullmatch(file.sha256):
        raise reader.error("not a sha256", f"{path}.sha256")
    if file.path.startswith("/") or ".." in file.path.split("/") or "://" in file.path or not file.path:
        raise reader.error(f"{file.path!r} is not a path below an index's file root", f"{path}.path")
    return file


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
    if package.file not in files:
        raise reader.error(f"{package.file} is not in files", f"{path}.file")
    return package


def _check_whole(reader: _Reader, lock: Lock, document: Mapping[str, Any]) -> None:
    """Check what no single field shows: digests, order, closedness, no file without a package."""
    for tag, section in lock.sections.items():
        names = [package.name for package in section.packages]
        if names != sorted(set(names)):
            raise reader.error("packages are not sorted by name, or one stands twice", f"platforms[{tag!r}].packages")
        for i, package in enumerate(section.packages):
            missing = sorted(set(package.requires) - set(names))
            if missing:
                path = f"platforms[{tag!r}].packages[{i}].requires"
                raise reader.error(f"{package.name} requires {', '.join(missing)}, not in the closure", path)
    unused = sorted(set(lock.files) - {p.file for section in lock.sections.values() for p in section.packages})
    if unused:
        raise reader.error(f"no platform uses {', '.join(unused)}", "files")
    if sorted(lock.sections) != sorted(lock.inputs.platforms):
        raise reader.error("the sections are not those of inputs.platforms", "platforms")
    for key, value in (("env_id", lock.env_id), ("request_id", lock.inputs.request_id)):
        if document.get(key) != value:
            raise reader.error(f"{key} does not fit the rest of the lock", key)
