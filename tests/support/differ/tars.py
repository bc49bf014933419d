"""Differences of two tars, and of the gzip members that they are wrapped in."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from dataclasses import dataclass

from support.differ.model import Compare, Difference, field_difference, raw_difference, walk

_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"
_HEADER = struct.Struct("<2s2BL2B")
_HEADER_CRC, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16


@dataclass(frozen=True, slots=True)
class GzipMember:
    """One of the members that a gzip file consists of (RFC 1952)."""

    offset: int
    fields: dict[str, object]
    """Of its header."""
    begin: int
    """Offset of its deflate stream."""
    end: int
    """Offset behind its CRC and size."""


def is_gzip(data: bytes) -> bool:
    """Tell whether a gzip begins there."""
    return data.startswith(_GZIP)


def gunzip(data: bytes) -> tuple[bytes, list[GzipMember]]:
    """Return the content and the members; raises ValueError, struct.error and zlib.error for what is no gzip."""
    contents, members, offset = [], [], 0
    while offset < len(data):
        fields, begin = _header(data, offset)
        stream, position = zlib.decompressobj(-15), begin
        while not stream.eof:
            chunk = data[position : position + _CHUNK]
            if not chunk:
                raise ValueError(f"the deflate stream at byte {begin} has no end")
            contents.append(stream.decompress(chunk))
            position += len(chunk) - len(stream.unused_data)
        members.append(GzipMember(offset, fields, begin, position + 8))
        offset = position + 8
    return b"".join(contents), members


def _header(data: bytes, offset: int) -> tuple[dict[str, object], int]:
    magic, method, flags, mtime, extra_flags, system = _HEADER.unpack(data[offset : offset + _HEADER.size])
    if magic != _GZIP:
        raise ValueError(f"no gzip member begins at byte {offset}")
    fields: dict[str, object] = {"method": method, "flags": flags, "mtime": mtime, "extra flags": extra_flags}
    fields["system"] = system
    begin = end = offset + _HEADER.size
    if flags & _EXTRA:
        end += 2 + struct.unpack("<H", data[end : end + 2])[0]
    for flag in (_NAME, _COMMENT):
        end = data.index(b"\0", end) + 1 if flags & flag else end
    end += 2 if flags & _HEADER_CRC else 0
    return {**fields, "extra field, name and comment": data[begin:end]}, end


def gzip_difference(one: bytes, other: bytes, compare: Compare) -> Difference | None:
    """Return how the contents differ; where they are equal, which gzip member is framed in another way."""
    (content, members), (other_content, other_members) = gunzip(one), gunzip(other)
    if content != other_content:
        return compare(content, other_content)
    for member, theirs in zip(members, other_members, strict=False):
        found = field_difference(member.fields, theirs.fields) or raw_difference(
            one[member.begin : member.end], other[theirs.begin : theirs.end], "deflate stream", start=member.begin
        )
        if found:
            return found.inside(f"gzip member at byte {member.offset}")
    return None


def is_tar(data: bytes) -> bool:
    """Tell whether a POSIX or GNU tar begins there."""
    return data[257:262] == b"ustar"


def tar_difference(one: bytes, other: bytes, compare: Compare) -> Difference | None:
    """Return the first difference that parsing finds; raises tarfile.TarError for a damaged archive."""
    found = [_members(data) for data in (one, other)]
    names = [[member.name for member in members] for members in found]

    def member(index: int) -> Difference | None:
        return _member_difference((one, found[0][index]), (other, found[1][index]), compare)

    return walk(names[0], names[1], member)


def _members(data: bytes) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getmembers()


def _fields(info: tarfile.TarInfo) -> dict[str, object]:
    return {
        "type": info.type,
        "mode": f"{info.mode:o}",
        "mtime": info.mtime,
        "owner": (info.uid, info.gid, info.uname, info.gname),
        "link": info.linkname,
        "device": (info.devmajor, info.devminor),
        "pax headers": info.pax_headers,
    }


def _member_difference(
    one: tuple[bytes, tarfile.TarInfo], other: tuple[bytes, tarfile.TarInfo], compare: Compare
) -> Difference | None:
    contents = [data[info.offset_data : info.offset_data + info.size] for data, info in (one, other)]
    headers = [data[info.offset : info.offset_data] for data, info in (one, other)]
    return (
        field_difference(_fields(one[1]), _fields(other[1]))
        or compare(contents[0], contents[1])
        or raw_difference(headers[0], headers[1], "tar header", start=one[1].offset)
    )
