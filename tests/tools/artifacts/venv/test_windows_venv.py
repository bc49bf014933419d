"""What a venv for Windows holds, as far as it shows without a Windows."""

from __future__ import annotations

import json
import tarfile

import pytest
from artifacts.conftest import Builder

from support.wheels import make_wheel, record_line

SITE = "Lib/site-packages"


@pytest.fixture
def windows(builder: Builder) -> Builder:
    """Return a builder for Windows."""
    builder.os = "windows"
    return builder


def members(builder: Builder) -> dict[str, bytes]:
    """Build the venv and return its files."""
    assert builder.venv() == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]  # no links


def warnings(builder: Builder) -> list[str]:
    """Return what the report warns of."""
    found = json.loads((builder.folder / "small.venv.tar.gz.json").read_text())["warnings"]
    return list(found)


def test_every_python_script_has_a_command(windows: Builder) -> None:
    """An entry point's, a gui's and a wheel's own: <name>.cmd, which starts <name>-script.py beside it."""
    files = {"tool-1.0.data/scripts/own 100%.py": b"#!python\nprint('own')\n", "tool.py": b""}
    points = "[gui_scripts]\nwindow = tool:main\n"
    windows.wheels.append(make_wheel(windows.folder, "tool", files=files, entry_points=points))
    found = members(windows)
    for name in ("run-app", "hello", "window", "own 100%.py"):
        shown = name.replace("%", "%%")
        assert found[f"Scripts/{name}.cmd"] == f'@"%~dp0python.cmd" "%~dp0{shown}-script.py" %*\r\n'.encode()
        assert not found[f"Scripts/{name}-script.py"].startswith(b"#!")
    rows = found[f"{SITE}/tool-1.0.dist-info/RECORD"].decode().splitlines()
    assert record_line("../../Scripts/own 100%.py.cmd", found["Scripts/own 100%.py.cmd"]) in rows


def test_programs_are_left_as_they_are(windows: Builder) -> None:
    """A .bat, a .exe and a script of another language keep name and content."""
    files = {f"tool-1.0.data/scripts/{name}": name.encode() for name in ("tool.bat", "tool.exe", "tool.pl")}
    windows.wheels.append(make_wheel(windows.folder, "tool", files=files))
    found = members(windows)
    assert {found[f"Scripts/tool.{kind}"] for kind in ("bat", "exe", "pl")} == {b"tool.bat", b"tool.exe", b"tool.pl"}
    assert "Scripts/tool.bat.cmd" not in found


def test_there_are_no_links_and_no_unix_programs(windows: Builder) -> None:
    """The interpreter has one name, python.cmd, with the lines of Windows."""
    found = members(windows)
    assert found["Scripts/python.cmd"].count(b"\r\n") == found["Scripts/python.cmd"].count(b"\n") > 5
    assert {path.split("/")[0] for path in found} == {
        *("Lib", "Scripts", "include", "pyvenv.cfg", "python_env.json", "share")
    }


def test_pth_files_are_kept_and_warned_of(windows: Builder) -> None:
    """They are not read on PYTHONPATH; one in a package never is."""
    files = {"tool.pth": b"import tool\n", "tool/inner.pth": b"x\n"}
    windows.wheels.append(make_wheel(windows.folder, "tool", files=files))
    assert members(windows)[f"{SITE}/tool.pth"] == b"import tool\n"
    (warning,) = warnings(windows)
    assert warning.endswith(f".pth files are not read: {SITE}/tool.pth")


def test_long_paths_are_warned_of(windows: Builder) -> None:
    """With the longest folder that the venv may be unpacked into; other targets have no such limit."""
    long = "deep/" * 30 + "x.py"
    windows.wheels.append(make_wheel(windows.folder, "deep", files={long: b""}))
    members(windows)
    (warning,) = warnings(windows)
    assert f"a folder of at most {258 - len(SITE + '/' + long)}; the longest path is {SITE}/{long}" in warning
    windows.os = "linux"
    assert windows.venv() == 0
    assert warnings(windows) == []


@pytest.mark.parametrize("name", ["CONIN$", "conout$.txt", "com\u00b9.py", "LPT\u00b3"])
def test_rare_device_names_are_refused(windows: Builder, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Consoles, and ports whose number is a superscript."""
    windows.wheels.append(make_wheel(windows.folder, "bad", files={f"bad/{name}": b""}))
    assert windows.venv() == 2
    assert "which Windows takes for something else" in capsys.readouterr().err
