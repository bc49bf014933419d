"""Our reading of wheels beside `installer`, the reference implementation: the same files in the same places."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

import installer
from artifacts.conftest import APP, Builder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile as Source

from python_env.base.archive.zip_read import ZipSource
from python_env.base.errors import ToolError
from python_env.base.wheel_content import check_wheel
from support.wheels import make_wheel

SITE = "lib/python3.11/site-packages"
MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.text("ab.-_,' \u00e9\u65e5()", min_size=1, max_size=6).filter(lambda name: name.strip(". ") == name)
FOLDERS = st.sampled_from(
    ["pkg", "pkg/deep", "w-1.0.dist-info", *(f"w-1.0.data/{s}" for s in ("purelib", "platlib", "data/share"))]
)
FILES = st.dictionaries(
    st.tuples(FOLDERS, NAMES).map(lambda parts: f"{parts[0]}/x{parts[1]}"),
    st.binary(max_size=40),
    min_size=1,
    max_size=8,
)


def theirs(wheel: Path, place: Path) -> dict[str, bytes]:
    """Return what `installer` makes of a wheel, but for what says who installed it."""
    headers = f"include/site/python3.11/{wheel.name.split('-')[0]}"
    folders = {"purelib": SITE, "platlib": SITE, "headers": headers, "scripts": "bin", "data": ""}
    paths = {scheme: str(place / folder) for scheme, folder in folders.items()}
    destination = SchemeDictionaryDestination(paths, interpreter="/python", script_kind="posix")
    with Source.open(wheel) as source:
        source.validate_record(validate_contents=True)
        installer.install(source, destination, {"INSTALLER": b"installer"})
    return files(place)


def _twin(path: str) -> str:
    return path.replace("/platlib/", "/purelib/")


def files(place: Path) -> dict[str, bytes]:
    """Return every file of a tree but RECORD and INSTALLER, which each installer writes in its own way."""
    found = {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    return {path: data for path, data in found.items() if not path.endswith(("/RECORD", "/INSTALLER"))}


@MANY
@given(contents=FILES)
def test_a_wheel_is_installed_as_installer_does_it(tmp_path: Path, contents: dict[str, bytes]) -> None:
    """Names with commas, spaces and letters of all kinds; folders of every scheme."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as name:
        folder = Path(name)
        builder = Builder(folder, [make_wheel(folder, "w", files=contents)], requirements=("w",))
        code = builder.venv("--format=dir", output=folder / "ours")
        (folder / "theirs").mkdir()
        twins = [path for path in contents if _twin(path) != path and _twin(path) in contents]
        if code or twins:  # two members of one path, which `installer` refuses even where their bytes are equal
            assert code == (2 if any(contents[path] != contents[_twin(path)] for path in twins) else 0)
            return
        expected = theirs(builder.wheels[0], folder / "theirs")
        own = ("python_env.json", "pyvenv.cfg", "bin/")
        assert {path: data for path, data in files(folder / "ours").items() if not path.startswith(own)} == expected


@MANY
@given(edits=st.lists(st.tuples(st.integers(0, 1 << 12), st.integers(0, 255)), min_size=1, max_size=3))
def test_what_passes_our_check_passes_installers(tmp_path: Path, edits: list[tuple[int, int]]) -> None:
    """A damaged wheel that we take is one that it takes, every byte compared with RECORD."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as name:
        wheel = make_wheel(Path(name), "w", files={"w.py": b"X = 1\n", "w-1.0.data/scripts/run": b"#!python\n"})
        data = bytearray(wheel.read_bytes())
        for place, value in edits:
            data[place % len(data)] = value
        wheel.write_bytes(data)
        try:
            check_wheel(ZipSource(wheel))
        except ToolError:
            return
        with Source.open(wheel) as source:
            source.validate_record(validate_contents=True)


def test_scripts_are_those_of_installer(builder: Builder, tmp_path: Path) -> None:
    """Of entry points and of `*.data/scripts`: the same names; their first lines differ, ours names no place."""
    assert builder.venv("--format=dir", output=tmp_path / "ours") == 0
    (tmp_path / "theirs").mkdir()
    for wheel in builder.wheels:
        theirs(wheel, tmp_path / "theirs")
    names = {path.name for path in (tmp_path / "ours/bin").iterdir() if not path.name.startswith("python")}
    assert names == {path.name for path in (tmp_path / "theirs/bin").iterdir()} == {"hello", "run-app"}


def record(site: Path, name: str) -> dict[str, Sequence[str]]:
    """Return the rows of an installed RECORD by path."""
    with (site / f"{name}-1.0.dist-info/RECORD").open(newline="") as file:
        return {row[0]: row[1:] for row in csv.reader(file)}


def test_record_is_what_installer_writes_but_for_stated_rows(builder: Builder, tmp_path: Path) -> None:
    """Path, digest and size; stated are scripts, whose first lines differ, and INSTALLER; RECORD has no digest."""
    files = {**{path.replace("app", "more"): data for path, data in APP.items()}, "more/a b.txt": b"a blank\n"}
    points = "[console_scripts]\nrun-more = more.cli:main\n"
    wheel = make_wheel(tmp_path, "more", files=files, entry_points=points)
    builder.wheels = [wheel]
    assert builder.venv("--format=dir", output=tmp_path / "ours") == 0
    theirs(wheel, tmp_path / "theirs")
    ours, other = (record(tmp_path / place / SITE, "more") for place in ("ours", "theirs"))
    assert ours.keys() == other.keys()
    stated = {"../../../bin/hello", "../../../bin/run-more", "more-1.0.dist-info/INSTALLER"}
    assert {path for path in ours if ours[path] != other[path]} == stated
    assert ours["more-1.0.dist-info/RECORD"] == ["", ""]
