"""tool.uv.sources of a pyproject.toml: where uv finds a distribution elsewhere than on the index."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from python_env.requirements.direct import NotDirect
from python_env.requirements.references import git_reference, path_reference, url_reference
from python_env.requirements.toml_file import TomlFile

_TABLE = "tool.uv.sources"
_WHOLE = "write the whole reference into the dependency instead: name @ git+https://…@<commit> ; marker"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What one entry says; empty fields are not stated."""

    reference: str = ""
    """As a requirement file would write it, from the folder of the pyproject.toml."""
    editable: bool = False
    index: str = ""
    """The index's name in uv's settings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry as it stands: it is read only where its name is asked for."""

    place: str
    """`:line`, or the key path where the line is not found."""
    value: object

    def read(self) -> Source:
        """Return what it says: a table, or an array of one. Raises NotDirect for what is not taken."""
        rows = self.value if isinstance(self.value, list) else [self.value]
        if len(rows) != 1 or not isinstance(rows[0], dict):
            raise NotDirect("it is no single table", _WHOLE)
        row = rows[0]
        if limits := [key for key in ("marker", "extra", "group") if key in row]:
            raise NotDirect(f"it is limited by {limits[0]}", _WHOLE)
        if row.get("lfs") or row.get("package") is False:
            raise NotDirect("`lfs` and `package = false` are not supported", _WHOLE)
        if "index" in row:
            return Source(index=str(row["index"]))
        if row.get("workspace"):
            fix = "list uv.lock in `requirements` instead, or name its folder: {path = …}"
            raise NotDirect("where a member of uv's workspace lies stands in another file", fix)
        return Source(reference=_reference(row), editable=row.get("editable") is True)


def read_entries(data: Mapping[str, Any], text: str, file: TomlFile) -> dict[str, Entry]:
    """Return the entries by normalised name; to look such a name up on the index may find a stranger's."""
    tool = file.take(file.take(data, "tool", dict), "uv", dict, "tool")
    table = file.take(tool, "sources", dict, "tool.uv")
    return {canonicalize_name(name): Entry(place=source_place(text, name), value=table[name]) for name in table}


def source_place(text: str, name: str) -> str:
    """Return the line of an entry as `:line`, or its key path."""
    quoted = rf"(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')"
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := re.match(r"\s*\[+([^\]]+)\]+\s*(#.*)?$", line):
            table = re.sub(r"\s", "", found[1])
            if re.fullmatch(rf"{re.escape(_TABLE)}\.{quoted}", table):
                return f":{number}"
        elif table == _TABLE and re.match(rf"\s*{quoted}\s*[.=]", line):
            return f":{number}"
    return f"{_TABLE}.{name}"


def _reference(row: Mapping[str, Any]) -> str:
    subdirectory = str(row.get("subdirectory", ""))
    if isinstance(git := row.get("git"), str):
        revision = next((str(row[key]) for key in ("rev", "tag", "branch") if row.get(key)), "")
        return git_reference(git, revision=revision, subdirectory=subdirectory)
    if isinstance(url := row.get("url"), str):
        return url_reference(url, subdirectory=subdirectory)
    if isinstance(path := row.get("path"), str):
        return path_reference(path, subdirectory=subdirectory)
    raise NotDirect(f"it states none of git, url, path and index, but {', '.join(row) or 'nothing'}", _WHOLE)
