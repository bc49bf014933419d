"""The part of the pex distribution that every PEX carries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from python_env.base.archive.zip_read import Entry, ZipSource
from python_env.base.archive.zip_write import ZipWriter
from python_env.base.errors import ToolError

_PACKAGES = frozenset({"cache", "fetcher", "fs", "repl", "third_party", "venv", "windows"})
"""Sub-packages of pex that its own builder puts into a bootstrap (pex.pex_builder, _prepare_bootstrap)."""

_TOOLS = frozenset({"commands", "tools"})
"""More of them, for PEX_TOOLS=1."""

_VENDORED = frozenset(
    {"appdirs", "appdirs.py", "attr", "colors", "packaging", "pkg_resources", "pyparsing", "pyparsing.py"}
)
"""What of pex's vendored distributions runs at boot time (pex.vendor.vendor_runtime)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bootstrap:
    """The boot code, as it lies in the wheel of pex."""

    source: ZipSource
    version: str
    entries: tuple[Entry, ...]
    boot: str
    """Code of `__main__.py` without the call that has this PEX's values."""

    @property
    def digest(self) -> str:
        """Return the key of the unpacked bootstrap below PEX_ROOT: over every name and content."""
        rows = "".join(f"{entry.name} {entry.size} {entry.crc}\n" for entry in self.entries)
        return hashlib.sha1(f"rules_python_env {self.version}\n{rows}".encode()).hexdigest()

    @property
    def size(self) -> int:
        """Return the bytes of all entries as they are stored."""
        return sum(entry.compressed for entry in self.entries)

    def write(self, archive: ZipWriter, folder: str) -> None:
        """Append every file below `folder`, which is empty or ends with a slash."""
        for entry in self.entries:
            sizes = (entry.compressed, entry.size)
            pieces = self.source.raw(entry)
            archive.add_raw(folder + entry.name, pieces, method=entry.method, crc=entry.crc, sizes=sizes)


def open_bootstrap(path: Path, *, tools: bool) -> Bootstrap:
    """Return the bootstrap that the pex distribution's wheel holds; raises ToolError for the wheel of another one."""
    source = ZipSource(path)
    packages = _PACKAGES | _TOOLS if tools else _PACKAGES
    entries = tuple(sorted(entry for entry in source.entries if _is_bootstrap(entry.name, packages)))
    return Bootstrap(
        source=source, version=path.name.split("-")[1], entries=entries, boot=read_source(source, "pex/pex_boot.py")
    )


def read_source(source: ZipSource, name: str) -> str:
    """Return a module of the pex distribution; raises ToolError when it is another distribution's wheel."""
    entry = next((entry for entry in source.entries if entry.name == name), None)
    if entry is None:
        raise ToolError.one(f"not a wheel of pex: there is no {name}", where=source.name, fix="lock pex >= 2.60")
    return source.read(entry).decode()


def _is_bootstrap(name: str, packages: frozenset[str]) -> bool:
    parts = name.split("/")
    if parts[0] != "pex" or name.endswith(".pyc"):
        return False
    if parts[1] == "vendor":
        return _is_vendored(parts[2:])
    return len(parts) == 2 or parts[1] in packages


def _is_vendored(parts: Sequence[str]) -> bool:
    if parts in (["__init__.py"], ["_vendored", "__init__.py"]):
        return True
    if len(parts) < 3 or parts[0] != "_vendored":
        return False
    return parts[2] in _VENDORED or (len(parts) == 3 and parts[2] == "__init__.py")
