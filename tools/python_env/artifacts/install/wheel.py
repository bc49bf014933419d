"""One wheel, opened: its entries, its dist-info, its entry points (binary distribution format specification)."""

from __future__ import annotations

import configparser
import dataclasses
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from pathlib import Path

from python_env.base.archive.zip_read import Entry, ZipSource
from python_env.base.distribution_names import canonical_name
from python_env.base.errors import Fault, ToolError
from python_env.base.versions import version_key
from python_env.base.wheel_record import Row, read_record
from python_env.env.model import Wheel

_SUPPORTED_MAJOR = 1
_SHEBANG = b"#!python"
_WHEEL_VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}")
_ENTRY_POINT = re.compile(r"(?P<module>[\w.]+)(?::(?P<attribute>[\w.]+))?\s*(?:\[[^\]]*\])?")
_SCRIPT_NAME = re.compile(r"(?!\.+$)[A-Za-z0-9_.][A-Za-z0-9_.@+ -]*")
_METADATA_NAME = re.compile(r"^Name:[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_METADATA_VERSION = re.compile(r"^Version:[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_END_OF_HEADERS = re.compile(r"^\r?\n", re.MULTILINE)
_NO_SECTION = ""
"""Name of ConfigParser's section of defaults, which no file can have: in entry points [DEFAULT] is like any other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A console or gui script that an installer has to make."""

    name: str
    module: str
    attribute: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelFile:
    """An open wheel."""

    wheel: Wheel
    source: ZipSource
    dist_info: str
    """Folder of the metadata, without a slash."""
    data: str
    """Folder of the other schemes: `<distribution>-<version>.data`."""
    metadata: Mapping[str, Entry]
    """The members of dist-info, by their whole names."""
    scripts: tuple[Script, ...]
    python_scripts: Mapping[str, bytes] = field(default_factory=dict)
    """By member, the content of scripts that an interpreter is to be written into (`#!python`)."""
    compiled: ZipSource | None = None
    """The wheel's compiled files by their places in the installed tree, where there shall be such."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return all members."""
        return self.source.entries

    def read(self, name: str) -> bytes:
        """Return the content of a member of dist-info."""
        return self.source.read(self.metadata[name])

    def core_metadata(self) -> str:
        """Return METADATA as text, whatever in it is no UTF-8."""
        return self.read(f"{self.dist_info}/METADATA").decode("utf-8", errors="replace")

    def record(self) -> dict[str, Row]:
        """Return the rows of RECORD, read anew: they take more room than the table of contents.

        Raises ToolError when it is no RECORD of this wheel's files.
        """
        return read_record(self.source)

    def error(self, what: str, where: str) -> ToolError:
        """Return an error about this wheel."""
        return ToolError(
            [Fault(what, f"{self.wheel.file}: {where}", f"constrain {self.wheel.name} to another version")]
        )


def is_dotted_name(text: str) -> bool:
    """Return whether Python can import `text`, or look it up: identifiers with dots, no keyword."""
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))


def open_wheel(wheel: Wheel, path: Path) -> WheelFile:
    """Return an open wheel after checking that it is what its name says, and of a version that is understood.

    Raises ToolError when there is not exactly one dist-info, or WHEEL, METADATA, RECORD or entry points are not usable.
    """
    source = ZipSource(path)
    tops: dict[str, str] = {}
    for entry in source.entries:
        tops.setdefault(entry.name.partition("/")[0], entry.name)
    folders = sorted(top for top in tops if top.endswith(".dist-info"))
    if len(folders) != 1 or canonical_name(folders[0].removesuffix(".dist-info").rsplit("-", 1)[0]) != wheel.name:
        raise source.error(f"expected one dist-info folder of {wheel.name}, found {', '.join(folders) or 'none'}")
    dist_info = folders[0]
    metadata = {entry.name: entry for entry in source.entries if entry.name.startswith(f"{dist_info}/")}
    for name in ("METADATA", "WHEEL", "RECORD"):
        if f"{dist_info}/{name}" not in metadata:
            raise source.error(f"there is no {name}", dist_info)
    opened = WheelFile(
        wheel=wheel,
        source=source,
        dist_info=dist_info,
        data=dist_info.removesuffix(".dist-info") + ".data",
        metadata=metadata,
        scripts=(),
    )
    _check_data(opened, tops)
    _check_version(opened)
    _check_metadata(opened)
    return dataclasses.replace(opened, scripts=_scripts(opened), python_scripts=_python_scripts(opened))


def _python_scripts(opened: WheelFile) -> dict[str, bytes]:
    folder = f"{opened.data}/scripts/"
    scripts = (entry for entry in opened.entries if entry.name.startswith(folder))
    found = (entry for entry in scripts if opened.source.head(entry, len(_SHEBANG)) == _SHEBANG)
    return {entry.name: opened.source.read(entry) for entry in found}


def _text(opened: WheelFile, name: str) -> str:
    try:
        return opened.read(name).decode("utf-8")
    except UnicodeDecodeError:
        raise opened.error("not UTF-8", name) from None


def _check_version(opened: WheelFile) -> None:
    name = f"{opened.dist_info}/WHEEL"
    versions = HeaderParser().parsestr(_text(opened, name)).get_all("Wheel-Version", [])
    version = ", ".join(versions)
    if not _WHEEL_VERSION.fullmatch(version):
        raise opened.error(f"Wheel-Version is {version!r}", name)
    if int(version.split(".")[0]) > _SUPPORTED_MAJOR:
        raise opened.error(f"Wheel-Version {version} is newer than {_SUPPORTED_MAJOR}.x", name)


def _check_data(opened: WheelFile, tops: Mapping[str, str]) -> None:
    """Refuse a `*.data` folder of another name than the dist-info: some installers take it for one, some do not.

    `tops` is each name at the top to the first member that has it.
    """
    for top, first in tops.items():
        if top != first and top.endswith(".data") and top != opened.data:
            raise opened.error(f"expected {opened.data} as the only *.data folder, found {top}", first)


def _check_metadata(opened: WheelFile) -> None:
    name = f"{opened.dist_info}/METADATA"
    text = _END_OF_HEADERS.split(opened.core_metadata(), maxsplit=1)[0]
    match = _METADATA_NAME.search(text)
    found = match[1] if match else ""
    if canonical_name(found) != opened.wheel.name:
        raise opened.error(f"METADATA is of {found!r}, expected {opened.wheel.name}", name)
    match = _METADATA_VERSION.search(text)
    found = match[1] if match else ""
    if version_key(found) is None or version_key(found) != version_key(opened.wheel.version):
        raise opened.error(f"METADATA is of version {found!r}, locked is {opened.wheel.version}", name)


def _scripts(opened: WheelFile) -> tuple[Script, ...]:
    name = f"{opened.dist_info}/entry_points.txt"
    if name not in opened.metadata:
        return ()
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False, default_section=_NO_SECTION)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names of scripts keep their case
    try:
        parser.read_string(_text(opened, name))
    except configparser.Error as error:
        raise opened.error(f"not readable: {str(error).splitlines()[0]}", name) from None
    sections = [section for section in ("console_scripts", "gui_scripts") if parser.has_section(section)]
    pairs = [pair for section in sections for pair in sorted(parser.items(section))]
    scripts = {pair: _script(*pair) for pair in pairs}
    bad = [
        f"not an entry point: {f'{script} = {target}'!r}" for (script, target), found in scripts.items() if not found
    ]
    if bad:
        raise ToolError(fault for what in bad for fault in opened.error(what, name).faults)
    return tuple(script for script in map(scripts.__getitem__, pairs) if script)


def _script(script: str, target: str) -> Script | None:
    match = _ENTRY_POINT.fullmatch(target.strip())
    named = match is not None and all(is_dotted_name(match[part] or "") for part in ("module", "attribute"))
    if match is None or not named or not _SCRIPT_NAME.fullmatch(script):
        return None
    return Script(name=script, module=match["module"], attribute=match["attribute"])
