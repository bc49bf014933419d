"""Differences of two zips (wheels, PEXes): fields and contents of the members, their streams, what stands around."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from support.differ.model import Compare, Difference, field_difference, raw_difference, walk

_LOCAL = struct.Struct("<4s5H3L2H")
_LOCAL_FIELDS = ("signature", "needed", "flags", "method", "time", "date", "CRC", "compressed size", "size", "", "")


def is_zip(data: bytes) -> bool:
    """Tell whether a zip ends there; a PEX begins with a line of text."""
    return zipfile.is_zipfile(io.BytesIO(data))


def zip_difference(one: bytes, other: bytes, compare: Compare) -> Difference | None:
    """Return the first difference that parsing finds; raises what zipfile does for a damaged archive."""
    archives = [zipfile.ZipFile(io.BytesIO(data)) for data in (one, other)]
    infos = [archive.infolist() for archive in archives]
    names = [[info.filename for info in found] for found in infos]

    def member(index: int) -> Difference | None:
        return _member_difference((one, infos[0][index]), (other, infos[1][index]), compare)

    if found := raw_difference(_head(one, infos[0]), _head(other, infos[1]), "text before the zip"):
        return found
    if found := walk(names[0], names[1], member):
        return found
    return raw_difference(archives[0].comment, archives[1].comment, "archive comment")


def _head(data: bytes, infos: list[zipfile.ZipInfo]) -> bytes:
    return data[: min((info.header_offset for info in infos), default=0)]


def _fields(info: zipfile.ZipInfo) -> dict[str, object]:
    return {
        "mode": f"{info.external_attr >> 16:o}",
        "mtime": info.date_time,
        "flags": info.flag_bits,
        "method": info.compress_type,
        "extra field": info.extra.hex(),
        "comment": info.comment,
        "made by": (info.create_system, info.create_version),
        "needed": info.extract_version,
        "attributes": (info.external_attr & 0xFFFF, info.internal_attr, info.volume),
    }


def _late_fields(info: zipfile.ZipInfo) -> dict[str, object]:
    """Return what follows from the content, unless it lies."""
    return {
        "CRC": f"{info.CRC:08x}",
        "size": info.file_size,
        "compressed size": info.compress_size,
        "offset of its local header": info.header_offset,
    }


def _member_difference(
    one: tuple[bytes, zipfile.ZipInfo], other: tuple[bytes, zipfile.ZipInfo], compare: Compare
) -> Difference | None:
    if found := field_difference(_fields(one[1]), _fields(other[1])):
        return found
    (header, start, raw), (other_header, _, other_raw) = _stream(*one), _stream(*other)
    return (
        compare(_content(one[1], raw), _content(other[1], other_raw))
        or raw_difference(raw, other_raw, "deflate stream", start=start)
        or field_difference(_late_fields(one[1]), _late_fields(other[1]))
        or _header_difference(header, other_header)
    )


def _stream(data: bytes, info: zipfile.ZipInfo) -> tuple[bytes, int, bytes]:
    """Return a member's local header, the offset of its data and its bytes as they lie in the archive."""
    fixed = info.header_offset + _LOCAL.size
    *_, name, extra = _LOCAL.unpack(data[info.header_offset : fixed])
    start = fixed + name + extra
    return data[info.header_offset : start], start, data[start : start + info.compress_size]


def _content(info: zipfile.ZipInfo, raw: bytes) -> bytes:
    """Return the content, whatever CRC is stated."""
    return zlib.decompressobj(-15).decompress(raw) if info.compress_type == zipfile.ZIP_DEFLATED else raw


def _header_difference(one: bytes, other: bytes) -> Difference | None:
    fields = [dict(zip(_LOCAL_FIELDS, _LOCAL.unpack(data[: _LOCAL.size]), strict=False)) for data in (one, other)]
    found = field_difference(*fields) or raw_difference(
        one[_LOCAL.size :], other[_LOCAL.size :], "name and extra field"
    )
    return found.inside("local header") if found else None
