"""One platform of a lock as `pylock.<tag>.toml` (PEP 751, https://packaging.python.org/specifications/pylock-toml/)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from python_env.lock.export.markers import marker_of, stated_markers
from python_env.lock.export.origin import Origin
from python_env.lock.export.toml import toml_array, toml_string
from python_env.lock.model import Lock, LockedFile, LockedPackage, LockedSource, Section, SourceKind

Place = Callable[[LockedFile], tuple[str, str]]
"""Says where an installer finds a wheel: the key (`path` or `url`) and its value."""


def render_pylock(lock: Lock, section: Section, *, origin: Origin, place: Place) -> str:
    """Return the file's text, keys in the order of the specification.

    `extras`, `dependency-groups` and `default-groups` are left out: a lock of one platform holds one set to install.
    """
    blocks = [_head(section), *(_package(package, lock, place) for package in section.packages)]
    return "\n".join(["\n".join(block) + "\n" for block in [*blocks, _tool(section, origin)]])


def _pair(key: str, value: str) -> str:
    return f"{key} = {toml_string(value)}"


def _head(section: Section) -> Iterator[str]:
    marker = marker_of([*stated_markers(section.tag).items(), ("implementation_name", "cpython")])
    yield _pair("lock-version", "1.0")
    yield f"environments = {toml_array([toml_string(marker)])}"
    yield _pair("requires-python", f"=={section.python}.*")
    yield _pair("created-by", "rules-python-env")


def _package(package: LockedPackage, lock: Lock, place: Place) -> Iterator[str]:
    file = lock.files[package.file]
    yield "[[packages]]"
    yield _pair("name", package.name)
    yield _pair("version", package.version)
    if package.requires:
        # names suffice: a distribution stands once in the closure of a platform
        yield f"dependencies = {toml_array(['{' + _pair('name', name) + '}' for name in package.requires])}"
    yield ""
    if file.build:
        yield from _source(lock.sources[file.build], place)
    elif file.url or file.local:
        yield "[packages.archive]"
        yield _pair("url", file.url) if file.url else _pair(*place(file))
        yield from _content(file.size, file.sha256)
    else:
        yield "[[packages.wheels]]"
        yield _pair("name", file.name)
        yield _pair(*place(file))
        yield from _content(file.size, file.sha256)


def _content(size: int, sha256: str) -> Iterator[str]:
    yield f"size = {size}"
    yield f"hashes = {{{_pair('sha256', sha256)}}}"


def _source(source: LockedSource, place: Place) -> Iterator[str]:
    """Yield where an installer finds the source; it builds the wheel itself."""
    if source.kind is SourceKind.GIT:
        yield "[packages.vcs]"
        yield _pair("type", "git")
        yield _pair("url", source.url)
        yield from [_pair("requested-revision", source.revision)] if source.revision else []
        yield _pair("commit-id", source.commit)
    elif source.kind is SourceKind.FOLDER:
        yield "[packages.directory]"
        yield _pair("path", source.key)
    elif source.url:
        yield "[packages.archive]"
        yield _pair("url", source.url)
        yield from _content(source.size, source.sha256)
    else:
        yield "[packages.sdist]"
        yield _pair("name", source.key)
        yield _pair(*place(LockedFile(name=source.key, index=source.index, path=source.path)))
        yield from _content(source.size, source.sha256)
    if source.subdirectory:
        yield _pair("subdirectory", source.subdirectory)


def _tool(section: Section, origin: Origin) -> Iterator[str]:
    yield "[tool.rules-python-env]"
    yield _pair("env-id", origin.env_id)
    yield _pair("lock", origin.label)
    yield _pair("lock-sha256", origin.sha256)
    yield _pair("platform", section.tag)
