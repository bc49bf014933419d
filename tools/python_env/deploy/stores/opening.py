"""Which store serves which kind of place; a client's library is imported only where it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from python_env.base.errors import ToolError
from python_env.deploy.stores.bounded import PATIENCE, BoundedStore, bounded
from python_env.deploy.stores.protocol import Store
from python_env.deploy.together import Together, at_once, in_turn
from python_env.deploy.uri import Place, Service


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How a store is opened."""

    replication: int | None = None
    """Copies of each block, HDFS' own."""
    seconds: float = PATIENCE
    """How long a service may say nothing."""


def _local(place: Place, _options: Options) -> Store:
    from python_env.deploy.stores.local import LocalStore

    return LocalStore(Path(place.path))


def _hdfs(place: Place, options: Options) -> Store:
    from python_env.deploy.stores.hdfs import HdfsStore, check_listens
    from python_env.deploy.stores.hdfs_faults import told_apart

    url = f"hdfs://{place.authority}" if place.authority else None
    with told_apart():
        store = HdfsStore(url, place.path, replication=options.replication)
    bounded(lambda _alive: check_listens(place.authority), seconds=options.seconds)
    return BoundedStore(store, seconds=options.seconds)


def _objects(place: Place, options: Options) -> Store:
    from python_env.deploy.stores.objects import ObjectsStore, open_objects

    return BoundedStore(ObjectsStore(open_objects(place, seconds=options.seconds)), seconds=options.seconds)


_STORES: Mapping[Service, Callable[[Place, Options], Store]] = {
    Service.LOCAL: _local,
    Service.HDFS: _hdfs,
    Service.S3: _objects,
    Service.GCS: _objects,
    Service.AZURE: _objects,
}


def together_at(service: Service) -> Together:
    """Return how a service is best given several small files.

    A file of HDFS takes half a second to be closed (hdfs-native 0.14.7, measured), whatever its size.
    """
    return at_once if service is Service.HDFS else in_turn


_CLIENTS = {Service.HDFS: "hdfs-native"}
_BRING_ONE = (
    "run the :<name>_deploy target on Linux with glibc (x86_64: 2.17, aarch64: 2.28), macOS 11 or Windows, where it "
    "brings its clients; or name wheels of your own by `clients` of python_env_deploy"
)


def open_store(place: Place, options: Options | None = None) -> Store:
    """Return the store that serves a place.

    Raises ToolError when the client's library is not installed, or the system lacks what a folder needs, StoreFault for
    settings that it refuses, and Unreachable where no NameNode listens.
    """
    try:
        return _STORES[place.service](place, options or Options())
    except ImportError as error:
        raise _not_importable(place, error) from error


def _not_importable(place: Place, error: ImportError) -> ToolError:
    where = f"--to {place.uri}"
    if place.service is Service.LOCAL:
        what = f"a folder is published with links and locks of POSIX, which this system lacks: {error}"
        return ToolError.one(what, where=where, fix="run it on Linux or macOS, or deploy to HDFS or an object store")
    client = _CLIENTS.get(place.service, "obstore")
    what = f"{place.service} needs {client}, which this Python cannot import: {error}"
    return ToolError.one(what, where=where, fix=_BRING_ONE)
