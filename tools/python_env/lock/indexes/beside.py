"""The METADATA that an index serves beside a wheel (PEP 658, PEP 714)."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
from collections.abc import Callable
from typing import NoReturn

from python_env.base.errors import ToolError
from python_env.lock.indexes.page import Link
from python_env.lock.indexes.web import MOST_PAGE_BYTES, TooLarge, Truncated, Web, http_fault, reason_of
from python_env.lock.indexes.wheel_file import from_wheel, told

Warn = Callable[[str], object]


def read_beside(web: Web, link: Link, warn: Warn) -> bytes | None:
    """Return the METADATA beside a wheel; None, and a warning, where the index does not have what its page states.

    Raises ToolError when it is not to be had otherwise, is not UTF-8, or has another sha256 than the page states.
    """
    try:
        data, _ = web.read(f"{link.url}.metadata", limit=MOST_PAGE_BYTES)
    except urllib.error.HTTPError as error:
        if error.code not in (404, 410):
            raise http_fault(error, alias=link.index, of=_file(link), environ=web.credentials.environ) from None
        warn(
            f"index alias {link.index} does not have {_file(link)}, which its page states ({error.code}): "
            "the wheel itself is read instead"
        )
        return None
    except (OSError, http.client.HTTPException, Truncated, TooLarge) as error:
        _refuse(link, f"cannot be read: {reason_of(error)}")
    _check(link, data)
    return data


def out_of_wheel(web: Web, link: Link) -> bytes:
    """Return the METADATA that a wheel holds.

    Raises ToolError when it holds none, or another one than the page states the sha256 of.
    """
    environ = web.credentials.environ
    data, _ = told(lambda: from_wheel(link.url, web), file=link.file, alias=link.index, environ=environ)
    _check(link, data)
    return data


def _file(link: Link) -> str:
    return f"{link.file}.metadata"


def _check(link: Link, data: bytes) -> None:
    if link.metadata_sha256 and hashlib.sha256(data).hexdigest() != link.metadata_sha256:
        _refuse(link, "has another sha256 than the page states")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(link, f"is not UTF-8: {error.reason} at byte {error.start}")


def _refuse(link: Link, why: str) -> NoReturn:
    raise ToolError.one(
        f"{_file(link)} of index alias {link.index} {why}",
        where=f"{link.file} on index alias {link.index}",
        fix="run the command again; if it stays, have the index make its metadata anew, or exclude that version",
    )
