"""One platform of a lock as a hashed requirements file, as `pip-compile --generate-hashes` writes one."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.lock.export.origin import Origin
from python_env.lock.model import Lock, LockedPackage, Section


def render_requirements(lock: Lock, section: Section, *, origin: Origin) -> str:
    """Return the file's text: every distribution with the digest of the one wheel that is locked for the platform."""
    names = {package.name for package in section.packages}
    lines = [line for package in section.packages for line in _lines(lock, package, names)]
    return origin.comment(f"Everything for {section.tag}: pip install --require-hashes --no-deps -r <this file>") + (
        "".join(line + "\n" for line in lines)
    )


def _lines(lock: Lock, package: LockedPackage, names: set[str]) -> Iterator[str]:
    yield f"{package.name}=={package.version} \\"
    yield f"    --hash=sha256:{lock.files[package.file].sha256}"
    via = [why if why in names else f"-r {why}" for why in package.why]
    if len(via) == 1:
        yield f"    # via {via[0]}"
    elif via:
        yield "    # via"
        yield from (f"    #   {why}" for why in via)
