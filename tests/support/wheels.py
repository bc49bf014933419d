"""Small wheels, made by the tests."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

DATE = (2020, 1, 1, 0, 0, 0)


def record_line(name: str, data: bytes) -> str:
    """Return a line of RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}"


def wheel_members(
    name: str,
    version: str,
    files: Mapping[str, bytes],
    *,
    requires: tuple[str, ...] = (),
    entry_points: str = "",
    wheel_version: str = "1.0",
) -> dict[str, bytes]:
    """Return the members of a wheel, dist-info and RECORD included."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
    members = {
        **files,
        f"{info}/METADATA": ("\n".join(metadata) + "\n").encode(),
        f"{info}/WHEEL": f"Wheel-Version: {wheel_version}\nRoot-Is-Purelib: true\nTag: py3-none-any\n".encode(),
    }
    if entry_points:
        members[f"{info}/entry_points.txt"] = entry_points.encode()
    record = [record_line(member, data) for member, data in members.items()]
    return {**members, f"{info}/RECORD": ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()}


def write_zip(path: Path, members: Mapping[str, bytes], *, modes: Mapping[str, int] | None = None) -> Path:
    """Write members as a deflated zip with a fixed clock."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (modes or {}).get(name, 0o100644) << 16
            archive.writestr(info, data)
    return path


def make_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    files: Mapping[str, bytes] | None = None,
    *,
    requires: tuple[str, ...] = (),
    entry_points: str = "",
    tag: str = "py3-none-any",
    wheel_version: str = "1.0",
    modes: Mapping[str, int] | None = None,
) -> Path:
    """Write a wheel with one module of its own name, unless `files` says otherwise."""
    contents = files if files is not None else {f"{name}/__init__.py": f"NAME = {name!r}\n".encode()}
    members = wheel_members(
        name, version, contents, requires=requires, entry_points=entry_points, wheel_version=wheel_version
    )
    return write_zip(folder / f"{name}-{version}-{tag}.whl", members, modes=modes)


def sha256(path: Path) -> str:
    """Return the hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
