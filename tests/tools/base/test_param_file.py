"""Param files as both engines write them: once encoded, and twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from python_env.base.param_file import read_words

WORDS = [
    "--source=ünï 日本.py",
    "--source-path=src/ünï 日本.py",
    "@not-a-file",
    "--source=Ã¼",
    '--options={"A":"grüß"}',
]


def encoded_again(text: str) -> bytes:
    """Return what Bazel 4.2.3 writes: every byte taken for a letter."""
    return text.encode().decode("latin-1").encode()


@pytest.mark.parametrize("write", [str.encode, encoded_again], ids=["7.7.1", "4.2.3"])
def test_both_engines_say_the_same(tmp_path: Path, write: object) -> None:
    """The known letter in the first line tells them apart, also where a name looks like a letter encoded twice."""
    path = tmp_path / "words.params"
    path.write_bytes(write("\n".join(["--encoding=é", *WORDS]) + "\n"))  # type: ignore[operator]  # one of two functions
    assert read_words([f"@{path}"]) == WORDS


def test_without_the_letter_words_are_utf_8(tmp_path: Path) -> None:
    """And a byte that is none survives."""
    path = tmp_path / "words.params"
    path.write_bytes(encoded_again("é") + b"\n\xff\n")
    assert read_words([f"@{path}"]) == ["Ã©", "\udcff"]


def test_words_that_are_no_file_stay(tmp_path: Path) -> None:
    """Given directly, as tests and people do."""
    assert read_words(["--a", "@b"]) == ["--a", "@b"]
