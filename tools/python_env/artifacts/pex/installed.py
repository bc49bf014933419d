"""Installed trees inside a PEX (`pre_installed`): a folder per wheel, as pex.pep_427 and pex.installed_wheel have it.

A wheel's own members are copied as they are. Scripts of entry points are left to pex, which makes them anew for the
interpreter that it installs for.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import Any

from python_env.artifacts.install.plan import LEFT_OUT, PlannedFile, quoted, record_row
from python_env.artifacts.install.wheel import WheelFile
from python_env.base.archive.zip_write import ZipWriter

_STASH = ".prefix"
_LAYOUT = ".layout.json"
_FILE_TYPE = {False: 0o100644 << 16, True: 0o100755 << 16}
_CLOCK = [1980, 1, 1, 0, 0, 0]


@dataclass(frozen=True, kw_only=True, slots=True)
class InstalledTree:
    """One wheel's folder below `.deps`."""

    name: str
    """The wheel's file name."""
    key: str
    """Digest of every path and content: the folder's key below PEX_ROOT."""
    files: tuple[PlannedFile, ...]
    """Sorted by path, which is relative to the folder."""

    @property
    def size(self) -> int:
        """Return the bytes of all files as they are stored."""
        return sum(file.entry.compressed if file.entry else len(file.data) for file in self.files)

    def write(self, archive: ZipWriter, folder: str) -> None:
        """Append every file below `folder`, which is empty or ends with a slash."""
        for file in self.files:
            if file.source is None or file.entry is None:
                archive.add_bytes(folder + file.path, file.data, executable=file.executable)
                continue
            entry = file.entry
            archive.add_raw(
                folder + file.path,
                file.source.raw(entry),
                method=entry.method,
                crc=entry.crc,
                sizes=(entry.compressed, entry.size),
                executable=file.executable,
            )


def plan_tree(wheel: WheelFile) -> InstalledTree:
    """Return the tree of a wheel.

    Raises ToolError for a member of `*.data` of an unknown scheme.
    """
    headers = HeaderParser().parsestr(wheel.read(f"{wheel.dist_info}/WHEEL").decode())
    pure = headers.get("Root-Is-Purelib", "").strip().lower() == "true"
    schemes = _schemes(wheel, headers.get_all("Tag", []), pure=pure)
    files = list({file.path: file for file in (*_members(wheel, schemes), _original(wheel))}.values())
    said = wheel.record()
    rows = {file.path: record_row(file, said) for file in files}
    record = f"{wheel.dist_info}/RECORD"
    lines = [*(f"{quoted(path)},{row}" for path, row in rows.items()), f"{quoted(record)},,"]
    data = ("\n".join(sorted(lines)) + "\n").encode()
    files.append(_own(wheel, record, data))
    key = hashlib.sha256(b"rules_python_env installed tree\n" + data).hexdigest()
    files.append(_own(wheel, _LAYOUT, _layout(files, record, key, pure=pure)))
    return InstalledTree(name=wheel.wheel.file, key=key, files=tuple(sorted(files, key=lambda file: file.path)))


def _members(wheel: WheelFile, schemes: dict[str, str]) -> Iterator[PlannedFile]:
    info, data = wheel.dist_info + "/", wheel.data + "/"
    for entry in wheel.entries:
        name = entry.name
        cached = name.endswith(".pyc") and name.split("/")[-2:-1] == ["__pycache__"]
        if cached or (name.startswith(info) and name[len(info) :] in LEFT_OUT):
            continue
        path, executable = name, entry.executable
        if name.startswith(data):
            scheme, _, rest = name[len(data) :].partition("/")
            if scheme not in schemes or not rest:
                raise wheel.error(f"unknown scheme {scheme!r}", name)
            path, executable = schemes[scheme] + rest, executable or scheme == "scripts"
        elif name.split("/")[0] in (_STASH, _LAYOUT):
            raise wheel.error("a member would overwrite a part of the PEX", name)
        yield PlannedFile(path=path, owner=wheel.wheel.file, executable=executable, source=wheel.source, entry=entry)


def _schemes(wheel: WheelFile, tags: list[str], *, pure: bool) -> dict[str, str]:
    """Return the folder of each `*.data` scheme (pex.pep_427, InstallPaths.chroot)."""
    name = HeaderParser().parsestr(wheel.core_metadata()).get("Name", "")
    return {
        "data": f"{_STASH}/data/",
        "headers": f"{_STASH}/include/site/python{_python_of(tags)}/{name.strip()}/",
        "platlib": f"{_STASH}/platlib/" if pure else "",
        "purelib": "" if pure else f"{_STASH}/purelib/",
        "scripts": f"{_STASH}/bin/",
    }


def _python_of(tags: list[str]) -> str:
    """Return the X.Y of a wheel that is for one X.Y only, else the letters X.Y themselves."""
    pythons = {python for tag in tags for python in tag.partition("-")[0].split(".")}
    found = {match[0] for python in pythons if (match := re.search(r"\d+(?:_\d+)*", python))}
    versions = {tuple(text.split("_")) if "_" in text else (text[0], text[1:]) for text in found}
    only = next(iter(versions)) if len(versions) == 1 else ("X", "Y")
    return ".".join(only[:2]) if all(only) else "X.Y"


def _original(wheel: WheelFile) -> PlannedFile:
    """Return what `pex-tools repository extract` makes the wheel from again; the clock is ours."""
    entries = [[entry.name, _CLOCK, _FILE_TYPE[entry.executable]] for entry in wheel.entries]
    path = f"{wheel.dist_info.removesuffix('.dist-info')}.pex-info/original-whl-info.json"
    return _own(wheel, path, _dump({"entries": entries, "filename": wheel.wheel.file}))


def _layout(files: list[PlannedFile], record: str, key: str, *, pure: bool) -> bytes:
    other = f"{_STASH}/platlib" if pure else f"{_STASH}/purelib"
    beside = [other] if any(file.path.startswith(other + "/") for file in files) else []
    return _dump(
        {
            "fingerprint": key,
            "record_relpath": record,
            "root_is_purelib": pure,
            "stash_dir": _STASH,
            "sys_path_entries": [".", *beside],
        }
    )


def _own(wheel: WheelFile, path: str, data: bytes) -> PlannedFile:
    return PlannedFile(path=path, owner=wheel.wheel.file, data=data)


def _dump(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
