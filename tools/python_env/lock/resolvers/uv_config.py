"""uv's configuration file for one refresh: its index, and how long uv trusts what the index said."""

from __future__ import annotations

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
    """Return the configuration for an index (https://docs.astral.sh/uv/concepts/indexes/, "cache control")."""
    parts = urlsplit(index.url)
    host = parts.netloc.rpartition("@")[2]
    url = urlunsplit(parts._replace(netloc=host))
    text = (
        f"[[index]]\nname = {_quoted(index.alias)}\nurl = {_quoted(url)}\ndefault = true\n"
        f'cache-control = {{ api = "max-age={_PAGES_SECONDS}", files = "max-age={_FILES_SECONDS}" }}\n'
    )
    variable = f"UV_INDEX_{index.alias.upper()}"
    words = {"USERNAME": parts.username, "PASSWORD": parts.password}
    return UvConfig(text, {f"{variable}_{key}": unquote(word) for key, word in words.items() if word})


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
