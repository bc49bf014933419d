"""pylock.toml (PEP 751): its packages as pins."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from packaging.pylock import Package, Pylock, PylockValidationError
from packaging.utils import canonicalize_name

from python_env.requirements.conditions import chosen
from python_env.requirements.direct import NotDirect
from python_env.requirements.foreign_lock import check_hashes, make_pin, refuse
from python_env.requirements.foreign_lock_direct import Stated, stated_by_pylock
from python_env.requirements.model import Asked, Choice, Scope
from python_env.requirements.toml_file import Document, TomlFile, header_lines


def parse_pylock(text: str, file: TomlFile, choice: Choice) -> Document:
    """Return the pins of a lock for the chosen extras and groups; faults are left in `file`."""
    data = file.load(text)
    try:
        lock = Pylock.from_dict(data) if not file.faults else None
    except PylockValidationError as error:
        said = error.message[:1].lower() + error.message[1:]
        file.fault(f"not a lock of PEP 751: {said}", error.context or "", "make the lock again with its tool")
        lock = None
    if lock is None:
        return _document(file, Scope(source=file.source), ())
    lines = header_lines(text, "packages", len(lock.packages))
    places = [f":{lines[i]}" if lines else f"packages[{i}]" for i in range(len(lock.packages))]
    groups = choice.groups or tuple(map(canonicalize_name, lock.default_groups or ()))
    asked = [
        pin
        for package, place in zip(lock.packages, places, strict=True)
        for pin in _pins(file, package, place, Choice(extras=choice.extras, groups=groups, excludes=choice.excludes))
    ]
    scope = Scope(
        source=file.source,
        requires_python=str(lock.requires_python or ""),
        environments=tuple(lock.environments or ()),
    )
    return _document(file, scope, tuple(asked), extras=lock.extras or (), groups=lock.dependency_groups or ())


def _document(
    file: TomlFile, scope: Scope, asked: tuple[Asked, ...], *, extras: Iterable[str] = (), groups: Iterable[str] = ()
) -> Document:
    return Document(
        asked=asked,
        scope=scope,
        extras=frozenset(map(canonicalize_name, extras)),
        groups=frozenset(map(canonicalize_name, groups)),
        extras_key="extras",
        groups_key="dependency-groups",
    )


def _pins(file: TomlFile, package: Package, place: str, choice: Choice) -> Iterator[Asked]:
    """Yield a package's pin; none for one that is not chosen, nor for the locked project itself."""
    try:
        marker = chosen(package.marker, extras=choice.extras, groups=choice.groups)
    except ValueError as error:
        file.fault(f"not a marker of PEP 751 at {package.name}: {error}", place, "make the lock again with its tool")
        return
    if isinstance(marker, bool) or _is_project(package):
        return
    stated = Stated() if package.name in choice.excludes else _stated(file, package, place)
    if stated is not None:
        version = str(package.version or "")
        pin = make_pin(file, name=package.name, version=version, stated=stated, marker=marker, place=place)
        yield from [pin] if pin else []


def _is_project(package: Package) -> bool:
    folder = package.directory
    return folder is not None and not folder.subdirectory and posixpath.normpath(folder.path) == "."


def _stated(file: TomlFile, package: Package, place: str) -> Stated | None:
    """Return where a package lies and the digests of its files, or None after a fault."""
    try:
        if stated := stated_by_pylock(package):
            return stated
        if package.version is None:
            raise NotDirect("it is without a version", "lock it again with one")
    except NotDirect as error:
        refuse(file, name=package.name, error=error, place=place)
        return None
    tables = [wheel.hashes for wheel in package.wheels or ()] + ([package.sdist.hashes] if package.sdist else [])
    hashes = tuple(table.get("sha256", "") for table in tables)
    good = check_hashes(file, name=package.name, version=str(package.version), hashes=hashes, place=place)
    return Stated(hashes=hashes) if good else None
