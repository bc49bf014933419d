"""Lines of a requirement file: continuations joined, comments gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"(^|(?<!\s)\s+)#.*$")
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")
"""A word as a shell has it; a quotation mark that is not closed is a part of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: continuations joined, comments gone."""

    text: str
    number: int


def logical_lines(text: str) -> Iterator[Line]:
    """Yield the logical lines of a requirement file: continuations first, then comments, as pip does."""
    pending, start = "", 0
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not pending:
            start = number
        comment = _COMMENT.search(raw)
        if raw.endswith("\\") and not (comment and not raw[: comment.start()].strip()):
            pending += raw[:-1]
            continue
        line = _COMMENT.sub("", pending + raw).strip()
        pending = ""
        if line:
            yield Line(line, start)
    if line := _COMMENT.sub("", pending).strip():
        yield Line(line, start)


def split_options(text: str) -> list[str]:
    """Return the options of a line, each with its value: `-i A --pre` is two, a line that is no option is one."""
    options: list[list[str]] = []
    for word in _WORD.findall(text):
        if word.startswith("-") or not options:
            options.append([])
        options[-1].append(word)
    return [" ".join(words) for words in options] if text.startswith("-") and len(options) > 1 else [text]
