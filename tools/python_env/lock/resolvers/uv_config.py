"""uv's configuration file for one refresh: its index, and how long uv trusts what the index said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from python_env.lock.index import Index

_PAGES_SECONDS = 30
"""About the length of a refresh, in which all platforms shall see one state of the index.

Many mirrors say nothing of freshness; uv then asks again for every page, for every platform.
"""

_FILES_SECONDS = 600
"""A wheel's metadata does not change, unless a private index takes another file of the same name."""


@dataclass(frozen=True, slots=True)
class UvConfig:
    """What uv is told of its index."""

    text: str
    """uv.toml; names no user and no password."""
    environment: dict[str, str]
    """The variables by which uv gets them."""


def uv_config(index: Index) -> UvConfig:
    """Return the configuration for an index (https://docs.astral.sh/uv/concepts/indexes/, "cache control").

    An index without an alias lives on this machine for one run: it says itself what may be kept.
    """
    parts = urlsplit(index.url)
    url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    name = index.alias or "local"
    lines = ["[[index]]", f"name = {_quoted(name)}", f"url = {_quoted(url)}", "default = true"]
    if index.alias:
        lines.append(f'cache-control = {{ api = "max-age={_PAGES_SECONDS}", files = "max-age={_FILES_SECONDS}" }}')
    words = {"USERNAME": parts.username, "PASSWORD": parts.password}
    variable = "UV_INDEX_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
    environment = {f"{variable}_{key}": unquote(word) for key, word in words.items() if word}
    return UvConfig("\n".join(lines) + "\n", environment)


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
