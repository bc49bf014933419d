"""Keys of versions against packaging, the reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from python_env.base.versions import version_key

PARTS = st.sampled_from(
    ["1", "0", "01", ".", "-", "_", "!", "v", "a", "b", "c", "rc", "RC", "alpha", "pre", "post", "r", "dev", "+", "x"]
)
TEXTS = st.lists(PARTS, min_size=1, max_size=8).map("".join)


def parsed(text: str) -> Version | None:
    """Return what packaging makes of a text."""
    try:
        return Version(text)
    except InvalidVersion:
        return None


@given(one=TEXTS, other=TEXTS)
def test_keys_are_equal_where_versions_are(one: str, other: str) -> None:
    """And there is no key where there is no version."""
    assert (version_key(one) is None) == (parsed(one) is None)
    if version_key(one) and version_key(other):
        assert (version_key(one) == version_key(other)) == (parsed(one) == parsed(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.0", "1"), ("2024.01.02", "2024.1.2"), ("1.0-1", "1.post1"), ("1C1", "1.rc01"), ("1+A-1", "1+a.1")],
)
def test_spellings_of_one_version_have_one_key(one: str, other: str) -> None:
    """Trailing zeros, leading zeros, letters and separators do not count."""
    assert version_key(one) == version_key(other)


@pytest.mark.parametrize("text", ["", " 1", "1\n", "1\r", "x", "1..2", "1+", "\u0661"])
def test_what_is_no_version_has_no_key(text: str) -> None:
    """White space around it and digits of other scripts are none either."""
    assert version_key(text) is None
