"""The place that a person names: a local folder, HDFS or an object store."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from python_env.base.documents import has_control_character
from python_env.base.errors import ToolError

_FIX = "name a folder: /path, file:///path, hdfs://host:port/path, s3://bucket/path, gs://bucket/path or abfss://container@account/path"
_PATTERN = frozenset("*?[]{}")
"""Characters of Hadoop's globs: neither Spark's lists nor the search for HDFS' claims would take them as they are."""


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
        raise _error(f"{text!r} is no place", text)
    if "://" not in text:
        return _local(text, start)
    parts = _split(text)
    service = _SCHEMES.get(parts.scheme.lower())
    if service is None:
        raise _error(f"unknown scheme {parts.scheme!r}", text)
    _check_no_secret(service, parts.netloc, text)
    if parts.query or parts.fragment:
        raise _error(f"{text!r} has a query or a fragment, which no folder has", text)
    if service is Service.LOCAL:
        return _local(_file_path(parts.netloc, parts.path, text), None)
    return _remote(service, parts, text=text)


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:  # such as a bracket without its other one
        raise _error(f"{text!r} is no URI: {error}", text) from error


def _check_no_secret(service: Service, authority: str, text: str) -> None:
    user, at, _ = authority.rpartition("@")
    if at and (service is not Service.AZURE or ":" in user or not user):
        raise ToolError.one(
            "the URI holds a user or a password, which would stand in logs and receipts",
            where=f"--to {text}",
            fix="leave it out: Kerberos' ticket cache and the AWS, Google and Azure chains of the environment are used",
        )


def _file_path(host: str, path: str, text: str) -> str:
    if host not in ("", "localhost"):
        raise _error(f"{text!r} names the host {host!r}", text)
    return unquote(path)


def _local(text: str, start: Path | None) -> Place:
    path = ((start or Path.cwd()) / Path(text).expanduser()).absolute().as_posix().rstrip("/")
    if ".." in Path(text).parts:
        raise _error(f"{text!r} leads out of its folder with '..'", text)
    return Place(service=Service.LOCAL, authority="", path=path or "/", uri=_file_uri(path))


def _file_uri(path: str) -> str:
    uri = Path(path or "/").as_uri()
    return uri.rstrip("/") if path else uri


def _remote(service: Service, parts: SplitResult, *, text: str) -> Place:
    if not parts.netloc and service is not Service.HDFS:
        raise _error(f"{text!r} names no bucket", text)
    names = [name for name in parts.path.split("/") if name]
    if any(name in (".", "..") for name in names):
        raise _error(f"{text!r} has '.' or '..' in its path", text)
    if "%" in parts.path or "\\" in parts.path:
        raise _error(f"{text!r} has a character in its path that services spell differently", text)
    if patterns := sorted(_PATTERN & set(parts.path)):
        raise _error(f"{text!r} has {patterns[0]!r} in its path, which Hadoop takes for a pattern of names", text)
    joined = "".join(f"/{name}" for name in names)
    uri = f"{parts.scheme.lower()}://{parts.netloc}{joined}"
    return Place(service=service, authority=parts.netloc, path=joined or "/", uri=uri)


def _error(what: str, text: str) -> ToolError:
    return ToolError.one(what, where=f"--to {text}", fix=_FIX)
