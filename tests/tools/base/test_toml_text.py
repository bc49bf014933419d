"""Strings and arrays of a TOML file that we write."""

from __future__ import annotations

import tomllib

from hypothesis import example, given, settings
from hypothesis import strategies as st

from python_env.base.toml_text import toml_array, toml_string


@settings(deadline=None)
@given(st.text())
@example('"\\\b\t\n\f\r\x00\x1f\x7f\x80\u2028\U0001f40d')
def test_every_string_is_read_back(text: str) -> None:
    """Quotes, control characters and every plane of Unicode survive a TOML parser, on one line."""
    written = toml_string(text)
    assert tomllib.loads(f"a = {written}") == {"a": text}
    assert "\n" not in written and "\r" not in written


@settings(deadline=None)
@given(st.lists(st.text()))
def test_every_array_is_read_back(items: list[str]) -> None:
    """Also an empty one."""
    assert tomllib.loads(f"a = {toml_array([toml_string(item) for item in items])}") == {"a": items}
