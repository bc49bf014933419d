"""Unpacking an sdist: whatever it holds, nothing is written outside of the folder."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from python_env.base.errors import ToolError
from python_env.base.source_archive import unpack_sdist, unpack_tar
from support.wheels import write_zip

Row = tuple[str, bytes, str]
"""Name, type (`tarfile.REGTYPE` and the like), and a file's content or a link's target."""

FILE, LINK, HARD, FOLDER = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE


def make_tar(path: Path, rows: Sequence[Row], *, mode: int = 0o644) -> Path:
    """Write a tar.gz of the rows, whatever they say."""
    with tarfile.open(path, "w:gz") as archive:
        for name, kind, text in rows:
            info = tarfile.TarInfo(name)
            info.type, info.mode = kind, mode
            info.size = len(text.encode()) if kind == FILE else 0
            info.linkname = "" if kind == FILE else text
            archive.addfile(info, io.BytesIO(text.encode()) if kind == FILE else None)
    return path


HOSTILE: dict[str, tuple[list[Row], str]] = {
    "an absolute name": ([("/evil", FILE, "x")], "a member leaves the archive: '/evil'"),
    "a name that climbs": ([("p/../../evil", FILE, "x")], "a member leaves the archive: 'p/../../evil'"),
    "a backslash": ([("p\\..\\evil", FILE, "x")], "a member leaves the archive"),
    "an absolute link": ([("p/l", LINK, "/etc")], "a link leaves the archive: 'p/l' -> '/etc'"),
    "a link that climbs": ([("p/l", LINK, "../..")], "a link leaves the archive"),
    "a file through a link": ([("p/l", LINK, "."), ("p/l/evil", FILE, "x")], "lies at or below a link: 'p/l/evil'"),
    "a file in a link's place": ([("p/l", LINK, "a"), ("p/l", FILE, "x")], "lies at or below a link: 'p/l'"),
    "the same spelled otherwise": ([("p/l", LINK, "a"), ("./p//l", FILE, "x")], "lies at or below a link"),
    "a link in a file's place": ([("p/l", FILE, "x"), ("p/l", LINK, "a")], "lies at or below a link: 'p/l'"),
    "a link through a link": (
        [("l", LINK, "."), ("m", LINK, "l/.."), ("p/a", FILE, "x")],
        "a link leaves the archive: 'm' -> 'l/..'",
    ),
    "a link below a link": ([("l", LINK, "."), ("l/m", LINK, "..")], "lies at or below a link: 'l/m'"),
    "a hard link out": ([("p/h", HARD, "../../etc/passwd")], "a hard link names no file of the archive"),
    "a hard link to a link": ([("p/l", LINK, "a"), ("p/h", HARD, "p/l")], "a hard link names no file of the archive"),
    "a device": ([("p/null", tarfile.CHRTYPE, "")], "a member is no file, folder or link: 'p/null'"),
    "a pipe": ([("p/pipe", tarfile.FIFOTYPE, "")], "a member is no file, folder or link"),
    "two folders": ([("p/a", FILE, "x"), ("q/a", FILE, "x")], "the sdist has 2 top folders, not one"),
    "no folder": ([("a", FILE, "x")], "the sdist has 0 top folders, not one"),
    "a link for a folder": ([("a", FILE, "x"), ("p", LINK, ".")], "the sdist has 0 top folders, not one"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_sdist_is_refused_in_three_parts(tmp_path: Path, case: str) -> None:
    """The reason names the member, and nothing lies beside the folder."""
    rows, what = HOSTILE[case]
    archive = make_tar(tmp_path / "p-1.tar.gz", rows)
    folder = tmp_path / "deep/tree"
    folder.mkdir(parents=True)
    with pytest.raises(ToolError) as error:
        unpack_sdist(archive, folder, where="p-1.tar.gz")
    assert what in error.value.render() and "where: p-1.tar.gz" in error.value.render()
    assert not list(tmp_path.rglob("evil")) and {path.name for path in tmp_path.iterdir()} == {"deep", "p-1.tar.gz"}


@pytest.mark.parametrize("name", ["p-1.tar.gz", "p-1.zip"])
@pytest.mark.parametrize("kept", [0, 1, 40, -30])
def test_a_cut_file_is_refused(tmp_path: Path, name: str, kept: int) -> None:
    """However much is left of it."""
    rows: list[Row] = [("p/setup.py", FILE, "\n".join(map(str, range(9999))))]
    whole = make_tar(tmp_path / name, rows) if name.endswith("gz") else write_zip(tmp_path / name, {"p/a": b"x" * 999})
    whole.write_bytes(whole.read_bytes()[:kept])
    (tmp_path / "tree").mkdir()
    with pytest.raises(ToolError, match="the archive cannot be read"):
        unpack_sdist(whole, tmp_path / "tree", where=name)


def test_modes_and_owners_are_ours(tmp_path: Path) -> None:
    """Of a member's mode only whether it may be run counts: no set-user-id, nothing that cannot be removed."""
    (tmp_path / "tree").mkdir()
    archive = make_tar(tmp_path / "p-1.tar.gz", [("p", FOLDER, ""), ("p/run", FILE, "x")], mode=0o4511)
    top = unpack_sdist(archive, tmp_path / "tree", where="p")
    assert top.stat().st_mode & 0o7777 == 0o755 and (top / "run").stat().st_mode & 0o7777 == 0o755


def test_links_of_the_archive_and_strange_names_are_kept(tmp_path: Path) -> None:
    """A link inside, a hard link to a file, a name of two lines."""
    rows: list[Row] = [("p/a", FILE, "x"), ("p/d/l", LINK, "../a"), ("p/h", HARD, "p/a"), ("p/two\nlines", FILE, "y")]
    (tmp_path / "tree").mkdir()
    top = unpack_sdist(make_tar(tmp_path / "p-1.tar.gz", rows), tmp_path / "tree", where="p")
    assert (top / "d/l").read_text() == (top / "h").read_text() == "x" and (top / "two\nlines").read_text() == "y"


def test_a_zip_keeps_what_may_be_run(tmp_path: Path) -> None:
    """As pip does; a name that climbs is refused there, too."""
    (tmp_path / "tree").mkdir()
    archive = write_zip(tmp_path / "p-1.zip", {"p/run": b"x", "p/read": b"x"}, modes={"p/run": 0o100755})
    top = unpack_sdist(archive, tmp_path / "tree", where="p")
    assert [(top / name).stat().st_mode & 0o777 for name in ("run", "read")] == [0o755, 0o644]
    with pytest.raises(ToolError, match="a member leaves the archive"):
        unpack_sdist(write_zip(tmp_path / "q-1.zip", {"../evil": b"x"}), tmp_path / "tree", where="q")


def test_tars_of_a_commit_lie_over_each_other(tmp_path: Path) -> None:
    """A submodule's tar fills its folder of the first one."""
    for name, row in (("a.tar", ("m", FOLDER, "")), ("b.tar", ("m/x.py", FILE, "x"))):
        unpack_tar(make_tar(tmp_path / name, [row]), tmp_path / "tree", where="g")
    assert (tmp_path / "tree/m/x.py").read_text() == "x"
