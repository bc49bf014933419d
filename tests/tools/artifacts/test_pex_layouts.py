"""The layouts of a PEX: a zipapp and the packed one, with wheels or installed trees inside; each opened and booted."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
from artifacts.conftest import Builder, bare_environment

from python_env.artifacts.pex.limits import check_size, render_warning
from python_env.base.errors import ToolError
from python_env.base.platforms import parse_platform
from support.wheels import make_wheel

CODE = "import app, jobs.job; print(app.VALUE, jobs.job.JOB)"
JOB = b"JOB = 41\n"
MORE = {
    "more.py": b"import other\nVALUE = other.VALUE\n",
    "more-1.0.data/platlib/other.py": b"VALUE = 'platlib'\n",
    "more-1.0.data/scripts/tool": b'#!/bin/sh\necho tool "$@"\n',
    "more-1.0.data/data/share/more/data.txt": b"data\n",
}


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack as YARN does: executable bits are kept, everything is read-only."""
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            place = Path(opened.extract(entry, folder))
            place.chmod(0o555 if entry.external_attr >> 16 & stat.S_IXUSR else 0o444)
    return folder


def start(pex: Path, layout: str, folder: Path) -> Path:
    """Return what starts a PEX of either layout."""
    return pex if layout == "zipapp" else unpack(pex, folder) / "__main__.py"


def run(program: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a PEX with a bare environment, from another folder."""
    place = bare_environment(**environment)
    return subprocess.run([program, *words], capture_output=True, text=True, check=False, env=place, cwd="/")


@pytest.mark.parametrize(
    ("layout", "pre_installed", "venv", "sh_boot"),
    [
        ("zipapp", False, False, False),
        ("zipapp", True, True, False),
        ("zipapp", True, False, True),
        ("packed", False, True, False),
        ("packed", False, False, True),
        ("packed", True, True, True),
        ("packed", True, False, False),
    ],
)
def test_every_layout_boots(
    builder: Builder, real_pex_wheel: Path, tmp_path: Path, layout: str, pre_installed: bool, venv: bool, sh_boot: bool
) -> None:
    """Twice, since the second start takes another way; HOME is unset, and an unpacked PEX is read-only."""
    options = {"layout": layout, "pre_installed": pre_installed, "venv": venv, "sh_boot": sh_boot}
    builder.requirements = ("app", "more")
    builder.wheels.append(make_wheel(builder.folder, "more", files=MORE))
    assert builder.pex(real_pex_wheel, *builder.source("jobs/job.py", JOB), **options) == 0
    program = start(builder.folder / "small.pex", layout, tmp_path / "unpacked")
    for _ in range(2):
        done = run(program, "-c", CODE + "; import more; print(more.VALUE)", PEX_ROOT=str(builder.pex_root))
        assert (done.returncode, done.stdout) == (0, "lib 41\nplatlib\n"), done.stderr


def test_packed_holds_a_zip_for_each_part(builder: Builder, fake_pex_wheel: Path) -> None:
    """No link, no data descriptor, nothing before the first entry: what unpackers of clusters stumble over."""
    assert builder.pex(fake_pex_wheel, *builder.source("jobs/job.py", JOB), layout="packed") == 0
    pex = builder.folder / "small.pex"
    assert pex.read_bytes()[:4] == b"PK\x03\x04" and pex.stat().st_mode & 0o777 == 0o644
    with zipfile.ZipFile(pex) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        assert {entry.filename for entry in entries} == {
            *(".bootstrap", "PEX-INFO", "__main__.py", "__pex__/__init__.py", "jobs/job.py", "python_env.json"),
            *(f".deps/{wheel.name}" for wheel in builder.wheels),
        }
        assert [entry.filename for entry in entries if entry.external_attr >> 16 & 0o111] == ["__main__.py"]
        assert all(entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 8 for entry in entries)
        with zipfile.ZipFile(io.BytesIO(archive.read(".bootstrap"))) as bootstrap:
            assert bootstrap.testzip() is None and "pex/pex_boot.py" in bootstrap.namelist()
        for wheel in builder.wheels:
            assert archive.read(f".deps/{wheel.name}") == wheel.read_bytes()


def test_both_layouts_share_what_is_unpacked(builder: Builder, fake_pex_wheel: Path) -> None:
    """PEX-INFO is the same: below one PEX_ROOT neither installs anew what the other did."""
    infos = []
    for layout in ("zipapp", "packed"):
        assert builder.pex(fake_pex_wheel, layout=layout) == 0
        with zipfile.ZipFile(builder.folder / "small.pex") as archive:
            infos.append(archive.read("PEX-INFO"))
    assert infos[0] == infos[1]


def test_installed_trees_are_pex_s_own(builder: Builder, fake_pex_wheel: Path) -> None:
    """Every scheme has its folder, RECORD names every file, and the layout file says where to import from."""
    builder.wheels.append(make_wheel(builder.folder, "more", files={**MORE, "more-1.0.data/headers/more.h": b"//\n"}))
    assert builder.pex(fake_pex_wheel, pre_installed=True) == 0
    folder = ".deps/more-1.0-py3-none-any.whl/"
    with zipfile.ZipFile(builder.folder / "small.pex") as archive:
        assert archive.testzip() is None
        modes = {
            entry.filename.removeprefix(folder): entry.external_attr >> 16 & 0o777
            for entry in archive.infolist()
            if entry.filename.startswith(folder)
        }
        layout = json.loads(archive.read(f"{folder}.layout.json"))
        record = archive.read(f"{folder}more-1.0.dist-info/RECORD").decode()
        info = json.loads(archive.read("PEX-INFO"))
        original = json.loads(archive.read(f"{folder}more-1.0.pex-info/original-whl-info.json"))
    assert modes.pop(".prefix/bin/tool") == 0o755 and set(modes.values()) == {0o644}
    assert set(modes) == {
        *(".layout.json", ".prefix/data/share/more/data.txt", ".prefix/include/site/pythonX.Y/more/more.h"),
        *(".prefix/platlib/other.py", "more.py", "more-1.0.pex-info/original-whl-info.json"),
        *(f"more-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD")),
    }
    assert {line.split(",")[0] for line in record.splitlines()} == {*modes, ".prefix/bin/tool"} - {".layout.json"}
    assert layout["sys_path_entries"] == [".", ".prefix/platlib"] and layout["root_is_purelib"] is True
    assert info["distributions"]["more-1.0-py3-none-any.whl"] == layout["fingerprint"]
    assert info["deps_are_wheel_files"] is False
    assert original["filename"] == "more-1.0-py3-none-any.whl"


@pytest.mark.parametrize("name", [".layout.json", ".prefix/bin/x"])
def test_a_wheel_cannot_stand_in_for_a_part_of_an_installed_tree(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """pex believes the layout file."""
    builder.wheels.append(make_wheel(builder.folder, "bad", files={name: b"{}"}))
    assert builder.pex(fake_pex_wheel, pre_installed=True) == 2
    assert "would overwrite a part of the PEX" in capsys.readouterr().err
    assert not (builder.folder / "small.pex").exists()


LIMITS = {
    "small": (1 << 20, 1000, "start", "start"),
    "2 GiB": (1 << 31, 1000, "warn", "warn"),
    "4 GiB": (1 << 32, 1000, "refuse", "warn"),
    "65534 files": (1 << 20, 65534, "start", "start"),
    "65535 files": (1 << 20, 65535, "refuse", "warn"),
    "65536 files": (1 << 20, 65536, "refuse", "warn"),
}


@pytest.mark.parametrize("case", LIMITS)
def test_the_target_s_zipimport_decides_on_sizes(case: str) -> None:
    """Up to 3.12 it reads no zip64; tests/e2e/test_pex.py asks the CPythons themselves."""
    size, members, *expected = LIMITS[case]
    for python, what in zip(("cp312", "cp313"), expected, strict=True):
        platform = parse_platform(f"{python}-manylinux_2_28_x86_64")
        try:
            warnings = check_size(platform, size=size, members=members, where="a_pex")
        except ToolError as error:
            assert what == "refuse" and 'layout = "packed"' in error.render() and "CPython 3.12" in error.render()
            continue
        assert bool(warnings) == (what == "warn")
        texts = [render_warning(warning) for warning in warnings]
        assert all(text.startswith("warning: ") and "\n  fix:   set layout" in text for text in texts)


@pytest.mark.parametrize("layout", ["zipapp", "packed"])
def test_a_warning_of_the_size_stands_in_the_report(
    builder: Builder,
    fake_pex_wheel: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    layout: str,
) -> None:
    """With the remedy, which a packed PEX does not need; the launcher and people read the report, not the log."""
    monkeypatch.setattr("python_env.artifacts.pex.limits._MUCH", 1)
    assert builder.pex(fake_pex_wheel, layout=layout) == 0
    report = json.loads((builder.folder / "small.pex.json").read_text())
    told = [text for text in report["warnings"] if 'set layout = "packed"' in text]
    assert len(told) == len(report["warnings"]) == (layout == "zipapp")
    assert capsys.readouterr().err.startswith("warning: the PEX has ") == (layout == "zipapp")


def test_what_is_too_large_is_refused_before_it_is_read(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lock says the sizes: a sparse wheel of 4 GiB costs nothing."""
    wheel = builder.wheels[1]
    builder.env_json()
    env = builder.folder / "small.env.json"
    env.write_text(env.read_text().replace(f'"size": {wheel.stat().st_size}', f'"size": {1 << 32}'))
    builder.env_json = lambda: env  # type: ignore[method-assign]  # the document with another size
    os.truncate(wheel, 1 << 32)
    assert builder.pex(fake_pex_wheel) == 2
    error = capsys.readouterr().err
    assert "the PEX has 4.0 GiB: CPython 3.11 does not find __main__" in error and 'layout = "packed"' in error
    assert not list(builder.folder.glob("*small.pex*"))
