"""HDFS through `hdfs-native`: no JVM; Kerberos' ticket cache and HADOOP_CONF_DIR are its own business."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
import re
import socket
import uuid
from collections.abc import Sequence
from pathlib import Path

from hdfs_native import Client, FileStatus, WriteOptions

from python_env.deploy.stores.hdfs_faults import told_apart
from python_env.deploy.stores.protocol import (
    PIECE,
    AlreadyThere,
    Changed,
    Document,
    Missing,
    Progress,
    Stat,
    StoreFault,
    Unreachable,
)

_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
_CLAIM = re.compile(r"\.(?P<name>[^/]+)\.v(?P<number>[0-9]{10})")
_CLAIMS_KEPT = 3
_CONNECT = 10.0
"""Seconds for a TCP connection."""


def check_listens(authority: str) -> None:
    """Raise Unreachable where a host and port are named and no NameNode listens there.

    hdfs-native would try it for three minutes. A name service has no port: the NameNodes of it stand in Hadoop's
    configuration.
    """
    host, _, port = authority.rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT).close()
    except OSError as error:
        raise Unreachable(f"no NameNode listens at {authority}: {error}") from error


class HdfsStore:
    """Files of an HDFS folder.

    HDFS has no compare-and-swap. A file that is replaced is therefore a row of numbered claims, each created without
    overwrite, and the file under the plain name is a copy of the newest: who creates number N+1 has replaced N.
    """

    def __init__(self, url: str | None, folder: str, *, replication: int | None = None) -> None:
        self._client = Client(url)
        self._folder = folder
        self._replication = replication

    def stat(self, path: str) -> Stat | None:
        """Return what is known of a file, or None."""
        try:
            with told_apart():
                found = self._client.get_file_info(self._at(path))
        except Missing:
            return None
        return Stat(path=path, size=found.length, modified=found.modification_time / 1000)

    def sha256(self, path: str, progress: Progress) -> str:
        """Read a file back; HDFS checks its blocks' checksums meanwhile."""
        digest = hashlib.sha256()
        with told_apart(), self._client.read(self._at(path)) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
                progress(len(piece))
        return digest.hexdigest()

    def put(self, source: Path, path: str, progress: Progress) -> None:
        """Write a file under a temporary name."""
        with source.open("rb") as read, told_apart():
            self._make(posixpath.dirname(self._at(path)))
            with self._client.create(self._at(path), self._options()) as file:
                while piece := read.read(PIECE):
                    file.write(piece)
                    progress(len(piece))
            self._share(path)

    def publish(self, temporary: str, path: str, source: Path) -> None:
        """Rename without overwrite, one step of the NameNode."""
        with told_apart():
            self._client.rename(self._at(temporary), self._at(path), overwrite=False)

    def create(self, path: str, data: bytes) -> None:
        """Write beside the name and rename there, so that no reader sees an empty file."""
        temporary = self._written(path, data)
        try:
            self.publish(temporary, path, Path())
        except StoreFault:
            self.delete(temporary)
            raise

    def read(self, path: str) -> Document | None:
        """Return a small file, the newest claim of it where it has been replaced."""
        claims = self._claims(path)
        name = claims[-1] if claims else path
        try:
            with told_apart(), self._client.read(self._at(name)) as file:
                return Document(data=file.read(), version=str(_number(name)))
        except Missing:
            return None

    def replace(self, path: str, data: bytes, version: str) -> None:
        """Claim the number after the version that was read, then renew the copy under the plain name."""
        claim = _claim_name(path, int(version) + 1)
        try:
            self.create(claim, data)
        except AlreadyThere as error:
            raise Changed(path) from error
        if self._claims(path)[-1:] != [claim]:  # it was overtaken so far that its number had been cleared away
            self.delete(claim)
            raise Changed(path)
        self._renew(path)

    def list(self, folder: str) -> Sequence[Stat]:
        """Return the files of the place or below a folder, without claims."""
        try:
            with told_apart():
                found = list(self._client.list_status(self._at(folder), recursive=bool(folder)))
        except Missing:
            return []
        stats = (self._stat(each) for each in found if not each.isdir)
        return sorted((each for each in stats if not _number(each.path)), key=lambda stat: stat.path)

    def delete(self, path: str) -> None:
        """Remove a file and its claims."""
        for name in [*self._claims(path), path]:
            with contextlib.suppress(Missing), told_apart():
                self._client.delete(self._at(name))

    def sharing_warnings(self, path: str) -> Sequence[str]:
        """Name the file when others may not read it, and each folder above that they may not enter."""
        with told_apart():
            file = self._at(path)
            warnings = [] if self._mode(file) & 0o004 else [f"others may not read {file} (o+r)"]
            while file != "/":
                file = posixpath.dirname(file)
                if not self._mode(file) & 0o001:
                    warnings.append(f"others may not enter {file} (o+x)")
        return warnings

    def _mode(self, path: str) -> int:
        return self._client.get_file_info(path).permission

    def _at(self, path: str) -> str:
        return posixpath.join(self._folder, path) if path else self._folder

    def _stat(self, found: FileStatus) -> Stat:
        path = posixpath.relpath(found.path, self._folder)
        return Stat(path=path, size=found.length, modified=found.modification_time / 1000)

    def _options(self) -> WriteOptions:
        return WriteOptions(replication=self._replication, permission=_FILE_MODE, overwrite=False, create_parent=False)

    def _share(self, path: str) -> None:
        """Give the mode that the client's umask may have taken."""
        self._client.set_permission(self._at(path), _FILE_MODE)

    def _make(self, folder: str) -> None:
        """Make a folder that others may enter; those that exist keep their mode."""
        missing = []
        while folder != "/" and not self._exists(folder):
            missing.append(folder)
            folder = posixpath.dirname(folder)
        for each in reversed(missing):
            self._client.mkdirs(each, _FOLDER_MODE, create_parent=True)  # one that exists by now is no error
            self._client.set_permission(each, _FOLDER_MODE)

    def _exists(self, path: str) -> bool:
        try:
            self._client.get_file_info(path)
        except FileNotFoundError:
            return False
        return True

    def _written(self, path: str, data: bytes) -> str:
        name = posixpath.join(posixpath.dirname(path), f".{posixpath.basename(path)}.{uuid.uuid4().hex}.part")
        with told_apart():
            self._make(posixpath.dirname(self._at(name)))
            with self._client.create(self._at(name), self._options()) as file:
                file.write(data)
            self._share(name)
        return name

    def _claims(self, path: str) -> Sequence[str]:
        """Return the claims of a file, oldest first."""
        folder, name = posixpath.split(path)
        pattern = self._at(posixpath.join(folder, f".{name}.v*"))
        with told_apart():
            found = [self._stat(each).path for each in self._client.glob_status(pattern)]
        return sorted(each for each in found if _number(each))

    def _renew(self, path: str) -> None:
        """Copy the newest claim to the plain name until it is the newest still, and drop the oldest ones.

        Nothing is left to do where the file was deleted meanwhile.
        """
        while True:
            claims = self._claims(path)
            if not claims:
                return
            with told_apart(), self._client.read(self._at(claims[-1])) as file:
                temporary = self._written(path, file.read())
            with told_apart():
                self._client.rename(self._at(temporary), self._at(path), overwrite=True)
            if self._claims(path)[-1:] == claims[-1:]:
                break
        for old in claims[:-_CLAIMS_KEPT]:
            with contextlib.suppress(Missing), told_apart():
                self._client.delete(self._at(old))


def _claim_name(path: str, number: int) -> str:
    folder, name = posixpath.split(path)
    return posixpath.join(folder, f".{name}.v{number:010d}")


def _number(path: str) -> int:
    """Return the number of a claim; 0 for a file that is none."""
    found = _CLAIM.fullmatch(posixpath.basename(path))
    return int(found["number"]) if found else 0
