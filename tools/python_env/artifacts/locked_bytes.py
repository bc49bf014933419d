"""Are the bytes of the wheels the locked ones? Other threads digest them while this one opens and plans."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from python_env.artifacts.wheel_faults import changed_wheel
from python_env.base.archive.content import Content, read_content
from python_env.base.errors import ToolError
from python_env.env.model import Env

_READERS = 2
"""Threads that digest: hashlib and zlib release the interpreter lock while they work."""


@contextlib.contextmanager
def comparing(env: Env, paths: Mapping[str, Path]) -> Iterator[dict[str, Content]]:
    """Give a mapping that holds every wheel's content, by sha256, once the block has ended.

    `paths` has every wheel's place by file name. Nothing may be shipped before the end. Raises ToolError with every
    wheel whose bytes are not the locked ones, also instead of a ToolError of the block, which they explain.
    """
    contents: dict[str, Content] = {}
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        found = pool.map(read_content, [paths[wheel.file] for wheel in env.wheels])
        try:
            yield contents
        except ToolError:
            _compare(env, found)
            raise
        contents |= _compare(env, found)


def _compare(env: Env, found: Iterable[Content]) -> dict[str, Content]:
    pairs = list(zip(env.wheels, found, strict=True))
    faults = [
        changed_wheel(env.name, wheel, content.sha256, content.size)
        for wheel, content in pairs
        if (content.sha256, content.size) != (wheel.sha256, wheel.size)
    ]
    if faults:
        raise ToolError(faults)
    return {content.sha256: content for _, content in pairs}
