"""`<file>.json`: what a deployed file is (docs/formats/deployed.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from python_env.artifacts.model import Report
from python_env.base.documents import parse_document, render_document
from python_env.deploy.documents.reader import FIX, SCHEMA, FileReader


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What the file beside a deployed file says; nothing of who and when, so that equal files have equal metadata."""

    file: str
    """As deployed."""
    original: str
    """The artifact's name before."""
    sha256: str
    size: int
    artifact: str
    """The artifact's kind, by which a launcher's renderings are found."""
    name: str
    """The environment's."""
    env_id: str
    platform: str
    packages: Mapping[str, str]
    """Name to version."""
    lock: str
    """sha256 of the lock."""
    env: str
    """sha256 of the env document."""
    parent: str
    """sha256 of the artifact's report."""


def make_metadata(report: Report, file: str) -> Metadata:
    """Return the metadata of an artifact that is deployed as `file`."""
    return Metadata(
        file=file,
        original=report.file,
        sha256=report.sha256,
        size=report.size,
        artifact=report.kind.value,
        name=report.name,
        env_id=report.env_id,
        platform=report.platform,
        packages=report.distributions,
        lock=report.lock,
        env=report.parent,
        parent=report.digest,
    )


def render_metadata(metadata: Metadata) -> bytes:
    """Return `<file>.json` (docs/formats/deployed.md)."""
    return render_document(
        {
            "artifact": metadata.artifact,
            "env": metadata.env,
            "env_id": metadata.env_id,
            "file": metadata.file,
            "kind": "deployed",
            "lock": metadata.lock,
            "name": metadata.name,
            "original": metadata.original,
            "packages": dict(metadata.packages),
            "parent": metadata.parent,
            "platform": metadata.platform,
            "schema": SCHEMA,
            "sha256": metadata.sha256,
            "size": metadata.size,
        }
    )


def parse_metadata(data: bytes, *, where: str) -> Metadata:
    """Return the metadata in `data`; raises ToolError when it is none."""
    document = parse_document(data, where=where, kind="deployed", schema=SCHEMA, fix=FIX)
    reader = FileReader(where, FIX)
    packages = reader.take(document, "packages", dict)
    texts = ("sha256", "artifact", "name", "env_id", "platform", "lock", "env", "parent")
    return Metadata(
        size=reader.take(document, "size", int),
        packages={name: reader.text(packages, name, "packages") for name in packages},
        file=reader.file(document, "file"),
        original=reader.file(document, "original"),
        **{key: reader.text(document, key) for key in texts},
    )
