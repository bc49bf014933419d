"""The parts of a `pylock.<tag>.toml` that all its writers share, keys in the order of the specification.

PEP 751, https://packaging.python.org/specifications/pylock-toml/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from python_env.base.platform_markers import marker_of, stated_markers
from python_env.base.toml_text import toml_array, toml_string

Place = tuple[str, str]
"""Where an installer finds a file: the key (`path` or `url`) and its value."""


def render_blocks(blocks: Iterable[Iterable[str]]) -> str:
    """Return the file's text, blocks of lines with an empty line between them."""
    return "\n".join(["\n".join(block) + "\n" for block in blocks])


def pylock_pair(key: str, value: str) -> str:
    """Return a line: a key with a string."""
    return f"{key} = {toml_string(value)}"


def pylock_head(tag: str, *, python: str) -> Iterator[str]:
    """Yield the first block of a file for one platform.

    `extras`, `dependency-groups` and `default-groups` are left out: there is one set to install.
    """
    marker = marker_of([*stated_markers(tag).items(), ("implementation_name", "cpython")])
    yield pylock_pair("lock-version", "1.0")
    yield f"environments = {toml_array([toml_string(marker)])}"
    yield pylock_pair("requires-python", f"=={python}.*")
    yield pylock_pair("created-by", "rules-python-env")


def pylock_package(name: str, version: str, requires: Sequence[str]) -> Iterator[str]:
    """Yield the lines that a package's block begins with."""
    yield "[[packages]]"
    yield pylock_pair("name", name)
    yield pylock_pair("version", version)
    if requires:
        # names suffice: a distribution stands once in the closure of a platform
        yield f"dependencies = {toml_array(['{' + pylock_pair('name', each) + '}' for each in requires])}"
    yield ""


def pylock_wheel(file: str, place: Place, *, size: int, sha256: str) -> Iterator[str]:
    """Yield the lines of a package's one wheel; `size` in bytes, `sha256` in hexadecimal."""
    yield "[[packages.wheels]]"
    yield pylock_pair("name", file)
    yield pylock_pair(*place)
    yield from pylock_content(size, sha256)


def pylock_content(size: int, sha256: str) -> Iterator[str]:
    """Yield what says that a file is the locked one."""
    yield f"size = {size}"
    yield f"hashes = {{{pylock_pair('sha256', sha256)}}}"


def pylock_tool(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield the last block: what we say beside the specification."""
    yield "[tool.rules-python-env]"
    yield from (pylock_pair(key, value) for key, value in fields.items())
