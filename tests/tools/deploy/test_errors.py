"""Errors of the clients' libraries are told apart; skipped where a library is not installed."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest

from python_env.base.errors import ToolError
from python_env.deploy.channels import Gone
from python_env.deploy.edge import faults_in_parts
from python_env.deploy.stores.opening import open_store
from python_env.deploy.stores.protocol import (
    AlreadyThere,
    Changed,
    Denied,
    Full,
    Missing,
    StoreFault,
    Transient,
    Unsupported,
)
from python_env.deploy.uri import parse_place

TRACE = '\\n\\tat java.base/java.security.AccessController.doPrivileged(Native Method)\\n")'
"""The end of what the NameNode answers; it names classes that mean nothing here."""
SENT = "Generic S3 error: Error performing PUT http://host:1/bucket"
"""How obstore names the request."""
HDFS = [
    (FileExistsError("x"), AlreadyThere),
    (FileNotFoundError("x"), Missing),
    (RuntimeError("org.apache.hadoop.security.AccessControlException: Permission denied: user=a"), Denied),
    (RuntimeError("GSSAPI error: Ticket expired"), Denied),
    (RuntimeError("org.apache.hadoop.hdfs.protocol.DSQuotaExceededException: x"), Full),
    (RuntimeError("could only be written to 0 of the 1 minReplication nodes. 0 datanode(s) running"), Transient),
    (RuntimeError("IO error: Connection reset by peer"), Transient),
    (RuntimeError("operation timed out"), Transient),
    (
        RuntimeError('RPCError("org.apache.hadoop.hdfs.server.namenode.SafeModeException", "in safe mode' + TRACE),
        Transient,
    ),
    (RuntimeError('RPCError("org.apache.hadoop.hdfs.protocol.DSQuotaExceededException", "/expired' + TRACE), Full),
    (RuntimeError('RPCError("java.io.IOException", "No space left on device' + TRACE), Full),
    (RuntimeError('RPCError("java.io.IOException", "File /a could only be written to 0 nodes' + TRACE), Transient),
    (RuntimeError('RPCError("org.apache.hadoop.security.AccessControlException", "no' + TRACE), Denied),
    (RuntimeError("IO error on /expired/gssapi/a: Connection reset by peer"), Transient),
    (RuntimeError('RPCError("java.io.IOException", "File /expired/a could only be written' + TRACE), Transient),
]


def module(name: str, library: str) -> Any:
    """Return a module of a store, or skip."""
    pytest.importorskip(library)
    return importlib.import_module(f"python_env.deploy.stores.{name}")


@pytest.mark.parametrize(("error", "kind"), HDFS, ids=lambda value: str(value)[:40])
def test_errors_of_hdfs_native(error: Exception, kind: type[StoreFault]) -> None:
    """By type, else by Hadoop's words."""
    assert type(module("hdfs_faults", "hdfs_native").fault_of(error)) is kind


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("AlreadyExistsError", "x", AlreadyThere),
        ("PreconditionError", "x", Changed),
        ("PermissionDeniedError", "x", Denied),
        ("UnauthenticatedError", "x", Denied),
        ("GenericError", "status code: 400 Bad Request: <Code>ExpiredToken</Code>", Denied),
        ("GenericError", "status code: 503 Slow Down", Transient),
        ("GenericError", "error sending request: connection reset", Transient),
        ("GenericError", "status code: 507 Insufficient Storage", Full),
        ("GenericError", f"{SENT}/401/credentials/a - error sending request: connection reset", Transient),
        ("GenericError", f"{SENT}/a - status code: 503 Slow Down: <Resource>/b/401/507</Resource>", Transient),
        ("GenericError", f"{SENT}/501/a - status code: 403 Forbidden: <Code>AccessDenied</Code>", Denied),
        ("GenericError", f"{SENT}/a - status code: 501 Not Implemented", Unsupported),
        ("NotSupportedError", "x", Unsupported),
    ],
)
def test_errors_of_obstore(name: str, text: str, kind: type[StoreFault]) -> None:
    """By type, else by the service's code."""
    objects = module("objects", "obstore")
    error = getattr(importlib.import_module("obstore.exceptions"), name)(text)
    assert type(objects.fault_of(error)) is kind


@pytest.mark.parametrize(("name", "library"), [("hdfs_faults", "hdfs_native"), ("objects", "obstore")])
def test_a_bug_of_ours_is_no_fault_of_the_store(name: str, library: str) -> None:
    """It is neither tried again nor told as one."""
    store = module(name, library)
    with pytest.raises(IndexError), store.told_apart():
        raise IndexError("list index out of range")


def test_a_row_of_claims_that_was_deleted_meanwhile_needs_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a collection that ends while another run takes over its marker."""
    hdfs = module("hdfs", "hdfs_native")
    monkeypatch.setattr(hdfs, "Client", lambda _url: None)
    claims = iter([[".gc.json.v0000000001"], []])
    monkeypatch.setattr(hdfs.HdfsStore, "_claims", lambda _self, _path: next(claims))
    monkeypatch.setattr(hdfs.HdfsStore, "create", lambda _self, _path, _data: None)
    hdfs.HdfsStore(None, "/a").replace("gc.json", b"new", "0")


@pytest.mark.parametrize(("name", "library"), [("hdfs_faults", "hdfs_native"), ("objects", "obstore")])
def test_a_secret_in_an_error_is_not_repeated(name: str, library: str) -> None:
    """Whoever wrote it."""
    fault = module(name, library).fault_of(FileNotFoundError("see http://key:secret@host/x"))
    assert "secret" not in str(fault)


@pytest.mark.parametrize(
    ("uri", "module", "client"),
    [("hdfs://n/a", "hdfs_native", "hdfs-native"), ("s3://b/a", "obstore", "obstore")],
)
def test_a_machine_without_a_client_says_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, uri: str, module: str, client: str
) -> None:
    """Such as musl, for which HDFS's has no wheel; a folder needs none."""
    store = "hdfs" if module == "hdfs_native" else "objects"
    monkeypatch.delitem(sys.modules, f"python_env.deploy.stores.{store}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ToolError, match=f"needs {client}") as error:
        open_store(parse_place(uri))
    assert "`clients` of python_env_deploy" in error.value.faults[0].fix
    open_store(parse_place("/a"))


def test_a_system_without_posix_locks_says_so_of_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has no fcntl; its clients reach HDFS and object stores."""
    monkeypatch.delitem(sys.modules, "python_env.deploy.stores.local", raising=False)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(ToolError, match="links and locks of POSIX, which this system lacks") as error:
        open_store(parse_place("/a"))
    assert "Linux or macOS" in error.value.faults[0].fix


@pytest.mark.parametrize(
    ("fault", "fix"),
    [
        (Gone("x"), "gc --keep"),
        (Changed("x"), "run it again"),
        (AlreadyThere("x"), "run it again"),
        (Missing("x"), "run it again"),
        (Transient("x"), "run it again"),
        (Full("x"), "make room"),
        (Denied("x"), "ask for write permission"),
        (Unsupported("x"), "writes on condition"),
        (StoreFault("[Errno 30] Read-only file system"), "name another folder by --to"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_fault_of_a_store_has_its_remedy(fault: StoreFault, fix: str) -> None:
    """A command or an edit."""
    with pytest.raises(ToolError) as error, faults_in_parts("/a"):
        raise fault
    assert fix in error.value.faults[0].fix
