"""`<env>.wheelhouse.zip.json`, the report beside the archive (docs/formats/artifact.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from python_env.artifacts.identity import ignored_field
from python_env.artifacts.largest import largest_distributions, render_largest
from python_env.artifacts.missing import selection_warnings
from python_env.artifacts.model import SCHEMA, ArtifactKind
from python_env.artifacts.wheelhouse.model import House
from python_env.base.documents import render_document
from python_env.env.model import Env

_ZIP64 = 0xFFFFFFFF
"""From this size on, or from this many members on, a zip needs zip64."""

_MOST_MEMBERS = 0xFFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """The archive that was written."""

    file: str
    sha256: str
    """Hexadecimal."""
    size: int
    """In bytes."""
    file_count: int
    unpacked_size: int
    """Sum of the sizes of all files, in bytes."""


def render_house_report(house: House, written: Written, contradictions: Iterable[str] = ()) -> bytes:
    """Return the report; `contradictions` are sentences for its warnings, each kept once."""
    return render_document(
        {
            "artifact": ArtifactKind.WHEELHOUSE,
            "container": "zip",
            "env_id": house.first.env_id,
            "file": written.file,
            "file_count": written.file_count,
            "kind": "artifact",
            "largest": render_largest(largest_distributions(house.wheels)),
            "lock": house.first.parent,
            "name": house.first.name,
            "platforms": {env.platform.tag: _platform(env) for env in house.envs},
            "schema": SCHEMA,
            "sha256": written.sha256,
            "size": written.size,
            "unpacked_size": written.unpacked_size,
            "warnings": [*warnings(written), *_missing(house), *dict.fromkeys(contradictions)],
            "wheel_count": len(house.wheels),
        }
    )


def _platform(env: Env) -> dict[str, Any]:
    return {
        "distributions": {wheel.name: wheel.version for wheel in env.wheels},
        **ignored_field(env),
        "parent": env.digest,
        "python": env.platform.python_version,
        "size": sum(wheel.size for wheel in env.wheels),
    }


def _missing(house: House) -> Iterator[str]:
    """Yield what is required and left out, once for all platforms where it is said of several."""
    yield from dict.fromkeys(warning for env in house.envs for warning in selection_warnings(env))


def warnings(written: Written) -> tuple[str, ...]:
    """Return what a person should know before shipping the archive."""
    many = written.file_count >= _MOST_MEMBERS
    if not many and written.size < _ZIP64:
        return ()
    what = f"{written.file_count} files" if many else f"{written.size / (1 << 30):.1f} GiB"
    return (
        f"the archive has {what}, so that CPython 3.8 to 3.12 do not start `python {written.file}` (can't find "
        "'__main__' module); 3.13 does. With them, and with any other, unpack it and run `python FOLDER`",
    )
