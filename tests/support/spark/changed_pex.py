"""A PEX with other options than it was built with, as if they had been asked for: PEX-INFO is written anew."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.wheels import wheel_members, write_zip


def changed_pex(source: Path, target: Path, *, wheel: Path | None = None, **info: Any) -> Path:
    """Write a copy of a PEX file with these fields of PEX-INFO, and with one more wheel."""
    with zipfile.ZipFile(source) as old, target.open("wb") as file:
        file.write(source.read_bytes()[: min(entry.header_offset for entry in old.infolist())])
        said: dict[str, Any] = {**json.loads(old.read("PEX-INFO")), **info}
        with zipfile.ZipFile(file, "w") as new:
            for entry in old.infolist():
                if entry.filename != "PEX-INFO":
                    new.writestr(entry, old.read(entry))
            if wheel:
                data = wheel.read_bytes()
                said["distributions"] = {**said["distributions"], wheel.name: hashlib.sha256(data).hexdigest()}
                said["requirements"] = [*said["requirements"], wheel.name.partition("-")[0]]
                new.writestr(f".deps/{wheel.name}", data)
            new.writestr("PEX-INFO", json.dumps(said, sort_keys=True))
    target.chmod(0o755)
    return target


def small_wheel(folder: Path, name: str, version: str, files: Mapping[str, bytes]) -> Path:
    """Write a wheel of one package, and return its path."""
    return write_zip(folder / f"{name}-{version}-py3-none-any.whl", wheel_members(name, version, files))
