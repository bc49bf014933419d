"""RECORD, the list of a wheel's files: parsed strictly, because installers that read it differently differ in effect.

"The .dist-info directory" of the binary distribution format; the rows are those of "Recording installed projects".
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from python_env.base.archive.paths import path_fault
from python_env.base.archive.zip_read import ZipSource

_UNLISTED = ("RECORD", "RECORD.jws", "RECORD.p7s")
_DIGEST = re.compile(r"sha256=[\w-]{43}|sha384=[\w-]{64}|sha512=[\w-]{86}", re.ASCII)
_SIZE = re.compile(r"[0-9]{0,19}")


class Row(NamedTuple):
    """What RECORD says of one file; both fields may be empty, which claims nothing."""

    digest: str
    """`sha256=` (or sha384, sha512) and the digest in URL-safe base64 without padding."""
    size: str
    """In bytes."""


class RecordFault(Exception):
    """What is wrong with a RECORD, in one sentence."""


def parse_record(data: bytes) -> dict[str, Row]:
    """Return the rows of a RECORD by path.

    Raises RecordFault for what is no table of path, digest and size, and for a path that leaves the wheel.
    """
    rows: dict[str, Row] = {}
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True), start=1):
            if not cells:
                continue
            if len(cells) != 3:
                raise RecordFault(f"row {number} of RECORD has {len(cells)} columns, expected path, digest and size")
            path, row = cells[0], Row(cells[1], cells[2])
            _check_row(path, row)
            if rows.setdefault(path, row) != row:
                raise RecordFault(f"RECORD has two rows for {path!r} that differ")
    except (UnicodeDecodeError, csv.Error) as error:
        raise RecordFault(f"RECORD cannot be read: {error}") from None
    return rows


def _check_row(path: str, row: Row) -> None:
    if fault := path_fault(path):
        raise RecordFault(f"RECORD has a row for {path!r}, which {fault}")
    if row.digest and not _DIGEST.fullmatch(row.digest):
        raise RecordFault(f"RECORD says {row.digest!r} of {path!r}: no digest of sha256, sha384 or sha512")
    if not _SIZE.fullmatch(row.size):
        raise RecordFault(f"RECORD says {row.size!r} of {path!r}: no size")


def sha256_row(data: bytes) -> str:
    """Return the sha256 of a content as RECORD writes it."""
    return f"sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()}"


def unlisted(names: Iterable[str], rows: Mapping[str, Row], dist_info: str) -> list[str]:
    """Return the members that RECORD must list and does not: an installer that goes by it would leave them out."""
    free = {f"{dist_info}/{name}" for name in _UNLISTED}
    return sorted(name for name in names if name not in rows and name not in free)


def absent(names: Container[str], rows: Mapping[str, Row]) -> list[str]:
    """Return the files that RECORD claims a digest of and that are not there.

    A row without a digest claims nothing, and compiled files are an installer's to make, whatever a builder listed.
    """
    return sorted(
        name for name, row in rows.items() if row.digest and name not in names and not name.endswith((".pyc", "/"))
    )


def row_of(data: bytes) -> Row:
    """Return what RECORD says of a file with this content."""
    return Row(sha256_row(data), str(len(data)))


def read_record(source: ZipSource) -> dict[str, Row]:
    """Return the RECORD of a wheel.

    Raises ToolError when there is not exactly one, or it is no RECORD of this wheel's files.
    """
    names = {entry.name: entry for entry in source.entries}
    places = [name for name in names if name.count("/") == 1 and name.endswith(".dist-info/RECORD")]
    if len(places) != 1:
        raise source.error(f"expected one *.dist-info/RECORD, found {len(places)}")
    try:
        rows = parse_record(source.read(names[places[0]]))
    except RecordFault as fault:
        raise source.error(str(fault), places[0]) from None
    missing = unlisted(names, rows, places[0].rpartition("/")[0])
    if missing:
        raise source.error(f"RECORD does not list {', '.join(missing[:3])} ({len(missing)} in all)", places[0])
    if gone := absent(names, rows):
        raise source.error(f"RECORD lists {', '.join(gone[:3])} ({len(gone)} in all), not in the wheel", places[0])
    return rows
