"""Are the bytes of the wheels the locked ones? Other threads digest them while this one opens, plans and writes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from python_env.artifacts.wheel_faults import changed_wheel
from python_env.base.archive.content import Content, read_content
from python_env.base.errors import ToolError
from python_env.env.model import Env, Wheel

_READERS = 2
"""Threads that digest: hashlib and zlib release the interpreter lock while they work."""

ContentOf = Callable[[Wheel], Content | None]
"""Waits until a wheel of the closure was read; nothing for one that was made anew."""


@contextlib.contextmanager
def comparing(env: Env, paths: Mapping[str, Path]) -> Iterator[ContentOf]:
    """Give what waits for a wheel's content.

    `paths` has every wheel's place by file name. Nothing may be shipped before the end: a file gets its name after it.
    Raises ToolError with every wheel whose bytes are not the locked ones, also instead of a ToolError of the block,
    which they explain.
    """
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        found = {wheel: pool.submit(read_content, paths[wheel.file]) for wheel in env.wheels}
        try:
            yield lambda wheel: found[wheel].result() if wheel in found else None
        except ToolError:
            _compare(env, found)
            raise
        _compare(env, found)


def _compare(env: Env, found: Mapping[Wheel, Future[Content]]) -> None:
    contents = {wheel: future.result() for wheel, future in found.items()}
    faults = [
        changed_wheel(env.name, wheel, content.sha256, content.size)
        for wheel, content in contents.items()
        if (content.sha256, content.size) != (wheel.sha256, wheel.size)
    ]
    if faults:
        raise ToolError(faults)
