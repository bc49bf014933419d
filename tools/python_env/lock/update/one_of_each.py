"""A lock knows files by their names: two files of one name are refused, never one taken for the other."""

from __future__ import annotations

from collections.abc import Iterable

from python_env.base.errors import Fault, ToolError
from python_env.lock.model import LockedFile


def one_of_each(files: Iterable[tuple[LockedFile, str]]) -> dict[str, LockedFile]:
    """Return files by name; each comes with the tag of the platform that has it.

    Raises ToolError with every name that two platforms give to different files: built from two sources, or built here
    and taken from an index there.
    """
    first: dict[str, tuple[LockedFile, str]] = {}
    faults: list[Fault] = []
    for file, tag in files:
        other, where = first.setdefault(file.name, (file, tag))
        if (other.sha256, other.build) != (file.sha256, file.build):
            faults.append(
                Fault(
                    f"{file.name} is not the same file on {where} and on {tag}: {_origin(other)}, {_origin(file)}",
                    "the requirements that name its distribution",
                    "name one source of it for all platforms, or another version for one of them",
                )
            )
    if faults:
        raise ToolError(dict.fromkeys(faults))
    return {name: file for name, (file, _) in first.items()}


def _origin(file: LockedFile) -> str:
    return file.build or file.url or file.local or f"index {file.index}"
