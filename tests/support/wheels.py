"""Small wheels, made by the tests."""

from __future__ import annotations

import base64
import hashlib
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

DATE = (2020, 1, 1, 0, 0, 0)


def record_line(name: str, data: bytes) -> str:
    """Return a line of RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    field = f'"{name}"' if "," in name else name
    return f"{field},sha256={digest},{len(data)}"


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


def deflated(data: bytes) -> bytes:
    """Return a raw deflate stream."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def write_raw(path: Path, members: Mapping[str, bytes], streams: Mapping[str, tuple[bytes, bytes]]) -> Path:
    """Write a zip whose `streams` are (bytes as they lie in the file, content that size and CRC claim)."""
    body, directory = b"", b""
    raw = {**{name: (deflated(data), data) for name, data in members.items()}, **streams}
    for name, (stream, claimed) in raw.items():
        sizes = (zlib.crc32(claimed), len(stream), len(claimed), len(name))
        common = struct.pack("<5H3L2H", 20, 0, zipfile.ZIP_DEFLATED, 0, 33, *sizes, 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + common
        directory += struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, len(body)) + name.encode()
        body += b"PK\x03\x04" + common + name.encode() + stream
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(raw), len(raw), len(directory), len(body), 0)
    path.write_bytes(body + directory + end)
    return path


def smuggler(folder: Path) -> Path:
    """Return a wheel with a member whose bytes are two gzip members when a gzip header stands before them.

    Size and CRC are those of the second one, RECORD fits: only inflating shows that the stream ends early.
    """
    claimed, hidden = b"Y = 2\n".ljust(512), b"X = 1\n".ljust(512) + b"../evil".ljust(512, b"\0")
    stream = deflated(hidden) + struct.pack("<2L", zlib.crc32(hidden), len(hidden))
    stream += b"\x1f\x8b\x08" + b"\0" * 6 + b"\xff" + deflated(claimed)
    members = wheel_members("bad", "1.0", {"bad.py": claimed})
    return write_raw(folder / "bad-1.0-py3-none-any.whl", members, {"bad.py": (stream, claimed)})


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
