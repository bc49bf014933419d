"""Where an index alias lies: on this machine, in a variable or pip.conf, else as a checked-in file says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from python_env.base.errors import Fault, ToolError
from python_env.lock.index import Index
from python_env.requirements.model import Indexes

DEFAULT = "default"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One index, as this machine reaches it; never holds credentials."""

    alias: str
    url: str
    """http, https or file URL without a final slash."""
    flat: bool = False
    """One page (or folder) with links to files, instead of one page per project."""
    login: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Return text without the password."""
        return f"Place({self.alias!r}, {self.url!r})"

    @property
    def is_folder(self) -> bool:
        """Return whether it is a folder of this machine."""
        return self.url.startswith("file:")

    @property
    def folder(self) -> Path:
        """Return the folder of a file URL."""
        return Path(unquote(urlsplit(self.url).path))


def variable(alias: str) -> str:
    """Return the environment variable that says where an alias lies."""
    return "PIP_INDEX_URL" if alias == DEFAULT else f"PYTHON_ENV_INDEX_{alias.upper().replace('-', '_')}"


def how_to_point(alias: str) -> str:
    """Return, for a person, what says where an alias lies."""
    if alias == DEFAULT:
        return "PIP_INDEX_URL or pip.conf"
    return f"{variable(alias)}, or index-{alias} in section [python-env] of pip.conf"


def parse_place(alias: str, text: str, root: Path) -> Place:
    """Return the place that a URL or a path means; relative paths lie below `root`.

    Raises ToolError when it is neither.
    """
    flat = text.startswith("flat+")
    url = text.removeprefix("flat+").rstrip("/")
    if re.match(r"(https?|file)://", url):
        return _parse_url(alias, url, flat=flat)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", url):
        raise ToolError.one(
            f"index alias {alias} is neither an http URL nor a folder",
            where=f"index alias {alias}",
            fix=f"give it another place: {how_to_point(alias)}",
        )
    folder = Path(os.path.normpath(root / Path(url).expanduser())).absolute()
    return Place(alias=alias, url=f"file://{quote(str(folder))}", flat=True)


def _parse_url(alias: str, url: str, *, flat: bool) -> Place:
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        login, password = unquote(parts.username or ""), unquote(parts.password or "")
        _ = parts.port
    except ValueError:
        raise ToolError.one(
            f"index alias {alias} has no URL that can be read",
            where=f"index alias {alias}",
            fix=f"mend it: {how_to_point(alias)}",
        ) from None
    clean = urlunsplit((parts.scheme, host, parts.path, "", ""))
    return Place(alias=alias, url=clean, flat=flat or parts.scheme == "file", login=login, password=password)


def find_places(indexes: Indexes, default: Index, environ: Mapping[str, str], root: Path) -> dict[str, Place]:
    """Return where every alias lies.

    Raises ToolError with all that are not known on this machine.
    """
    faults: list[Fault] = []
    places: dict[str, Place] = {}
    stated = dict(indexes.urls)
    for alias in indexes.aliases:
        text = default.url if alias == DEFAULT else _text(alias, default, environ) or stated.get(alias, "")
        if not text:
            what = f"where index alias {alias} lies is not known on this machine"
            faults.append(Fault(what, "indexes, index_bindings", f"set {how_to_point(alias)}"))
            continue
        try:
            places[alias] = parse_place(alias, text, root)
        except ToolError as error:
            faults += error.faults
    if faults:
        raise ToolError(faults)
    return places


def _text(alias: str, default: Index, environ: Mapping[str, str]) -> str:
    return environ.get(variable(alias), "") or dict(default.others).get(alias, "")


def origins(places: Mapping[str, Place]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the origin of every place that has credentials of its own, and these."""
    for place in places.values():
        if place.login or place.password:
            yield origin(place.url), (place.login, place.password)


def origin(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
