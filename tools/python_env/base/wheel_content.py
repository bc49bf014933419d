"""A wheel's members against what the archive and RECORD say of them; every byte is read once.

What is spliced into an artifact is copied unread, and a tar.gz is read on behind the end of a stream: without this
check a member could bring files of its own, under any name.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping

from python_env.base.archive.zip_read import Entry, ZipSource
from python_env.base.errors import Fault, ToolError
from python_env.base.wheel_record import Row, read_record


def check_wheel(source: ZipSource) -> None:
    """Compare all headers, then inflate and digest every member.

    Raises ToolError with every member that is not one whole stream of the stated size and CRC, or not as RECORD says.
    """
    source.check_local_headers()
    record = read_record(source)
    faults = [fault for entry in source.entries for fault in _faults(source, entry, record)]
    if faults:
        raise ToolError(faults)


def _faults(source: ZipSource, entry: Entry, record: Mapping[str, Row]) -> Iterator[Fault]:
    row = record.get(entry.name, Row("", ""))
    algorithm = row.digest.partition("=")[0] or "sha256"
    digest = hashlib.new(algorithm)
    try:
        for piece in source.content(entry):
            digest.update(piece)
    except ToolError as error:
        yield from error.faults
        return
    found = f"{algorithm}={base64.urlsafe_b64encode(digest.digest()).rstrip(b'=').decode()}"
    if row.digest not in ("", found):
        yield from source.error(f"RECORD says {row.digest}, the content has {found}", entry.name).faults
    if row.size and int(row.size) != entry.size:
        yield from source.error(f"RECORD says {row.size} bytes, the content has {entry.size}", entry.name).faults
