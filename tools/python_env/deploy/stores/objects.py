"""S3, GCS and Azure through `obstore`; credentials come from the environment's own chain."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import from_url

from python_env.base.errors import redact
from python_env.deploy.stores.aws_profile import profile_settings
from python_env.deploy.stores.protocol import (
    PIECE,
    AlreadyThere,
    Changed,
    Denied,
    Document,
    Full,
    Missing,
    Progress,
    Stat,
    StoreFault,
    Transient,
    Unsupported,
)
from python_env.deploy.uri import Place, Service

if TYPE_CHECKING:  # obstore's types are not there at run time
    from obstore import UpdateVersion
    from obstore.store import ClientConfig, ObjectStore, S3Config

_PART = 8 << 20
"""Bytes of a part of a multipart upload; S3 wants 5 MiB or more and at most 10,000 parts."""
_PARTS = 10_000
_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "GOOGLE_BASE_URL", "AZURE_STORAGE_ENDPOINT")
_TIMEOUTS = ("AWS_TIMEOUT", "GOOGLE_TIMEOUT", "AZURE_TIMEOUT")
_TIMEOUT = 120.0
"""Seconds for a whole request; in obstore's own 30 a slow line would not send a part beside others, however often."""
_AT_ONCE = 6
"""Parts that are sent at the same time."""
_STATUS = r"status(?: code)?:? "
_DENIED = re.compile(
    _STATUS + r"40[13]\b|AccessDenied|ExpiredToken|InvalidAccessKeyId|SignatureDoesNotMatch|credential", re.I
)
_FULL = re.compile(_STATUS + r"507\b|QuotaExceeded|InsufficientStorage|StorageFull", re.I)
_UNSUPPORTED = re.compile(_STATUS + r"(?:501|405)\b|NotImplemented|not supported", re.I)
_OWN_NAMES = re.compile(r"\w+://\S+|<(Resource|Key|BucketName)>.*?</\1>", re.S)
"""What a text repeats of the request: a folder may be named like any error."""


def fault_of(error: Exception) -> StoreFault:
    """Return the store's fault for an error of obstore."""
    text = redact(str(error)).split("\n\nDebug source", maxsplit=1)[0]
    if isinstance(error, FileNotFoundError):
        return Missing(text)
    if isinstance(error, AlreadyExistsError):
        return AlreadyThere(text)
    if isinstance(error, PreconditionError):
        return Changed(text)
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError, PermissionError)) or _says(_DENIED, text):
        return Denied(text)
    if isinstance(error, NotSupportedError) or _says(_UNSUPPORTED, text):
        return Unsupported(text)
    return Full(text) if _says(_FULL, text) else Transient(text)


def _says(words: re.Pattern[str], text: str) -> bool:
    """Return whether the service says so, and not only the object's name."""
    return bool(words.search(_OWN_NAMES.sub("", text)))


@contextlib.contextmanager
def told_apart() -> Iterator[None]:
    """Raise the store's faults for obstore's errors; OSError covers FileNotFoundError, PermissionError, time-outs."""
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise fault_of(error) from error


def open_objects(place: Place, *, seconds: float) -> ObjectStore:
    """Return obstore's store for a place; raises StoreFault for settings that it refuses.

    A request that is not answered in `seconds` has failed.
    """
    usual = f"{min(_TIMEOUT, seconds):g}s"
    options: ClientConfig = {"timeout": next(filter(None, map(os.environ.get, _TIMEOUTS)), usual)}
    if any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS):
        options["allow_http"] = True
    profile = profile_settings(os.environ, Path.home()) if place.service is Service.S3 else {}
    with told_apart():
        if place.service is Service.S3:
            url = "s3" + place.uri[place.uri.index("://") :]
            config = cast("S3Config", {"copy_if_not_exists": "multipart", **profile})
            return from_url(url, client_options=options, config=config)
        return from_url(place.uri, client_options=options)


class ObjectsStore:
    """Objects below a prefix. An object appears whole, and a conditional write never replaces one."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def stat(self, path: str) -> Stat | None:
        """Return what is known of an object, or None."""
        try:
            with told_apart():
                found = obstore.head(self._store, path)
        except Missing:
            return None
        return Stat(path=path, size=found["size"], modified=found["last_modified"].timestamp())

    def sha256(self, path: str, progress: Progress) -> str:
        """Read an object back."""
        digest = hashlib.sha256()
        with told_apart():
            for piece in obstore.get(self._store, path).stream(min_chunk_size=PIECE):
                digest.update(piece)
                progress(len(piece))
        return digest.hexdigest()

    def put(self, source: Path, path: str, progress: Progress) -> None:
        """Upload in parts, several at a time; parts of an upload that is cut are not seen as an object."""
        part = max(_PART, -(-source.stat().st_size // _PARTS))
        with told_apart():
            pieces = _pieces(source, part, progress)
            obstore.put(self._store, path, pieces, chunk_size=part, use_multipart=True, max_concurrency=_AT_ONCE)

    def publish(self, temporary: str, path: str, source: Path) -> None:
        """Copy in the service, on condition that there is no such object; else send it so, in one request."""
        try:
            with told_apart():
                obstore.copy(self._store, temporary, path, overwrite=False)
        except Unsupported:
            with told_apart():
                obstore.put(self._store, path, source, mode="create")
        self.delete(temporary)

    def create(self, path: str, data: bytes) -> None:
        """Write on condition that there is no such object."""
        with told_apart():
            obstore.put(self._store, path, data, mode="create")

    def read(self, path: str) -> Document | None:
        """Return a small object; its version is the service's tag and generation."""
        try:
            with told_apart():
                found = obstore.get(self._store, path)
                meta = found.meta
                return Document(data=bytes(found.bytes()), version=f"{meta['e_tag'] or ''}\n{meta['version'] or ''}")
        except Missing:
            return None

    def replace(self, path: str, data: bytes, version: str) -> None:
        """Write on condition that the object is the one that was read."""
        tag, _, generation = version.partition("\n")
        mode: UpdateVersion = {}
        if tag:
            mode["e_tag"] = tag
        if generation:
            mode["version"] = generation
        try:
            with told_apart():
                obstore.put(self._store, path, data, mode=mode)
        except (Missing, AlreadyThere) as fault:
            raise Changed(str(fault)) from fault

    def list(self, folder: str) -> Sequence[Stat]:
        """Return the objects of the place or below a folder."""
        with told_apart():
            if folder:
                found = [each for page in obstore.list(self._store, prefix=folder) for each in page]
            else:
                found = list(obstore.list_with_delimiter(self._store)["objects"])
        stats = (Stat(path=e["path"], size=e["size"], modified=e["last_modified"].timestamp()) for e in found)
        return sorted(stats, key=lambda stat: stat.path)

    def delete(self, path: str) -> None:
        """Remove an object."""
        with contextlib.suppress(Missing), told_apart():
            obstore.delete(self._store, path)

    def sharing_warnings(self, path: str) -> Sequence[str]:
        """Return nothing: who may read a bucket is its policy's business, and YARN downloads with its own rights."""
        return []


def _pieces(source: Path, size: int, progress: Progress) -> Iterator[bytes]:
    with source.open("rb") as file:
        while piece := file.read(size):
            yield piece
            progress(len(piece))
