"""Small files that would fill the memory: their members are told, and read no further than they may be."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.broken_artifacts import MODULE, SITE

_MEMORY = 400 << 20
_LARGE = 400 << 20
_TEXT = (1 << 23) - 1
"""Bytes of the largest text that is read of one member."""

Member = tuple[str, int, bytes, int]
"""Name, size, first bytes and mode."""

WHEEL: Member = (".deps/a-1.0-py3-none-any.whl", _LARGE, b"PK\x03\x04", 0o100644)
MODULES: Member = (MODULE, _LARGE, b"\x7fELF\2\1", 0o100644)
LINK: Member = ("bin/python", _LARGE, b"python3", 0o120777)
INFO: Member = ("PEX-INFO", 10, b'{"a": "b"}', 0o100644)
TEXTS: tuple[Member, ...] = tuple(
    (f"{SITE}/a{number}-1.dist-info/RECORD", _TEXT, b"", 0o100644) for number in range(40)
)


def _content(member: Member) -> Iterator[bytes]:
    _, size, head, _ = member
    if head:
        yield head
    for at in range(len(head), size, 1 << 20):
        yield bytes(min(1 << 20, size - at))


def zip_of(path: Path, *members: Member) -> Path:
    """Write a zip of members that are zeros but for their first bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member in members:
            info = zipfile.ZipInfo(member[0])
            info.external_attr, info.compress_type = member[3] << 16, zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as file:
                for piece in _content(member):
                    file.write(piece)
    return path


class _Zeros(io.RawIOBase):
    """A member's content, which lies nowhere."""

    def __init__(self, member: Member) -> None:
        self._pieces = _content(member)
        self._left = b""

    def read(self, size: int = -1, /) -> bytes:
        while len(self._left) < size and (piece := next(self._pieces, b"")):
            self._left += piece
        found, self._left = self._left[:size], self._left[size:]
        return found


def tar_of(path: Path, *members: Member, kind: bytes = tarfile.REGTYPE) -> Path:
    """Write a .tar.gz of such members."""
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for member in members:
            info = tarfile.TarInfo(member[0])
            info.size, info.type = member[1], kind
            archive.addfile(info, _Zeros(member))
    return path


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def doctor(path: Path) -> tuple[int, set[str], str]:
    """Run the command with little memory; return its exit code, the files that are damaged, and what it says."""
    words = [sys.executable, "-m", "python_env", "doctor", "--json", str(path)]
    words += ["--platform", "cp311-manylinux_2_28_x86_64"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, preexec_fn=_limit)
    findings = json.loads(done.stdout)["files"][0]["findings"] if done.stdout else []
    return done.returncode, {each["file"] for each in findings if each["check"] == "damaged"}, done.stderr


@pytest.mark.parametrize(
    ("write", "name"), [(zip_of, "a.zip"), (zip_of, "a.pex"), (tar_of, "a.tar.gz")], ids=["zip", "pex", "tar"]
)
@pytest.mark.parametrize("member", [WHEEL, MODULES], ids=["wheel", "module"])
def test_a_member_of_a_thousand_times_its_size_is_told(
    tmp_path: Path, write: Callable[..., Path], name: str, member: Member
) -> None:
    """A wheel or module that would need more memory than there is: a fault of the file, not of the doctor."""
    path = write(tmp_path / name, INFO, member)
    code, damaged, said = doctor(path)
    assert path.stat().st_size < _LARGE / 100
    assert (code, damaged) == (1, {member[0]}), said


def test_a_link_that_is_longer_than_a_path_is_told(tmp_path: Path) -> None:
    """The content of a link in a zip is its target."""
    code, damaged, said = doctor(zip_of(tmp_path / "a.zip", LINK))
    assert (code, damaged) == (1, {"bin/python"}), said


@pytest.mark.parametrize(("write", "name"), [(zip_of, "a.zip"), (tar_of, "a.tar.gz")], ids=["zip", "tar"])
def test_many_texts_are_read_up_to_a_bound(tmp_path: Path, write: Callable[..., Path], name: str) -> None:
    """Each is small enough to be kept, all together are not."""
    code, damaged, said = doctor(write(tmp_path / name, *TEXTS))
    assert code == 1 and 0 < len(damaged) < len(TEXTS), said


def test_a_wheel_that_claims_less_than_it_holds_is_read_as_far_as_it_claims(tmp_path: Path) -> None:
    """The directory's size is what is inflated, whatever the stream goes on to hold."""
    path = zip_of(tmp_path / "a.pex", INFO, WHEEL)
    data = path.read_bytes()
    at = data.rindex(b"PK\x01\x02") + 24
    path.write_bytes(data[:at] + (1000).to_bytes(4, "little") + data[at + 4 :])
    assert doctor(path)[0] in (0, 1)


def test_a_name_of_many_bytes_is_not_read(tmp_path: Path) -> None:
    """A long name stands before its member, and tarfile reads it whole: the file cannot be read."""
    path = tar_of(tmp_path / "a.tar.gz", ("././@LongLink", _LARGE, b"", 0), kind=tarfile.GNUTYPE_LONGNAME)
    code, _, said = doctor(path)
    assert code == 2 and f"a name or attribute of {_LARGE} bytes" in said


def test_many_names_of_many_folders_are_not_kept_folder_by_folder(tmp_path: Path) -> None:
    """A name of 4 kB implies 2,000 folders, whose own names are 4 MB; a few kB of a tar.gz hold a thousand such."""
    deep = ((f"{number:08x}/" + "a/" * 2043 + "b", 0, b"", 0o100644) for number in range(1000))
    path = tar_of(tmp_path / "a.tar.gz", *deep)
    code, damaged, said = doctor(path)
    assert path.stat().st_size < 100_000
    assert (code, damaged, said) == (1, set(), "")
