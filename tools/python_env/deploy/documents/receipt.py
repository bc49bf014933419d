"""Who deployed what, when and where (docs/formats/receipt.md)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from python_env.base.documents import parse_document, render_document, sha256_hex
from python_env.deploy.documents.metadata import Metadata, render_metadata
from python_env.deploy.documents.reader import FIX, SCHEMA, FileReader


class Action(enum.StrEnum):
    """What a deploy does, or did, with one file."""

    UPLOAD = "upload"
    """There is no file of that name."""
    SKIP = "skip"
    """It is there: size and recorded checksum are equal."""
    CONFIRM = "confirm"
    """It is there without a record: an earlier run was cut before it; the bytes are read back."""
    REFUSE = "refuse"
    """A file of that name has other bytes."""
    ROLLBACK = "rollback"
    """A channel returned to it; nothing was sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """Who deployed what, when, and where it lies."""

    action: Action
    file: str
    uri: str
    sha256: str
    size: int
    platform: str
    env_id: str
    channels: tuple[str, ...]
    who: str
    """`user@machine`."""
    when: str
    """ISO 8601 in UTC, by the clock of that machine."""
    parent: str
    """sha256 of the metadata."""


def render_receipt(receipt: Receipt) -> bytes:
    """Return a receipt (docs/formats/receipt.md)."""
    return render_document(
        {
            "action": receipt.action.value,
            "channels": list(receipt.channels),
            "env_id": receipt.env_id,
            "file": receipt.file,
            "kind": "receipt",
            "parent": receipt.parent,
            "platform": receipt.platform,
            "schema": SCHEMA,
            "sha256": receipt.sha256,
            "size": receipt.size,
            "uri": receipt.uri,
            "when": receipt.when,
            "who": receipt.who,
        }
    )


def make_receipt(
    metadata: Metadata, *, action: Action, uri: str, channels: tuple[str, ...], who: str, when: str
) -> Receipt:
    """Return the receipt of a deployed file."""
    return Receipt(
        action=action,
        file=metadata.file,
        uri=uri,
        sha256=metadata.sha256,
        size=metadata.size,
        platform=metadata.platform,
        env_id=metadata.env_id,
        channels=channels,
        who=who,
        when=when,
        parent=sha256_hex(render_metadata(metadata)),
    )


def parse_receipt_file(data: bytes, *, where: str, fix: str = FIX) -> str:
    """Return the deployed file that a receipt names; raises ToolError, with that fix, when it is no receipt."""
    document = parse_document(data, where=where, kind="receipt", schema=SCHEMA, fix=fix)
    return FileReader(where, fix).file(document, "file")
