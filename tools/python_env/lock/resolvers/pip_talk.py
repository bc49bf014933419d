"""What the pip-tools adapter and its child process say to each other: one JSON document a line.

The question goes through standard input, because the index may hold a password. While it works, the child may ask what
an sdist builds; its last line is the answer.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

Document = dict[str, Any]


class Failed(Exception):
    """The child ended without an answer; carries what it wrote to standard error."""


def converse(
    command: Sequence[str],
    question: Document,
    *,
    environment: Mapping[str, str],
    reply: Callable[[Document], Document],
) -> Document:
    """Start the child, reply to what it asks, and return its answer.

    Raises Failed, and whatever `reply` raises; the child is ended then.
    """
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=dict(environment), text=True
        ) as child,
    ):
        try:
            answer = _exchange(child, question, reply)
        except BaseException:
            child.kill()
            raise
        if child.wait() == 0 and answer is not None:
            return answer
        said.seek(0)
        raise Failed(said.read())


def _exchange(
    child: subprocess.Popen[str], question: Document, reply: Callable[[Document], Document]
) -> Document | None:
    """Return the answer; None where the child ended without one."""
    assert child.stdin is not None and child.stdout is not None
    with suppress(BrokenPipeError):
        _send(child, question)
        for line in child.stdout:
            document: Document = json.loads(line)
            if "sdist" not in document:
                return document
            _send(child, reply(document["sdist"]))
    return None


def _send(child: subprocess.Popen[str], document: Document) -> None:
    assert child.stdin is not None
    child.stdin.write(json.dumps(document) + "\n")
    child.stdin.flush()
