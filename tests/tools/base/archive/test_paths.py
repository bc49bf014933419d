"""Names of archive members."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from python_env.base.archive.paths import path_fault

PARTS = st.text("aB9_+-. \\:\x00\x7f\né\ud800", max_size=5) | st.sampled_from([".", "..", "", "a" * 255, "é" * 128])
NAMES = st.lists(PARTS, max_size=4).map("/".join)


def is_clean(name: str) -> bool:
    """Return whether no reader takes a name for another one, said as plainly as it can be."""
    parts = name.removesuffix("/").split("/")
    whole = all(part not in ("", ".", "..") and len(part.encode(errors="surrogatepass")) <= 255 for part in parts)
    drive = name[1:2] == ":" and name[0].isascii() and name[0].isalpha()
    bad = any(character < " " or character in "\\\x7f" or "\ud800" <= character <= "\udfff" for character in name)
    return whole and not bad and not drive


@given(name=NAMES)
@example(name="a/b.py\n")
@example(name="a" * 256)
@example(name="/a")
def test_a_name_is_refused_if_and_only_if_it_is_not_clean(name: str) -> None:
    """Whether it is of the common form that is let through at once or not."""
    assert (path_fault(name) is None) == is_clean(name)


@pytest.mark.parametrize("name", ["a/__init__.py", "a-1.0.dist-info/RECORD", "a+b/c.so.1", ".hidden/x", "folder/"])
def test_common_names_are_fine(name: str) -> None:
    """As wheels have them."""
    assert path_fault(name) is None
