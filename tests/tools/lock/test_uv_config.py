"""What uv is told of its index: how long it trusts it, and no password in a file."""

from __future__ import annotations

import tomllib

from python_env.lock.index import Index
from python_env.lock.resolvers.uv_config import uv_config


def test_the_index_is_trusted_for_one_refresh() -> None:
    """uv.toml names the index as the default one; without credentials, no variable is set."""
    config = uv_config(Index("default", "https://index.example.invalid/simple", ""))
    index = tomllib.loads(config.text)["index"][0]
    assert (index["url"], index["default"]) == ("https://index.example.invalid/simple", True)
    assert index["cache-control"] == {"api": "max-age=30", "files": "max-age=600"}
    assert config.environment == {}


def test_a_password_goes_by_variable_and_not_into_a_file() -> None:
    """Escapes are undone; the port stays."""
    config = uv_config(Index("default", "https://me:p%40ss@index.example.invalid:8443/simple", ""))
    assert tomllib.loads(config.text)["index"][0]["url"] == "https://index.example.invalid:8443/simple"
    assert config.environment == {"UV_INDEX_DEFAULT_USERNAME": "me", "UV_INDEX_DEFAULT_PASSWORD": "p@ss"}


def test_any_url_is_a_toml_string() -> None:
    """Quotes and backslashes are escaped."""
    config = uv_config(Index("default", 'file:///a"b\\c', ""))
    assert tomllib.loads(config.text)["index"][0]["url"] == 'file:///a"b\\c'


def test_an_index_of_one_run_says_itself_what_may_be_kept() -> None:
    """It has no alias, but uv wants a name."""
    index = tomllib.loads(uv_config(Index("", "http://localhost/x/simple", "")).text)["index"][0]
    assert index == {"name": "local", "url": "http://localhost/x/simple", "default": True}
