"""One platform of a lock as `pylock.<tag>.toml` (PEP 751, https://packaging.python.org/specifications/pylock-toml/)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from python_env.base.pylock_text import (
    pylock_content,
    pylock_head,
    pylock_package,
    pylock_pair,
    pylock_tool,
    pylock_wheel,
    render_blocks,
)
from python_env.lock.export.origin import Origin
from python_env.lock.model import Lock, LockedFile, LockedPackage, LockedSource, Section, SourceKind

Place = Callable[[LockedFile], tuple[str, str]]
"""Says where an installer finds a wheel: the key (`path` or `url`) and its value."""


def render_pylock(lock: Lock, section: Section, *, origin: Origin, place: Place) -> str:
    """Return the file's text, keys in the order of the specification."""
    head = pylock_head(section.tag, python=section.python)
    blocks = [head, *(_package(package, lock, place) for package in section.packages)]
    return render_blocks([*blocks, _tool(section, origin)])


def _package(package: LockedPackage, lock: Lock, place: Place) -> Iterator[str]:
    file = lock.files[package.file]
    yield from pylock_package(package.name, package.version, package.requires)
    if file.build:
        yield from _source(lock.sources[file.build], place)
    elif file.url or file.local:
        yield "[packages.archive]"
        yield pylock_pair("url", file.url) if file.url else pylock_pair(*place(file))
        yield from pylock_content(file.size, file.sha256)
    else:
        yield from pylock_wheel(file.name, place(file), size=file.size, sha256=file.sha256)


def _source(source: LockedSource, place: Place) -> Iterator[str]:
    """Yield where an installer finds the source; it builds the wheel itself."""
    if source.kind is SourceKind.GIT:
        yield "[packages.vcs]"
        yield pylock_pair("type", "git")
        yield pylock_pair("url", source.url)
        yield from [pylock_pair("requested-revision", source.revision)] if source.revision else []
        yield pylock_pair("commit-id", source.commit)
    elif source.kind is SourceKind.FOLDER:
        yield "[packages.directory]"
        yield pylock_pair("path", source.key)
    elif source.url:
        yield "[packages.archive]"
        yield pylock_pair("url", source.url)
        yield from pylock_content(source.size, source.sha256)
    else:
        yield "[packages.sdist]"
        yield pylock_pair("name", source.key)
        yield pylock_pair(*place(LockedFile(name=source.key, index=source.index, path=source.path)))
        yield from pylock_content(source.size, source.sha256)
    if source.subdirectory:
        yield pylock_pair("subdirectory", source.subdirectory)


def _tool(section: Section, origin: Origin) -> Iterator[str]:
    fields = {"env-id": origin.env_id, "lock": origin.label, "lock-sha256": origin.sha256, "platform": section.tag}
    yield from pylock_tool(fields)
