"""Pages of an index, in HTML (PEP 503) or JSON (PEP 691), that say of their wheels what a test wants."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from support.index_server import IndexServer, Reply
from support.wheels import sha256

JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A wheel, and what the page says of it."""

    wheel: Path
    states: str = ""
    """The field that states the METADATA beside the wheel: core-metadata, dist-info-metadata, or none."""
    digest: str | None = None
    """The sha256 that the page states of it; None: the right one, empty: none."""
    beside: bytes | None = None
    """What is served beside the wheel; None: nothing."""
    requires_python: str = ""
    upload_time: str = ""
    yanked: str | None = None

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields by their JSON names."""
        digest = hashlib.sha256(self.beside or b"").hexdigest() if self.digest is None else self.digest
        found = {"requires-python": self.requires_python, "upload-time": self.upload_time}
        found |= {self.states: f"sha256={digest}" if digest else "true"} if self.states else {}
        return {key: value for key, value in found.items() if value}


def metadata_of(wheel: Path) -> bytes:
    """Return the METADATA in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA")))


def beside(wheel: Path, states: str = "core-metadata", **more: Any) -> Served:
    """Return a wheel with its own METADATA beside it."""
    return Served(**{"wheel": wheel, "states": states, "beside": metadata_of(wheel), **more})


def serve(server: IndexServer, name: str, *files: Served, as_json: bool = False) -> None:
    """Let a server have a project, with relative links."""
    for each in files:
        server.replies[f"/files/{each.wheel.name}"] = Reply(each.wheel.read_bytes(), kind="application/zip")
        if each.beside is not None:
            server.replies[f"/files/{each.wheel.name}.metadata"] = Reply(each.beside, kind="text/plain")
    page = Reply(_json(name, files), kind=JSON) if as_json else Reply(_html(files))
    server.replies[f"/simple/{name}/"] = page


def _html(files: tuple[Served, ...]) -> bytes:
    return "\n".join(map(_anchor, files)).encode()


def _anchor(each: Served) -> str:
    fields = {**each.fields, **({} if each.yanked is None else {"yanked": each.yanked})}
    words = " ".join(f'data-{key}="{escape(value)}"' for key, value in fields.items())
    target = f"../../files/{quote(each.wheel.name)}#sha256={sha256(each.wheel)}"
    return f'<a href="{target}" {words}>{each.wheel.name}</a>'


def _json(name: str, files: tuple[Served, ...]) -> bytes:
    return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": list(map(_row, files))}).encode()


def _row(each: Served) -> Mapping[str, Any]:
    fields: dict[str, Any] = dict(each.fields)
    if each.states:
        text = fields[each.states]
        fields[each.states] = {"sha256": text.removeprefix("sha256=")} if "=" in text else True
    return {
        "filename": each.wheel.name,
        "hashes": {"sha256": sha256(each.wheel)},
        "size": each.wheel.stat().st_size,
        "url": f"../../files/{quote(each.wheel.name)}",
        "yanked": each.yanked if each.yanked else each.yanked is not None,
        **fields,
    }
