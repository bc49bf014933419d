"""What the index alias `default` means on this machine, and how the lock names a file without its host."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from python_env.base import documents
from python_env.base.errors import ToolError

_PYTHONS = ("python3", "python3.11", "python3.12", "python3.13", "python3.14", "python")


@dataclass(frozen=True, slots=True)
class Index:
    """One index, as this machine reaches it."""

    alias: str
    url: str
    """URL of the simple index, without a final slash; may hold credentials: never print or write it."""
    cert: str
    """PEM bundle that pip is configured with, or empty."""
    others: tuple[tuple[str, str], ...] = ()
    """(alias, place) of section [python-env] of pip.conf; may hold credentials."""
    proxy: str = ""
    """The proxy behind which the index is reached; empty: as this machine's variables say."""

    def __repr__(self) -> str:
        """Return text without the URL, which may hold credentials."""
        return f"Index({self.alias!r})"


def default_index(environ: Mapping[str, str]) -> Index:
    """Return the index that pip is configured with: PIP_INDEX_URL, pip.conf, else pip's own constant.

    Raises ToolError when there is neither PIP_INDEX_URL nor a Python with pip.
    """
    asked = _ask_pip() or {}
    url = environ.get("PIP_INDEX_URL") or asked.get("url", "")
    if not url:
        raise ToolError.one(
            "the default index is not known: PIP_INDEX_URL is not set, and no Python at hand has pip",
            where="index alias default",
            fix="set PIP_INDEX_URL, or install pip for a python3 on PATH",
        )
    return Index(
        alias="default",
        url=url.rstrip("/"),
        cert=environ.get("PIP_CERT") or asked.get("cert", ""),
        others=tuple(sorted((key[6:], value) for key, value in asked.items() if key.startswith("index-"))),
    )


def _pythons() -> Iterator[str]:
    yield sys.executable
    yield from (path for path in map(shutil.which, _PYTHONS) if path)


def _ask_pip() -> dict[str, str] | None:
    script = Path(documents.__file__).parent / "ask_pip.py"
    for python in _pythons():
        done = subprocess.run(
            [python, "-B", script], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode == 0:
            answer: dict[str, str] = json.loads(done.stdout)
            return answer
    return None


def path_below_root(url: str) -> str:
    """Return how the lock names a file: its URL's path (RFC 3986), without the host and the leading slash."""
    return quote(urlsplit(url).path.lstrip("/"), safe="/%!$&'()*+,;=:@")


def file_name(url: str) -> str:
    """Return the name of the file behind a URL."""
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1])


def network_environment(index: Index, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that a network client needs on this machine: certificates and proxies, nothing else."""
    if index.proxy:
        return {"HTTP_PROXY": index.proxy, "http_proxy": index.proxy}
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NETRC")
    kept = {key: value for key, value in environ.items() if key.upper() in names}
    bundle = environ.get("SSL_CERT_FILE") or environ.get("REQUESTS_CA_BUNDLE") or index.cert
    return {**kept, **({"SSL_CERT_FILE": bundle} if bundle else {})}
