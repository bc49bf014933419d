"""One platform of a lock as `pylock.<tag>.toml` (PEP 751, https://packaging.python.org/specifications/pylock-toml/)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from python_env.lock.export.markers import marker_of, stated_markers
from python_env.lock.export.origin import Origin
from python_env.lock.export.toml import toml_array, toml_string
from python_env.lock.model import Lock, LockedFile, LockedPackage, Section

Place = Callable[[LockedFile], tuple[str, str]]
"""Says where an installer finds a wheel: the key (`path` or `url`) and its value."""


def render_pylock(lock: Lock, section: Section, *, origin: Origin, place: Place) -> str:
    """Return the file's text, keys in the order of the specification.

    `extras`, `dependency-groups` and `default-groups` are left out: a lock of one platform holds one set to install.
    """
    blocks = [_head(section), *(_package(package, lock.files[package.file], place) for package in section.packages)]
    return "\n".join(["\n".join(block) + "\n" for block in [*blocks, _tool(section, origin)]])


def _pair(key: str, value: str) -> str:
    return f"{key} = {toml_string(value)}"


def _head(section: Section) -> Iterator[str]:
    marker = marker_of([*stated_markers(section.tag).items(), ("implementation_name", "cpython")])
    yield _pair("lock-version", "1.0")
    yield f"environments = {toml_array([toml_string(marker)])}"
    yield _pair("requires-python", f"=={section.python}.*")
    yield _pair("created-by", "rules-python-env")


def _package(package: LockedPackage, file: LockedFile, place: Place) -> Iterator[str]:
    yield "[[packages]]"
    yield _pair("name", package.name)
    yield _pair("version", package.version)
    if package.requires:
        # names suffice: a distribution stands once in the closure of a platform
        yield f"dependencies = {toml_array(['{' + _pair('name', name) + '}' for name in package.requires])}"
    yield ""
    yield "[[packages.wheels]]"
    yield _pair("name", file.name)
    yield _pair(*place(file))
    yield f"size = {file.size}"
    yield f"hashes = {{{_pair('sha256', file.sha256)}}}"


def _tool(section: Section, origin: Origin) -> Iterator[str]:
    yield "[tool.rules-python-env]"
    yield _pair("env-id", origin.env_id)
    yield _pair("lock", origin.label)
    yield _pair("lock-sha256", origin.sha256)
    yield _pair("platform", section.tag)
