"""Each kind of difference is named, of archives that are made to differ in one thing."""

from __future__ import annotations

import dataclasses
import functools
import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.differ import bytes_difference, path_difference

TEXT = b"".join(b"%d is a line\n" % number for number in range(300))


@dataclasses.dataclass(frozen=True)
class Member:
    """What a zip says of a member."""

    name: str = "a.py"
    data: bytes = TEXT
    mode: int = 0o100644
    date: tuple[int, int, int, int, int, int] = (2020, 1, 1, 0, 0, 0)
    method: int = zipfile.ZIP_DEFLATED
    extra: bytes = b""
    comment: bytes = b""
    system: int = 3
    level: int = 6


def make_zip(*members: Member, head: bytes = b"", comment: bytes = b"") -> bytes:
    """Return a zip of `members`."""
    whole = io.BytesIO()
    whole.write(head)
    with zipfile.ZipFile(whole, "a") as archive:
        archive.comment = comment
        for member in members:
            info = zipfile.ZipInfo(member.name, member.date)
            info.external_attr, info.compress_type = member.mode << 16, member.method
            info.extra, info.comment, info.create_system = member.extra, member.comment, member.system
            archive.writestr(info, member.data, compresslevel=member.level)
    return whole.getvalue()


def make_tar(*members: tuple[str, bytes], format: int = tarfile.GNU_FORMAT, **fields: Any) -> bytes:
    """Return a tar of `members`, whose headers all have `fields`."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=format) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in fields.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return whole.getvalue()


def packed(data: bytes, *, mtime: int = 0, system: int = 255, level: int = 9) -> bytes:
    """Return a gzip member."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
    raw = compressor.compress(data) + compressor.flush()
    header = b"\x1f\x8b\x08\0" + mtime.to_bytes(4, "little") + bytes([0, system])
    return header + raw + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")


def patched(data: bytes, mark: bytes, offset: int) -> bytes:
    """Return `data` with one bit changed, `offset` bytes behind the last `mark`."""
    place = data.rindex(mark) + offset
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


A, B = Member("a.py"), Member("b/RECORD", b"x\n")
ZIP = make_zip(A, B)
WHEEL_IN_PEX = functools.partial(Member, "d.whl", method=zipfile.ZIP_STORED)
TAR = make_tar(("bin/a", TEXT), ("lib/b", b"x\n"))
GZ = packed(TAR)


def zip_with(**changes: Any) -> bytes:
    """Return ZIP with another second member."""
    return make_zip(A, dataclasses.replace(B, **changes))


def tar_with(**fields: Any) -> bytes:
    """Return the tarball with other headers."""
    return packed(make_tar(("bin/a", TEXT), ("lib/b", b"x\n"), **fields))


CASES: dict[str, tuple[bytes, bytes, str]] = {
    "zip order": (ZIP, make_zip(B, A), ": order of member 0: 'a.py' | 'b/RECORD'"),
    "zip name": (ZIP, zip_with(name="c"), ": name of member 1: 'b/RECORD' | 'c'"),
    "zip end": (ZIP, make_zip(A), ": end after 1 members: 'b/RECORD' | ends"),
    "zip mode": (ZIP, zip_with(mode=0o100755), "b/RECORD: mode: 100644 | 100755"),
    "zip mtime": (ZIP, zip_with(date=(2021, 1, 1, 0, 0, 0)), "b/RECORD: mtime: (2020, "),
    "zip method": (ZIP, zip_with(method=0), "b/RECORD: method: 8 | 0"),
    "zip flags": (ZIP, patched(ZIP, b"PK\x01\x02", 9), "b/RECORD: flags: 0 | 256"),
    "zip extra": (ZIP, zip_with(extra=b"\xfe\xca\0\0"), "b/RECORD: extra field:  | feca0000"),
    "zip comment of a member": (ZIP, zip_with(comment=b"c"), "b/RECORD: comment: b'' | b'c'"),
    "zip owner's system": (ZIP, zip_with(system=0), "b/RECORD: made by: (3, 20) | (0, 20)"),
    "zip content": (ZIP, zip_with(data=b"y\n"), "b/RECORD: content at byte 0: b'x\\n' | b'y\\n'"),
    "zip longer content": (ZIP, zip_with(data=b"x\ny"), "b/RECORD: content at byte 2: ends | b'y'"),
    "zip CRC": (ZIP, patched(ZIP, b"PK\x01\x02", 16), "b/RECORD: CRC: "),
    "zip local header": (ZIP, patched(ZIP, b"PK\x03\x04", 4), "b/RECORD > local header: needed: 20 | 21"),
    "zip deflate stream": (ZIP, make_zip(dataclasses.replace(A, level=1), B), "a.py: deflate stream at byte 3"),
    "zip text before": (make_zip(A, head=b"#!a\n"), make_zip(A, head=b"#!b\n"), ": text before the zip at byte 2: "),
    "zip archive comment": (ZIP, make_zip(A, B, comment=b"c"), ": archive comment at byte 0: ends | b'c'"),
    "zip framing": (ZIP, patched(ZIP, b"PK\x05\x06", 4), f": framing of equal parts at byte {len(ZIP) - 18}: "),
    "zip in a zip": (
        make_zip(A, WHEEL_IN_PEX(data=ZIP)),
        make_zip(A, WHEEL_IN_PEX(data=zip_with(mode=0o100600))),
        "d.whl > b/RECORD: mode: 100644 | 100600",
    ),
    "tar order": (GZ, packed(make_tar(("lib/b", b"x\n"), ("bin/a", TEXT))), ": order of member 0: 'bin/a' | 'lib/b'"),
    "tar name": (GZ, packed(make_tar(("bin/a", TEXT), ("c", b"x\n"))), ": name of member 1: 'lib/b' | 'c'"),
    "tar end": (GZ, packed(make_tar(("bin/a", TEXT))), ": end after 1 members: 'lib/b' | ends"),
    "tar mode": (GZ, tar_with(mode=0o600), "bin/a: mode: 644 | 600"),
    "tar mtime": (GZ, tar_with(mtime=7), "bin/a: mtime: 0 | 7"),
    "tar owner": (GZ, tar_with(uname="me"), "bin/a: owner: (0, 0, '', '') | (0, 0, 'me', '')"),
    "tar group": (GZ, tar_with(gid=5), "bin/a: owner: (0, 0, '', '') | (0, 5, '', '')"),
    "tar type": (GZ, tar_with(type=b"7"), "bin/a: type: b'0' | b'7'"),
    "tar link": (
        packed(make_tar(("l", b""), type=b"2", linkname="a")),
        packed(make_tar(("l", b""), type=b"2", linkname="b")),
        "l: link: a | b",
    ),
    "tar content": (
        GZ,
        packed(make_tar(("bin/a", TEXT), ("lib/b", b"z\n"))),
        "lib/b: content at byte 0: b'x\\n' | b'z\\n'",
    ),
    "tar header": (GZ, tar_with(format=tarfile.USTAR_FORMAT), "bin/a: tar header at byte "),
    "tar padding": (GZ, packed(TAR + bytes(512)), f": framing of equal parts at byte {len(TAR)}: ends | "),
    "gzip mtime": (GZ, packed(TAR, mtime=9), "gzip member at byte 0: mtime: 0 | 9"),
    "gzip system": (GZ, packed(TAR, system=3), "gzip member at byte 0: system: 255 | 3"),
    "gzip name": (GZ, GZ[:3] + b"\x08" + GZ[4:10] + b"x.tar\0" + GZ[10:], "gzip member at byte 0: flags: 0 | 8"),
    "gzip stream": (GZ, packed(TAR, level=1), "gzip member at byte 0: deflate stream at byte "),
    "gzip members": (
        packed(TAR[:512]) + packed(TAR[512:]),
        packed(TAR[:512]) + packed(TAR[512:], system=3),
        f"gzip member at byte {len(packed(TAR[:512]))}: system: 255 | 3",
    ),
    "zip in a tar": (
        packed(make_tar(("d.whl", ZIP))),
        packed(make_tar(("d.whl", zip_with(method=0)))),
        "d.whl > b/RECORD: method: 8 | 0",
    ),
    "JSON value": (b'{"a": [1, {"b": 2}]}', b'{"a": [1, {"b": 3}]}', ": $.a[1].b: 2 | 3"),
    "JSON type": (b"[1]", b"[true]", ": $[0]: 1 | true"),
    "JSON name": (b'{"a": 1}', b'{"b": 1}', ": $.a: there | missing"),
    "JSON length": (b"[1]", b"[1, 2]", ": length of $: 1 | 2"),
    "JSON order": (b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}', ": order of $: ['a', 'b'] | ['b', 'a']"),
    "JSON text": (b'{"a":1}', b'{"a": 1}', ": text of equal values at byte 5: "),
    "JSON in a zip": (
        make_zip(Member("r.json", b"[1]")),
        make_zip(Member("r.json", b"[2]")),
        "r.json: $[0]: 1 | 2",
    ),
    "other bytes": (b"abc", b"abd", ": content at byte 2: b'c' | b'd'"),
    "other kinds": (ZIP, GZ, ": content at byte 0: "),
}


@pytest.mark.parametrize("name", CASES)
def test_the_difference_is_named(name: str) -> None:
    """By the member, what it is, and both values; the other way round, too."""
    one, other, said = CASES[name]
    assert said in str(bytes_difference(one, other))
    assert bytes_difference(other, one) is not None
    assert bytes_difference(one, one) is None and bytes_difference(other, other) is None


@given(data=st.data())
def test_any_flipped_bit_of_an_archive_is_named(data: st.DataObject) -> None:
    """In a PEX with a wheel inside and in a tarball of several gzip members; whatever the archive then looks like."""
    pex = make_zip(WHEEL_IN_PEX(data=ZIP), Member("__main__.py"), head=b"#!/usr/bin/env python3\n")
    tarball = packed(TAR[:512]) + packed(TAR[512:])
    whole = data.draw(st.sampled_from((pex, tarball, gzip.compress(b'{"a": 1}', mtime=0))))
    offset = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:offset] + bytes([whole[offset] ^ 1 << data.draw(st.integers(0, 7))]) + whole[offset + 1 :]
    found = bytes_difference(whole, flipped)
    assert found is not None and found.what and found.one != found.other, found


def tree(root: Path) -> Path:
    """Return a folder with a file, an executable and a link."""
    (root / "bin").mkdir(parents=True)
    (root / "a.json").write_text('{"a": 1}')
    (root / "bin/run").write_text("#!\n")
    for path, mode in ((root / "a.json", 0o644), (root / "bin/run", 0o755), (root / "bin", 0o755), (root, 0o755)):
        path.chmod(mode)
    (root / "link").symlink_to("bin")
    return root


def relink(path: Path) -> None:
    """Let a link lead elsewhere."""
    path.unlink()
    path.symlink_to("elsewhere")


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "mode": (lambda root: (root / "bin/run").chmod(0o644), "bin > run: mode: 755 | 644"),
    "mode of a folder": (lambda root: (root / "bin").chmod(0o700), "bin: mode: 755 | 700"),
    "content": (lambda root: (root / "a.json").write_text('{"a": 2}'), "a.json: $.a: 1 | 2"),
    "name": (lambda root: (root / "a.json").rename(root / "b.json"), "name of member 0: 'a.json' | 'b.json'"),
    "one more": (lambda root: (root / "z").write_text(""), "end after 3 members: ends | 'z'"),
    "link": (lambda root: relink(root / "link"), "link: link: bin | elsewhere"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_difference_of_folders_is_named(tmp_path: Path, name: str) -> None:
    """By the path; equal folders do not differ, whatever their clock."""
    one, other = tree(tmp_path / "one"), tree(tmp_path / "other")
    assert path_difference(one, other) is None
    change, said = CHANGES[name]
    change(other)
    assert said in str(path_difference(one, other))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """The kind differs before anything else."""
    (tmp_path / "file").write_text("")
    assert str(path_difference(tmp_path / "file", tmp_path)) == ": kind: - | d"


def test_it_is_a_command(tmp_path: Path) -> None:
    """`python3 -m support.differ ONE OTHER` says the difference and fails; equal files pass."""
    for name, data in (("one", ZIP), ("same", ZIP), ("other", make_zip(B, A))):
        (tmp_path / name).write_bytes(data)
    words = [sys.executable, "-m", "support.differ", tmp_path / "one"]
    folder = Path(__file__).parents[2]
    done = [
        subprocess.run([*words, tmp_path / name], cwd=folder, capture_output=True, text=True, check=False)
        for name in ("same", "other")
    ]
    assert [(each.returncode, each.stdout) for each in done] == [
        (0, "no difference\n"),
        (1, ": order of member 0: 'a.py' | 'b/RECORD'\n"),
    ]


def test_json_of_a_report(tmp_path: Path) -> None:
    """Two reports, as artifacts have them: the first field that differs, by its name."""
    for name, size in (("one", 1), ("other", 2)):
        (tmp_path / name).write_text(json.dumps({"kind": "pex", "size": size, "sha256": name}))
    assert str(path_difference(tmp_path / "one", tmp_path / "other")) == ': $.sha256: "one" | "other"'
