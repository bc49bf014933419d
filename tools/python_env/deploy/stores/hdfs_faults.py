"""The errors of hdfs-native, and of the NameNode through it, as the store's faults."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from python_env.base.errors import redact
from python_env.deploy.stores.protocol import AlreadyThere, Denied, Full, Missing, StoreFault, Transient

_ANSWER = re.compile(r'RPCError\("(?P<kind>[\w.$]+)", "(?P<message>.*)"\)', re.S)
_JAVA = re.compile(r"(?:org\.apache\.hadoop|javax?)\.[\w.$]+")
_GENERAL = ("java.io.IOException", "org.apache.hadoop.ipc.RemoteException")
"""Exceptions whose message says what it is."""
_DENIED = re.compile(r"AccessControl|Permission denied|SaslException|GSSAPI|Kerberos|InvalidToken|expired", re.I)
_FULL = re.compile(r"QuotaExceeded|No space", re.I)
_PATH = re.compile(r"\S*/\S*")
_RAISED = (RuntimeError, OSError, ValueError)
"""What hdfs-native raises: RuntimeError for most, OSError's kinds for files, ValueError for settings and URLs."""


def fault_of(error: Exception) -> StoreFault:
    """Return the store's fault for an error of hdfs-native: builtin types where it has them, else by its words."""
    text = redact(_without_trace(str(error)))
    if isinstance(error, FileExistsError):
        return AlreadyThere(text)
    if isinstance(error, FileNotFoundError):
        return Missing(text)
    words = _words_to_judge(text)
    if isinstance(error, PermissionError) or _DENIED.search(words):
        return Denied(text)
    if "FileAlreadyExists" in words:
        return AlreadyThere(text)
    return Full(text) if _FULL.search(words) else Transient(text)


def _without_trace(text: str) -> str:
    """Return `Exception: message` of what the NameNode answered, on one line, and any other text as it is."""
    found = _ANSWER.match(text)
    if found is None:
        return text
    lines = [line for line in found["message"].split("\\n") if not line.startswith(("\\tat ", "\tat "))]
    return f"{found['kind']}: {' '.join(lines)}".strip()


def _words_to_judge(text: str) -> str:
    """Return the name of the exception that a text starts with, else the text without its paths."""
    found = _JAVA.match(text)
    return found[0] if found and found[0] not in _GENERAL else _PATH.sub("", text)


@contextlib.contextmanager
def told_apart() -> Iterator[None]:
    """Raise the store's faults for hdfs-native's errors; any other exception is a bug of ours and stays what it is."""
    try:
        yield
    except _RAISED as error:
        raise fault_of(error) from error
