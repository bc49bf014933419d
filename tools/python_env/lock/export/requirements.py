"""One platform of a lock as a hashed requirements file, as `pip-compile --generate-hashes` writes one."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.lock.export.origin import Origin
from python_env.lock.model import Lock, LockedPackage, Section, SourceKind


def render_requirements(lock: Lock, section: Section, *, origin: Origin) -> str:
    """Return the file's text: every distribution with the digest of the one wheel that is locked for the platform."""
    names = {package.name for package in section.packages}
    lines = [line for package in section.packages for line in _lines(lock, package, names)]
    hashed = all(lock.identity(package.file) == _digest(lock, package) for package in section.packages)
    options = "--require-hashes --no-deps" if hashed else "--no-deps"
    return origin.comment(f"Everything for {section.tag}: pip install {options} -r <this file>") + (
        "".join(line + "\n" for line in lines)
    )


def _digest(lock: Lock, package: LockedPackage) -> str:
    """Return the digest that pip can check, or an empty string."""
    file = lock.files[package.file]
    source = lock.sources.get(file.build)
    if source is None:
        return file.sha256
    return source.sha256 if source.kind is SourceKind.SDIST else ""


def _pin(lock: Lock, package: LockedPackage) -> Iterator[str]:
    """Yield the pin with its digest; a commit and a folder have none that pip knows."""
    file = lock.files[package.file]
    source = lock.sources.get(file.build)
    folder = f"#subdirectory={source.subdirectory}" if source and source.subdirectory else ""
    if source and source.kind is SourceKind.GIT:
        yield f"{package.name} @ git+{source.url}@{source.commit}{folder}"
    elif source and source.kind is SourceKind.FOLDER:
        yield f"./{source.key}"
    else:
        url = source.url if source else file.url
        yield f"{package.name} @ {url}{folder} \\" if url else f"{package.name}=={package.version} \\"
        yield f"    --hash=sha256:{source.sha256 if source else file.sha256}"


def _lines(lock: Lock, package: LockedPackage, names: set[str]) -> Iterator[str]:
    yield from _pin(lock, package)
    via = [why if why in names else f"-r {why}" for why in package.why]
    if len(via) == 1:
        yield f"    # via {via[0]}"
    elif via:
        yield "    # via"
        yield from (f"    #   {why}" for why in via)
