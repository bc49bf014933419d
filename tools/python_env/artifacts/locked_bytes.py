"""Are the bytes of the wheels the locked ones? Other threads digest them while this one opens, plans and writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from python_env.artifacts.wheel_faults import changed_wheel
from python_env.base.archive.content import Content, read_content
from python_env.base.errors import ToolError
from python_env.env.model import Wheel

_READERS = 2
"""Threads that digest: hashlib and zlib release the interpreter lock while they work."""

Contents = Mapping[Wheel, Future[Content]]
"""What was found of each wheel, once it was read."""


@contextlib.contextmanager
def comparing(env_name: str, wheels: Iterable[Wheel], paths: Mapping[str, Path]) -> Iterator[Contents]:
    """Give what each wheel's file holds, as soon as it was read.

    `paths` has every wheel's place by file name. Nothing may be shipped before the end: a file gets its name after it.
    Raises ToolError with every wheel whose bytes are not the locked ones, also instead of a ToolError of the block,
    which they explain.
    """
    with ThreadPoolExecutor(max_workers=_READERS) as pool:
        found = {wheel: pool.submit(read_content, paths[wheel.file]) for wheel in wheels}
        try:
            yield found
        except ToolError:
            _compare(env_name, found)
            raise
        except BaseException:
            for future in found.values():
                future.cancel()
            raise
        _compare(env_name, found)


def _compare(env_name: str, found: Contents) -> None:
    contents = {wheel: future.result() for wheel, future in found.items()}
    faults = [
        changed_wheel(env_name, wheel, content.sha256, content.size)
        for wheel, content in contents.items()
        if (content.sha256, content.size) != (wheel.sha256, wheel.size)
    ]
    if faults:
        raise ToolError(faults)
