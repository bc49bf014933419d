"""A wheel written anew: equal contents, equal bytes."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

import pytest

from python_env.base.archive.zip_read import ZipSource
from python_env.base.errors import ToolError
from python_env.base.wheel_content import check_wheel
from python_env.wheels.build.rewrite import member, read_members, retagged, wheel_tags, write_wheel
from support.wheels import make_wheel, sha256, wheel_members, write_zip

FILES = {"b/x.py": b"B", "a.py": b"A", 'odd "name", é.txt': b"O", "x-1.0.data/scripts/run": b"#!python\n"}
MODES = {"x-1.0.data/scripts/run": 0o100755, "a.py": 0o100600}


def rewritten(wheel: Path, target: Path) -> Path:
    """Write a wheel anew."""
    target.parent.mkdir(exist_ok=True)
    write_wheel(read_members(wheel), target)
    return target


def test_order_clock_and_compression_of_the_backend_do_not_count(tmp_path: Path) -> None:
    """Two wheels with the same members are the same bytes."""
    first = make_wheel(tmp_path, "x", files=FILES, modes=MODES)
    second = tmp_path / "other.whl"
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(second, "w", zipfile.ZIP_STORED) as new:
        for entry in reversed(old.infolist()):
            info = zipfile.ZipInfo(entry.filename, (2026, 1, 1, 0, 0, 0))
            info.external_attr = entry.external_attr
            new.writestr(info, old.read(entry))
        new.writestr("b/", b"")
    assert sha256(first) != sha256(second)
    assert sha256(rewritten(first, tmp_path / "1/x.whl")) == sha256(rewritten(second, tmp_path / "2/x.whl"))


def test_record_fits_and_stands_last(tmp_path: Path) -> None:
    """The check that every wheel goes through takes it; signatures of the old bytes are gone."""
    members = {**wheel_members("x", "1.0", FILES), "x-1.0.dist-info/RECORD.jws": b"{}"}
    wheel = rewritten(write_zip(tmp_path / "x-1.0-py3-none-any.whl", members), tmp_path / "n/x-1.0-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert names[-1] == "x-1.0.dist-info/RECORD" and "x-1.0.dist-info/RECORD.jws" not in names
    with contextlib.closing(ZipSource(wheel)) as source:
        check_wheel(source)


def test_what_may_be_run_stays_so(tmp_path: Path) -> None:
    """Of the mode the bit of the owner counts, nothing else."""
    wheel = rewritten(make_wheel(tmp_path, "x", files=FILES, modes=MODES), tmp_path / "n/x.whl")
    modes = {entry.filename: entry.external_attr >> 16 for entry in zipfile.ZipFile(wheel).infolist()}
    assert modes["x-1.0.data/scripts/run"] == 0o100755 and modes["a.py"] == 0o100644


def test_a_new_tag_replaces_all_old_ones(tmp_path: Path) -> None:
    """The other lines of WHEEL stay."""
    members = retagged(read_members(make_wheel(tmp_path, "x")), "cp311-cp311-manylinux_2_28_x86_64")
    assert wheel_tags(members) == ("cp311-cp311-manylinux_2_28_x86_64",)
    assert "Wheel-Version: 1.0\n" in member(members, "WHEEL") and member(members, "METADATA")


WITHOUT = wheel_members("x", "1.0", {"x.py": b""})
BROKEN: dict[str, tuple[dict[str, bytes], str]] = {
    "no METADATA": ({k: v for k, v in WITHOUT.items() if "METADATA" not in k}, "it has 0 METADATA files, not one"),
    "no WHEEL": ({k: v for k, v in WITHOUT.items() if "WHEEL" not in k}, "it has 0 WHEEL files, not one"),
    "two dist-infos": ({**WITHOUT, **wheel_members("y", "1.0", {})}, "it has 2 METADATA files, not one"),
    "a name that climbs": ({**WITHOUT, "../evil.py": b""}, "a member leaves it: '../evil.py'"),
    "METADATA in no text": ({**WITHOUT, "x-1.0.dist-info/METADATA": b"\xff"}, "can't decode"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_wheel_is_refused(tmp_path: Path, case: str) -> None:
    """In three parts, with the source that built it."""
    members, what = BROKEN[case]
    wheel = write_zip(tmp_path / "x.whl", members)
    with pytest.raises(ToolError) as error:
        read_members(wheel, where="x-1.0.tar.gz")
    assert f"the backend wrote no wheel: {what}" in error.value.render().replace("'utf-8' codec ", "")
    assert "where: x-1.0.tar.gz" in error.value.render()


def test_a_cut_wheel_is_refused(tmp_path: Path) -> None:
    """As one that is no zip at all."""
    wheel = make_wheel(tmp_path, "x")
    wheel.write_bytes(wheel.read_bytes()[:-10])
    with pytest.raises(ToolError, match="the backend wrote no wheel"):
        read_members(wheel, where="x")
