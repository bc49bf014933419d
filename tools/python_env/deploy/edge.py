"""What the commands of deploy share: the opened store, who and when, and faults in three parts."""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import socket
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from python_env.base.documents import write_atomically
from python_env.base.errors import ToolError, redact
from python_env.deploy.channels import Gone
from python_env.deploy.retry import Policy, Retry
from python_env.deploy.stores.bounded import PATIENCE
from python_env.deploy.stores.opening import Options, open_store, together_at
from python_env.deploy.stores.protocol import (
    AlreadyThere,
    Changed,
    Denied,
    Full,
    Missing,
    NoFile,
    Store,
    StoreFault,
    Transient,
    Unreachable,
    Unsupported,
)
from python_env.deploy.together import Together, in_turn
from python_env.deploy.uri import Place, Service, parse_place

_SKEWED = re.compile(r"RequestTimeTooSkewed|RequestExpired|Clock skew too great", re.I)
"""What S3 and Kerberos say to a machine whose clock is wrong."""

_CREDENTIALS = {
    Service.LOCAL: "ask for write permission there",
    Service.HDFS: "renew the Kerberos ticket (kinit), or ask for write permission there",
    Service.S3: "renew the credentials that AWS_ACCESS_KEY_ID... or the machine's role give",
    Service.GCS: "renew the credentials: gcloud auth application-default login",
    Service.AZURE: "renew the credentials that AZURE_STORAGE_... or the machine's identity give",
}


_BESIDE = "another run, or a person, was at work there: run it again, what is there stays"
_REMEDIES: Mapping[type[StoreFault], str] = {
    Gone: "run it again, or let gc keep more: gc --keep, --older-than",
    Full: "make room, e.g. with gc, or ask for more quota; then run it again",
    Unreachable: "see that the service runs and answers there (--timeout, --attempts); then run it again",
    Transient: "run it again: what was sent so far is not visible, and what is there stays",
    Changed: _BESIDE,
    AlreadyThere: _BESIDE,
    Missing: _BESIDE,
    NoFile: "remove that file, folder or link by hand, or move it elsewhere: no deploy made it; then run it again",
    Unsupported: "deploy to a service, or a newer release of it, that writes on condition (If-None-Match)",
}
_ANOTHER_FOLDER = "name another folder by --to: this one does not take files, links and locks of POSIX"
"""What is left are errors of a local file system: a read-only one, a name too long, no links."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who deploys, as receipts and channels say it."""

    who: str
    now: Callable[[], str]
    unique: Callable[[], str]
    """Hexadecimal digits that no other run has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A place, its store, how often it is tried, and by whom."""

    place: Place
    store: Store
    retry: Retry
    author: Author
    together: Together = in_turn
    """How small files are written that do not need each other."""


def open_place(uri: str, *, attempts: int, timeout: float, replication: int | None = None) -> Opened:
    """Return the opened place that `uri` names; raises ToolError and StoreFault.

    A transient fault is one of the service, or that it says nothing for `timeout` seconds.
    """
    place = parse_place(uri, start=caller_folder())
    retry = Retry(policy=Policy(attempts=attempts), note=_note)
    options = Options(replication=replication, seconds=timeout)
    author = Author(who=who(), now=now_text, unique=unique)
    store = retry.run(lambda: open_store(place, options))
    return Opened(place=place, store=store, retry=retry, author=author, together=together_at(place.service))


def place_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command `--to`, `--attempts` and `--timeout`, which say what `open_place` opens."""
    folder = "Folder: a path, file://, hdfs://, s3://, gs://, abfss://."
    silence = "Seconds in which a service may say nothing before that is a transient fault."
    tries, seconds = click.IntRange(1, 50), click.FloatRange(1, 86400)
    for option in (
        click.option("--timeout", type=seconds, default=PATIENCE, show_default=True, help=silence),
        click.option("--attempts", type=tries, default=6, show_default=True, help="Tries on transient faults."),
        click.option("--to", required=True, metavar="URI", help=folder),
    ):
        command = option(command)
    return command


def _note(fault: Transient, seconds: float) -> None:
    click.echo(f"note: trying again in {seconds:.1f} s: {redact(_first_line(fault))}", err=True)


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0][:300]


@contextlib.contextmanager
def faults_in_parts(uri: str) -> Iterator[None]:
    """Raise ToolError for what a store refused."""
    try:
        yield
    except StoreFault as fault:
        raise ToolError.one(_first_line(fault), where=f"--to {uri}", fix=_remedy(fault, uri)) from fault
    except OSError as error:  # of this machine's own files; a store raises StoreFault
        where = str(error.filename or "this machine")
        raise ToolError.one(
            _first_line(error), where=where, fix="mend it, and run it again: what is there stays"
        ) from error


def _remedy(fault: StoreFault, uri: str) -> str:
    if _SKEWED.search(str(fault)):
        return "set this machine's clock: the service refuses requests of another time"
    if isinstance(fault, Denied):
        return _CREDENTIALS[parse_place(uri).service]
    return next((fix for kind, fix in _REMEDIES.items() if isinstance(fault, kind)), _ANOTHER_FOLDER)


def caller_folder() -> Path:
    """Return the folder where the person stands: `bazel run` starts the tool elsewhere."""
    return Path(os.environ.get("BUILD_WORKING_DIRECTORY", "")).absolute()


def write_file(path: Path, data: bytes) -> None:
    """Write a file of this machine, whole or not at all, and its folder; raises ToolError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    except OSError as error:
        fix = "name a folder that you may write to and run it again: what was deployed is skipped then"
        raise ToolError.one(f"cannot be written: {error}", where=str(path), fix=fix) from error


def who() -> str:
    """Return `user@machine`; the number of a user whom the machine knows no name of, as in containers."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return "".join(character if character.isprintable() else "?" for character in f"{user}@{socket.gethostname()}")


def now_text() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def unique() -> str:
    """Return hexadecimal digits that no other run has."""
    return uuid.uuid4().hex[:12]


def console() -> Console:
    """Return what prints to standard error; in a file nothing moves."""
    if sys.stderr.isatty():
        return Console(file=sys.stderr)
    return Console(file=sys.stderr, width=10_000, force_terminal=False, force_interactive=False)


def say(text: str) -> None:
    """Print a line to standard error."""
    click.echo(redact(text), err=True)
