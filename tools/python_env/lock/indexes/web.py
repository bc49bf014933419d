"""HTTP as an index is asked: credentials that follow no redirect elsewhere, limits, and errors that name the alias."""

from __future__ import annotations

import functools
import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit

from python_env.base.errors import ToolError, redact
from python_env.lock.indexes.credentials import Credentials, netrc_path
from python_env.lock.indexes.places import how_to_point

MOST_PAGE_BYTES = 50 * 1000 * 1000
"""A page of one project; the largest of the public index is below 10 MB."""

_TIMEOUT_SECONDS = 60
_TRIES = 4

_LOOK_UP = threading.Lock()


@functools.cache
def _look_up(host: str, port: int) -> str:
    return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])


def _connect(address: tuple[str, int], *rest: Any) -> socket.socket:
    """Connect to a host whose name is looked up once: of many simultaneous look-ups, name servers drop some."""
    with _LOOK_UP:
        place = _look_up(*address)
    return socket.create_connection((place, address[1]), *rest)


class _Connection(http.client.HTTPSConnection):
    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._create_connection = _connect


class _Handler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, request, context=self._context)  # type: ignore[attr-defined]  # set by its base


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects; another host is told only the credentials that are its own."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def redirect_request(self, *words: Any) -> urllib.request.Request | None:
        made = super().redirect_request(*words)
        if made is not None:
            for name, value in self._credentials.headers(made.full_url).items():
                made.add_unredirected_header(name, value)
        return made


@dataclass(frozen=True, slots=True)
class Answer:
    """A page and how it was served."""

    body: bytes
    kind: str
    """Content type with its parameters, in lower case."""
    url: str
    """Where it was found after redirects: what relative links start from."""


class TooLarge(Exception):
    """An answer is larger than it may be; `size` is what it states, or 0."""

    def __init__(self, text: str, *, size: int = 0) -> None:
        super().__init__(text)
        self.size = size


class Truncated(Exception):
    """An answer ended before its stated length."""


class Web:
    """One client for all indexes."""

    def __init__(self, environment: Mapping[str, str], credentials: Credentials | None = None) -> None:
        self.credentials = credentials or Credentials()
        self.aliases: dict[str, str] = {}
        context = ssl.create_default_context(cafile=environment.get("SSL_CERT_FILE"))
        self._opener = urllib.request.build_opener(_Handler(context=context), _Redirects(self.credentials))

    def alias_of(self, url: str) -> str:
        """Return the index alias that a file's URL came from."""
        return self.aliases.get(url, "default")

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[http.client.HTTPResponse]:
        """Give one answer; raises as urllib does."""
        parts = urlsplit(url)
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        request = urllib.request.Request(url, headers={"Accept-Encoding": "identity", **(headers or {})})
        for name, value in self.credentials.headers(url).items():
            request.add_unredirected_header(name, value)
        with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            yield response

    def read(
        self, url: str, headers: Mapping[str, str] | None = None, *, limit: int = 0
    ) -> tuple[bytes, http.client.HTTPResponse]:
        """Return a whole body, tried again after faults that pass.

        Raises urllib's errors, TooLarge and Truncated.
        """
        for left in reversed(range(_TRIES)):
            try:
                with self.open(url, headers) as response:
                    return _whole(response, limit), response
            except urllib.error.HTTPError as error:
                error.close()
                if error.code < 500 or not left:
                    raise
            except (OSError, http.client.HTTPException, Truncated):
                if not left:
                    raise
        raise AssertionError("unreachable")

    def page(self, url: str, *, alias: str, of: str) -> Answer | None:
        """Return a page of an index, or None where the index does not have it.

        Raises ToolError that names the alias, never the host.
        """
        accept = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
        try:
            body, response = self.read(url, {"Accept": accept}, limit=MOST_PAGE_BYTES)
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                return None
            raise http_fault(error, alias=alias, of=of, environ=self.credentials.environ) from None
        except (OSError, http.client.HTTPException, Truncated, TooLarge) as error:
            raise broken(alias, of, reason_of(error)) from None
        return Answer(body=body, kind=(response.headers.get("Content-Type") or "").lower(), url=response.url)


def _whole(response: IO[bytes] | http.client.HTTPResponse, limit: int) -> bytes:
    body = response.read(limit + 1) if limit else response.read()
    stated = getattr(response, "headers", {}).get("Content-Length")
    if limit and len(body) > limit:
        size = int(stated) if stated and stated.isdigit() else 0
        raise TooLarge(f"it is larger than {limit // 1_000_000} MB", size=size)
    if stated and stated.isdigit() and len(body) < int(stated):
        raise Truncated(f"{len(body)} bytes came of {stated}")
    return body


def reason_of(error: Exception) -> str:
    """Return in words why an answer cannot be used, without a secret."""
    if isinstance(error, http.client.IncompleteRead | Truncated):
        return f"it is cut off ({error})"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return redact(str(reason) or type(error).__name__)


def broken(alias: str, of: str, reason: str) -> ToolError:
    """Return the error of an answer that cannot be used."""
    return ToolError.one(
        f"what index alias {alias} serves for {of} cannot be used: {reason}",
        where=f"index alias {alias}",
        fix=f"run the command again; if it stays, mend the index, or point the alias elsewhere: {how_to_point(alias)}",
    )


def http_fault(error: urllib.error.HTTPError, *, alias: str, of: str, environ: Mapping[str, str]) -> ToolError:
    """Return the error of an HTTP status."""
    if error.code in (401, 403, 407):
        return refused(alias, of, f"{error.code} {error.reason}", environ)
    if 300 <= error.code < 400:
        return broken(alias, of, "it redirects in a loop, or too often")
    return broken(alias, of, f"it answers {error.code} {error.reason}")


def refused(alias: str, of: str, status: str, environ: Mapping[str, str]) -> ToolError:
    """Return the error of an index that wants to know who asks; it names the file to edit."""
    path = netrc_path(environ)
    fix = (
        f"state user and password in {path}: machine <the index's host> login <user> password <password>; "
        "or let a credential helper give them (PYTHON_ENV_CREDENTIAL_HELPER)"
    )
    if status.startswith("403") and alias != "default":
        fix += (
            f'; an index that says 403 for what it does not have: bind what it has, index_bindings = {{"{alias}": […]}}'
        )
    return ToolError.one(f"index alias {alias} refuses {of}: {status}", where=f"index alias {alias}; {path}", fix=fix)
