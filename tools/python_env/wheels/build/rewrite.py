"""A built wheel written anew: sorted, one clock, stored, so that equal contents are equal bytes."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from python_env.base.archive import FILE_MODE
from python_env.base.archive.output import open_output
from python_env.base.archive.zip_write import ZipWriter
from python_env.base.errors import ToolError


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One file of a wheel."""

    name: str
    data: bytes
    executable: bool


_SIGNATURES = ("RECORD", "RECORD.jws", "RECORD.p7s")
"""Of the bytes that the backend wrote, not of ours (PEP 427)."""


def read_members(wheel: Path, *, where: str = "") -> tuple[Member, ...]:
    """Return the files of a wheel, sorted by name, its dist-info last, without RECORD.

    Raises ToolError when it is no wheel: no zip, a cut one, names twice or outside, no METADATA or WHEEL.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [
                Member(
                    name=entry.filename, data=archive.read(entry), executable=bool(entry.external_attr >> 16 & 0o100)
                )
                for entry in archive.infolist()
                if not entry.is_dir()
            ]
        kept = [each for each in members if not any(_is(each, name) for name in _SIGNATURES)]
        _check(kept)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        what = f"the backend wrote no wheel: {error}"
        raise ToolError.one(what, where=where, fix="take another version of the source") from None
    return tuple(sorted(kept, key=lambda member: (".dist-info/" in member.name, member.name)))


def _check(members: Sequence[Member]) -> None:
    names = [each.name for each in members]
    if len(set(names)) != len(names):
        raise ValueError("it has a member twice")
    for name in names:
        if name.startswith("/") or ".." in name.split("/") or "\\" in name:
            raise ValueError(f"a member leaves it: {name!r}")
    for file in ("METADATA", "WHEEL"):
        found = [each for each in members if _is(each, file)]
        if len(found) != 1:
            raise ValueError(f"it has {len(found)} {file} files, not one")
        found[0].data.decode("utf-8")


def _is(member: Member, name: str) -> bool:
    folder, _, file = member.name.rpartition("/")
    return file == name and folder.endswith(".dist-info") and "/" not in folder


def member(members: tuple[Member, ...], name: str) -> str:
    """Return the text of a file of the dist-info folder."""
    return next((each.data.decode("utf-8") for each in members if _is(each, name)), "")


def wheel_tags(members: tuple[Member, ...]) -> tuple[str, ...]:
    """Return the tags that the WHEEL file states, sorted."""
    lines = member(members, "WHEEL").splitlines()
    return tuple(sorted(line.partition(":")[2].strip() for line in lines if line.lower().startswith("tag:")))


def retagged(members: tuple[Member, ...], tag: str) -> tuple[Member, ...]:
    """Return the files with WHEEL stating one tag."""
    lines = [line for line in member(members, "WHEEL").splitlines() if line and not line.lower().startswith("tag:")]
    text = "\n".join([*lines, f"Tag: {tag}", ""]).encode()
    return tuple(
        Member(name=each.name, data=text, executable=False) if _is(each, "WHEEL") else each for each in members
    )


def write_wheel(members: tuple[Member, ...], path: Path) -> None:
    """Write the files and their RECORD."""
    info = next(each.name.rpartition("/")[0] for each in members if _is(each, "METADATA"))
    with open_output(path, mode=FILE_MODE) as output:
        writer = ZipWriter(output)
        for each in members:
            writer.add_bytes(each.name, each.data, executable=each.executable)
        writer.add_bytes(f"{info}/RECORD", _record(members, f"{info}/RECORD"))
        writer.finish()


def _record(members: tuple[Member, ...], own: str) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for each in members:
        digest = base64.urlsafe_b64encode(hashlib.sha256(each.data).digest()).rstrip(b"=").decode()
        rows.writerow([each.name, f"sha256={digest}", len(each.data)])
    rows.writerow([own, "", ""])
    return text.getvalue().encode()
