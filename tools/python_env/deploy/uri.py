"""The place that a person names: a local folder, HDFS or an object store."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from python_env.base.documents import has_control_character
from python_env.base.errors import ToolError

_FIX = "name a folder: /path, file:///path, hdfs://host:port/path, s3://bucket/path, gs://bucket/path or abfss://container@account/path"
_SCHEME = re.compile(r"(s3[an]?|gs|abfss?|hdfs|file|https?):", re.I)
"""Of what is meant as a URI, where it stands before no //."""
_PORT = re.compile(r"^[^:\[\]]*$|^(?:[^:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$")
"""A host without a port, or with one; an address of IPv6 stands in brackets."""
_PATTERN = frozenset("*?[]{}")
"""Characters of Hadoop's globs: neither Spark's lists nor the search for HDFS' claims would take them as they are."""
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class Service(enum.StrEnum):
    """What keeps the files."""

    LOCAL = "file"
    HDFS = "hdfs"
    S3 = "s3"
    GCS = "gs"
    AZURE = "abfs"


_SCHEMES = {
    "file": Service.LOCAL,
    "hdfs": Service.HDFS,
    "s3": Service.S3,
    "s3a": Service.S3,
    "gs": Service.GCS,
    "abfs": Service.AZURE,
    "abfss": Service.AZURE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A folder of a service; it never holds a secret."""

    service: Service
    authority: str
    """Host, bucket, or `container@account` of Azure; empty for the local machine and for the configured HDFS."""
    path: str
    """Absolute, `/` between its parts, none at its end."""
    uri: str
    """As clusters read it: with the scheme that was given, no `/` at its end."""

    def file(self, name: str) -> str:
        """Return the URI of a file of the folder."""
        return f"{self.uri}/{name}"


def parse_place(text: str, *, start: Path | None = None) -> Place:
    """Return the place that `text` names; a text without scheme is a path of this machine, relative to `start`.

    Raises ToolError for an unknown scheme, user or password in the URI (credentials come from the service's own
    chain), a query, a path that leaves its folder or that Hadoop takes for a pattern, or a missing bucket.
    """
    if has_control_character(text) or not text:
        raise _error("is no place", text)
    if "://" not in text:
        if _SCHEME.match(text):
            raise _error("has a scheme and no // behind it", text)
        return _local(text, start)
    try:
        parts = urlsplit(text)
    except ValueError:  # its message may repeat a password
        raise _error("is no URI", text) from None
    service = _SCHEMES.get(parts.scheme.lower())
    if service is None:
        raise _error(f"unknown scheme {parts.scheme!r}", text)
    _check_no_secret(service, parts.netloc, text)
    if not _PORT.search(parts.netloc):
        raise _error("has a port that is none", text)
    if parts.query or parts.fragment:
        raise _error("has a query or a fragment, which no folder has", text)
    if service is Service.LOCAL:
        return _local(_file_path(parts.netloc, parts.path, text), None)
    return _remote(service, parts, text=text)


def _check_no_secret(service: Service, authority: str, text: str) -> None:
    user, at, _ = authority.rpartition("@")
    secret = ":" in (user if at else authority) and service in (Service.S3, Service.GCS, Service.AZURE)  # no port there
    if secret or (at and (service is not Service.AZURE or not user)):
        raise ToolError.one(
            "the URI holds a user or a password, which would stand in logs and receipts",
            where=f"--to {_shown(text)}" if at else f"--to {service}://***",
            fix="leave it out: Kerberos' ticket cache and the AWS, Google and Azure chains of the environment are used",
        )


def _file_path(host: str, path: str, text: str) -> str:
    if host not in ("", "localhost"):
        raise _error(f"names the host {host!r}", text)
    if has_control_character(plain := unquote(path)):
        raise _error("has a control character", text)
    return plain


def _local(text: str, start: Path | None) -> Place:
    try:
        path = ((start or Path.cwd()) / Path(text).expanduser()).absolute().as_posix().rstrip("/")
    except (OSError, RuntimeError) as error:  # a working folder that was removed, the home of nobody
        raise _error(f"leads nowhere: {error}", text) from None
    if ".." in Path(text).parts:
        raise _error("leads out of its folder with '..'", text)
    return Place(service=Service.LOCAL, authority="", path=path or "/", uri=_file_uri(path))


def _file_uri(path: str) -> str:
    uri = Path(path or "/").as_uri()
    return uri.rstrip("/") if path else uri


def _remote(service: Service, parts: SplitResult, *, text: str) -> Place:
    authority, path = parts.netloc, parts.path
    if not authority and service is not Service.HDFS:
        raise _error("names no bucket", text)
    names = [name for name in path.split("/") if name]
    if any(name in (".", "..") for name in names):
        raise _error("has '.' or '..' in its path", text)
    if "%" in path or "\\" in path:
        raise _error("has a character in its path that services spell differently", text)
    if patterns := sorted(_PATTERN & set(path)):
        raise _error(f"has {patterns[0]!r} in its path, which Hadoop takes for a pattern of names", text)
    joined = "".join(f"/{name}" for name in names)
    return Place(
        service=service, authority=authority, path=joined or "/", uri=f"{parts.scheme.lower()}://{authority}{joined}"
    )


def _shown(text: str) -> str:
    """Return a URI without what may be a secret: all before its last @, as a password may hold a /, and its query."""
    scheme, found, rest = text.partition("://")
    if not found:
        return text
    path, query, _ = rest.partition("?")
    before, at, after = path.rpartition("@")
    if at and not (scheme.lower().startswith("abfs") and ":" not in before):
        path = f"***@{after}"
    return f"{scheme}{found}{path}{query and '?***'}"


def _error(what: str, text: str) -> ToolError:
    shown = _shown(text)
    return ToolError.one(
        f"{shown!r} {what}" if not what.startswith("unknown") else what, where=f"--to {shown}", fix=_FIX
    )
