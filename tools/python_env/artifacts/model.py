"""What an artifact is: its kinds and containers, and the report that stands beside it (docs/formats/artifact.md)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_env.artifacts.identity import added_rows
from python_env.artifacts.largest import Largest, largest_distributions, parse_largest, render_largest
from python_env.artifacts.missing import selection_warnings
from python_env.base.documents import Reader, parse_document, render_document, sha256_hex
from python_env.base.platforms import parse_platform
from python_env.base.versions import version_key
from python_env.env.model import Env

SCHEMA = 1
_KIND = "artifact"
_FIX = "build the artifact again; its report is written with it"

OUR_FILES = frozenset({"python_env.json"})
"""What every artifact holds of ours; no wheel and no source may write it."""

_PYTHON_PATHS = ("", "Scripts/python.cmd", "__main__.py", "bin/python")
"""Where an interpreter lies in an artifact; empty for one that is its own interpreter."""


class ArtifactKind(enum.StrEnum):
    """What ships an environment; the rules' ARTIFACT_KINDS."""

    CODE = "code"
    PEX = "pex"
    VENV = "venv"
    WHEELHOUSE = "wheelhouse"


class Container(enum.StrEnum):
    """What a cluster does with an artifact."""

    FILE = "file"
    """Runs it as it is."""
    TAR_GZ = "tar.gz"
    """Unpacks it."""
    ZIP = "zip"
    """Unpacks it, without links; before Spark 4, its own unpacking loses the right to execute."""
    DIR = "dir"
    """Nothing: a folder is not shipped."""


class InheritPath(enum.StrEnum):
    """What a PEX sees of the outer sys.path, in pex's own words."""

    FALSE = "false"
    PREFER = "prefer"
    FALLBACK = "fallback"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One first-party file."""

    destination: str
    """Path below the root of the imports."""
    path: Path
    """Where it was read, for messages."""
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What an artifact holds, counted while it was planned."""

    files: int
    unpacked_size: int
    """Sum of their sizes in bytes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What an artifact is, for those who start it."""

    kind: ArtifactKind
    container: Container
    name: str
    """The environment's name."""
    env_id: str
    parent: str
    """sha256 of the env document."""
    lock: str = ""
    """sha256 of the lock."""
    platform: str
    """Platform tag."""
    python: str
    """`X.Y`."""
    distributions: Mapping[str, str]
    """Name to version."""
    additional: tuple[Mapping[str, str], ...] = ()
    """Of these, what is not of the closure: file, name, sha256 and version of each wheel."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """Of the closure, what is left out: name to version."""
    largest: tuple[Largest, ...] = ()
    """The largest distributions, largest first."""
    warnings: tuple[str, ...] = ()
    """What a person should know before shipping it."""
    file: str
    sha256: str
    size: int
    """In bytes."""
    file_count: int
    unpacked_size: int
    """In bytes."""
    python_path: str = ""
    bundled_interpreter: bool = False
    interpreter: str = ""
    """`X.Y.Z` of the interpreter inside; empty for none."""
    node_libraries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What that interpreter takes from the node beside libc, to its modules that want it."""
    entry_point: str = ""
    script: str = ""
    """A wheel's own script that a PEX runs."""
    inherit_path: InheritPath | None = None
    venv_mode: bool = False
    hermetic_scripts: bool = False
    digest: str = field(default="", compare=False)
    """sha256 of the document that this was read from; empty for what was not read."""


def make_report(
    env: Env, contents: Contents, *, kind: ArtifactKind, container: Container, file: str, sha256: str, size: int
) -> Report:
    """Return the report of an artifact of an environment, without what only some kinds have.

    `file` is the artifact's name, `sha256` its digest (hex) and `size` its length in bytes.
    """
    return Report(
        kind=kind,
        container=container,
        name=env.name,
        env_id=env.env_id,
        parent=env.digest,
        lock=env.parent,
        platform=env.platform.tag,
        python=env.platform.python_version,
        distributions={wheel.name: wheel.version for wheel in env.wheels},
        additional=tuple(added_rows(env)),
        ignored={wheel.name: wheel.version for wheel in env.ignored},
        largest=largest_distributions(env.wheels),
        warnings=selection_warnings(env),
        file=file,
        sha256=sha256,
        size=size,
        file_count=contents.files,
        unpacked_size=contents.unpacked_size,
    )


def render_report(report: Report) -> bytes:
    """Return `<artifact>.json`."""
    return render_document(
        {
            "additional": [dict(row) for row in report.additional],
            "artifact": report.kind,
            "bundled_interpreter": report.bundled_interpreter,
            "container": report.container,
            "distributions": dict(report.distributions),
            "entry_point": report.entry_point,
            "env_id": report.env_id,
            "file": report.file,
            "file_count": report.file_count,
            "ignored": dict(report.ignored),
            "hermetic_scripts": report.hermetic_scripts,
            "inherit_path": report.inherit_path or "",
            "interpreter": report.interpreter,
            "kind": _KIND,
            "name": report.name,
            "node_libraries": {name: list(modules) for name, modules in report.node_libraries.items()},
            "parent": report.parent,
            "platform": report.platform,
            "python": report.python,
            "python_path": report.python_path,
            "schema": SCHEMA,
            "script": report.script,
            "sha256": report.sha256,
            "size": report.size,
            "unpacked_size": report.unpacked_size,
            "venv_mode": report.venv_mode,
            "largest": render_largest(report.largest),
            "lock": report.lock,
            "warnings": list(report.warnings),
        }
    )


def parse_report(data: bytes, *, where: str) -> Report:
    """Return the report in `data`.

    Raises ToolError when a field is missing, of another type, or has a value that no artifact has: values enter
    properties and shell text.
    """
    document = parse_document(data, where=where, kind=_KIND, schema=SCHEMA, fix=_FIX)
    reader = Reader(where, _FIX)
    platform = parse_platform(reader.text(document, "platform"))
    libraries = reader.take(document, "node_libraries", dict)
    return Report(
        kind=reader.choice(document, "artifact", ArtifactKind),
        container=reader.choice(document, "container", Container),
        name=reader.text(document, "name"),
        env_id=reader.text(document, "env_id"),
        parent=reader.text(document, "parent"),
        lock=reader.text(document, "lock"),
        platform=platform.tag,
        python=reader.choice(document, "python", (platform.python_version,)),
        distributions=_parse_versions(reader, document, "distributions"),
        additional=tuple(
            {key: reader.text(row, key, f"additional[{i}]") for key in ("file", "name", "sha256", "version")}
            for i, row in enumerate(reader.items(document, "additional", dict))
        ),
        ignored=_parse_versions(reader, document, "ignored"),
        largest=parse_largest(reader, document),
        warnings=reader.strings(document, "warnings"),
        file=reader.text(document, "file"),
        sha256=reader.text(document, "sha256"),
        size=reader.take(document, "size", int),
        file_count=reader.take(document, "file_count", int),
        unpacked_size=reader.take(document, "unpacked_size", int),
        python_path=reader.choice(document, "python_path", _PYTHON_PATHS),
        bundled_interpreter=reader.take(document, "bundled_interpreter", bool),
        interpreter=reader.text(document, "interpreter"),
        node_libraries={name: reader.strings(libraries, name, "node_libraries") for name in libraries},
        entry_point=reader.text(document, "entry_point"),
        script=reader.text(document, "script"),
        inherit_path=_parse_inherit_path(reader, document),
        venv_mode=reader.take(document, "venv_mode", bool),
        hermetic_scripts=reader.take(document, "hermetic_scripts", bool),
        digest=sha256_hex(data),
    )


def _parse_inherit_path(reader: Reader, document: Mapping[str, Any]) -> InheritPath | None:
    return reader.choice(document, "inherit_path", InheritPath) if document.get("inherit_path") != "" else None


def _parse_versions(reader: Reader, document: Mapping[str, Any], key: str) -> dict[str, str]:
    versions = reader.take(document, key, dict)
    for name in versions:
        version = reader.take(versions, name, str, key)
        if version_key(version) is None:
            raise reader.error(f"{version!r} is not a version", f"{key}.{name}")
    return dict(versions)
