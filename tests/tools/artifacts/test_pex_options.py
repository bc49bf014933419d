"""Each option of a PEX, proved by running it; tests/rules has what is refused in analysis."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from artifacts.conftest import Builder, bare_environment

from python_env.artifacts.pex.interpreters import interpreter_constraints
from python_env.base.errors import ToolError
from python_env.base.platforms import parse_platform
from support.wheels import make_wheel

SHOW = b"""import json, os, sys
def main():
    names = ("GREETING", "PEX_X", "PEX_ROOT", "HOME")
    print(json.dumps([sys.argv[1:], {name: os.environ.get(name) for name in names}, sys.path, sys.prefix]))
"""
MODES = [pytest.param({"venv": True}, id="venv"), pytest.param({"venv": False}, id="no venv")]


@pytest.fixture
def shower(builder: Builder) -> Builder:
    """Return a builder with a distribution that shows its surroundings, and that has a script of its own."""
    files = {"show.py": SHOW, "show-1.0.data/scripts/plain": b"#!python\nimport show\nshow.main()\n"}
    entry_points = "[console_scripts]\nshow-all = show:main\n"
    builder.wheels.append(make_wheel(builder.folder, "show", files=files, entry_points=entry_points))
    builder.requirements = ("app", "show")
    return builder


def shown(builder: Builder, pex_wheel: Path, *words: str, options: dict[str, Any], **environment: str) -> list[Any]:
    """Write a PEX, start it, and return its arguments, variables, sys.path and prefix."""
    assert builder.pex(pex_wheel, **{"entry_point": "show:main", **options}) == 0
    place = bare_environment(**{"PEX_ROOT": str(builder.pex_root), **environment})
    place = {name: value for name, value in place.items() if value}
    program = [builder.folder / "small.pex", *words]
    done = subprocess.run(program, capture_output=True, text=True, check=False, env=place, cwd=builder.folder)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def info_of(builder: Builder) -> dict[str, Any]:
    """Return PEX-INFO."""
    with zipfile.ZipFile(builder.folder / "small.pex") as archive:
        found: dict[str, Any] = json.loads(archive.read("PEX-INFO"))
    return found


@pytest.mark.parametrize("mode", MODES)
def test_inject_env_and_inject_args(shower: Builder, real_pex_wheel: Path, mode: dict[str, Any]) -> None:
    """Variables unless they are set, arguments before those of the person, with placeholders filled."""
    mode = {**mode, "inject_env": {"GREETING": "gr\u00fc\u00df\nGott"}, "inject_args": ["--to={pex.env.WHOM}", "{{}}"]}
    words, variables, *_ = shown(shower, real_pex_wheel, "last", options=mode, WHOM="you")
    assert words == ["--to=you", "{}", "last"] and variables["GREETING"] == "gr\u00fc\u00df\nGott"
    assert shown(shower, real_pex_wheel, options=mode, GREETING="own")[1]["GREETING"] == "own"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("strip", [True, False])
def test_strip_pex_env(shower: Builder, real_pex_wheel: Path, mode: dict[str, Any], strip: bool) -> None:
    """The code inside sees variables PEX_* only where they are not stripped."""
    variables = shown(shower, real_pex_wheel, options={**mode, "strip_pex_env": strip}, PEX_X="1")[1]
    assert variables["PEX_X"] == (None if strip else "1")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("inherit_path", ["false", "fallback"])
def test_inherit_path(shower: Builder, real_pex_wheel: Path, mode: dict[str, Any], inherit_path: str) -> None:
    """PYTHONPATH is seen or not; without a venv what is inside wins."""
    (shower.folder / "outer").mkdir()
    outer = str(shower.folder / "outer")
    path = shown(shower, real_pex_wheel, options={**mode, "inherit_path": inherit_path}, PYTHONPATH=outer)[2]
    assert (outer in path) == (inherit_path == "fallback")


def test_prefer_without_a_venv(shower: Builder, real_pex_wheel: Path) -> None:
    """The outer path stands before what is inside."""
    outer = str(shower.folder)
    options = {"venv": False, "inherit_path": "prefer"}
    path = shown(shower, real_pex_wheel, options=options, PYTHONPATH=outer)[2]
    assert path.index(outer) < min(i for i, place in enumerate(path) if place.endswith(".whl"))


@pytest.mark.parametrize("mode", MODES)
def test_venv(shower: Builder, real_pex_wheel: Path, mode: dict[str, Any]) -> None:
    """sys.prefix is a virtual environment below PEX_ROOT, or that of the interpreter."""
    prefix = shown(shower, real_pex_wheel, options=mode)[3]
    assert ("/pex_root/venvs/" in prefix) == mode["venv"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("script", ["show-all", "plain"])
def test_script(shower: Builder, real_pex_wheel: Path, mode: dict[str, Any], script: str) -> None:
    """A console script becomes an entry point, as pex does it; any other script is run."""
    assert shown(shower, real_pex_wheel, "word", options={**mode, "entry_point": "", "script": script})[0] == ["word"]
    info = info_of(shower)
    assert (info.get("script"), info.get("entry_point")) == (
        (None, "show:main") if script == "show-all" else ("plain", None)
    )
    report = json.loads((shower.folder / "small.pex.json").read_text())
    assert (report["script"] or report["entry_point"]) == (script if script == "plain" else "show:main")


def test_pex_root(shower: Builder, real_pex_wheel: Path) -> None:
    """It unpacks itself there unless PEX_ROOT says another place; relative to the folder that it is started in.

    pex looks at its default below HOME, too, and leaves pex_root alone where nobody can write to that.
    """
    home = str(shower.folder)
    options = {"pex_root": "./inside"}
    assert shown(shower, real_pex_wheel, options=options)[3].startswith(str(shower.pex_root))
    assert shown(shower, real_pex_wheel, options=options, PEX_ROOT="", HOME=home)[3].startswith(f"{home}/inside/")
    assert info_of(shower)["pex_root"] == "./inside"


@pytest.mark.parametrize("mode", MODES)
def test_sh_boot_starts_what_is_unpacked(shower: Builder, real_pex_wheel: Path, mode: dict[str, Any]) -> None:
    """The second start goes past the boot code: the place that the head of the file names is where pex puts it."""
    shown(shower, real_pex_wheel, options={**mode, "sh_boot": True})
    head = (shower.folder / "small.pex").read_bytes().partition(b"PK\x03\x04")[0].decode()
    assert head.startswith("#!/bin/sh\n") and '"python3.11" \\\n"python3" \\\n"python"' in head
    place = next(line for line in head.splitlines() if line.startswith("INSTALLED_PEX=")).partition("}/")[2].strip('"')
    assert (shower.pex_root / place / ("pex" if mode["venv"] else "__main__.py")).exists()
    assert shown(shower, real_pex_wheel, "again", options={**mode, "sh_boot": True})[0] == ["again"]


def test_sh_boot_of_another_pex_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its script is not the known one."""
    assert builder.pex(fake_pex_wheel, sh_boot=True) == 2
    assert "there is no pex/sh_boot.py" in capsys.readouterr().err


def test_include_tools(builder: Builder, real_pex_wheel: Path) -> None:
    """Without them the boot code is smaller and PEX_TOOLS is refused."""
    place = bare_environment(PEX_ROOT=str(builder.pex_root), PEX_TOOLS="1")
    said = {}
    for tools in (True, False):
        assert builder.pex(real_pex_wheel, venv=False, include_tools=tools) == 0
        words = [builder.folder / "small.pex", "info"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=place, cwd="/")
        said[tools] = done.stdout if tools else done.stderr
        assert info_of(builder)["includes_tools"] is tools
    assert json.loads(said[True])["includes_tools"] is True
    assert "was not built with tools" in said[False]
    with zipfile.ZipFile(builder.folder / "small.pex") as archive:
        assert not [name for name in archive.namelist() if name.startswith(".bootstrap/pex/tools/")]


def test_interpreter_constraints_are_obeyed(shower: Builder, real_pex_wheel: Path) -> None:
    """One that this machine's Python does not fit makes the start fail with its words."""
    assert builder_fails(shower, real_pex_wheel, "CPython==3.11.98") == "CPython==3.11.98"
    assert info_of(shower)["interpreter_constraints"] == ["CPython==3.11.98"]


def builder_fails(builder: Builder, pex_wheel: Path, constraint: str) -> str:
    """Start a PEX that no Python here may run, and return the constraint if the error names it."""
    assert builder.pex(pex_wheel, interpreter_constraints=[constraint]) == 0
    place = bare_environment(PEX_ROOT=str(builder.pex_root))
    done = subprocess.run([builder.folder / "small.pex"], capture_output=True, text=True, check=False, env=place)
    assert done.returncode != 0
    return constraint if constraint in done.stderr else done.stderr


@pytest.mark.parametrize(
    ("tag", "constraint", "admitted"),
    [
        ("cp311", "CPython==3.11.*", True),
        ("cp311", "CPython<3.12,>=3.11.4", True),
        ("cp311", ">=3.9", True),
        ("cp311", "~=3.8", True),
        ("cp311", "~=3.11.2", True),
        ("cp311", "CPython==3.11.7", True),
        ("cp311", "CPython", True),
        ("cp311", "CPython>3.11,!=3.11.*", False),
        ("cp311", "CPython<3.11", False),
        ("cp311", "~=3.10.2", False),
        ("cp311", "CPython==3.12.*", False),
        ("cp311", "CPython+t>=3.11", False),
        ("cp313-cp313t", "CPython+t==3.13.*", True),
        ("cp313-cp313t", "CPython-t==3.13.*", False),
    ],
)
def test_a_constraint_must_admit_the_platform_s_python(tag: str, constraint: str, admitted: bool) -> None:
    """The wheels inside run on no other."""
    platform = parse_platform(f"{tag}-manylinux_2_28_x86_64")
    if admitted:
        assert interpreter_constraints([constraint], platform, where="a_pex") == (constraint,)
    else:
        with pytest.raises(ToolError, match="admits no Python of cp31"):
            interpreter_constraints([constraint], platform, where="a_pex")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("CPython>=3.11.4,<3.12", "CPython<3.12,>=3.11.4"),
        ("CPython >= 3.11 , <3.12, <3.12", "CPython<3.12,>=3.11"),
        ("CPython[gil]==3.11.*", "CPython-t==3.11.*"),
        (">=3.11", ">=3.11"),
    ],
)
def test_constraints_are_written_as_pex_writes_them(written: str, meant: str) -> None:
    """So that PEX-INFO, and with it the PEX's digest, does not depend on their spelling."""
    platform = parse_platform("cp311-manylinux_2_28_x86_64")
    assert interpreter_constraints([written], platform, where="a_pex") == (meant,)


@pytest.mark.parametrize("constraint", ["CPython=3.11", "Jython>=3", "3.11", "CPython>=3.11,", ">=3.11rc1"])
def test_what_is_no_constraint_is_refused(constraint: str) -> None:
    """pex would say so on the cluster only."""
    platform = parse_platform("cp311-manylinux_2_28_x86_64")
    with pytest.raises(ToolError, match="is not an interpreter constraint"):
        interpreter_constraints([constraint], platform, where="a_pex")


@pytest.mark.parametrize(
    ("options", "what", "fix"),
    [
        ({"script": "show-al"}, "no locked wheel has a script 'show-al'", "write show-all"),
        ({"script": "plain", "inject_args": ["x"]}, "'plain' is no console script", "set venv = False"),
        ({"entry_pint": "x"}, "there is no option 'entry_pint' of a PEX", "write entry_point"),
        ({"inject_args": ["a\0b"], "script": "show"}, "'a\\x00b' has a NUL", "leave it out"),
        ({"inject_env": {"A": "\0"}}, "'\\x00' has a NUL", "leave it out"),
        ({"inject_env": {"A": 1}}, "expected a string, found a number", "python_env_pex"),
        ({"inject_args": "abc"}, "expected an array, found a string", "python_env_pex"),
        ({"interpreter_constraints": [1]}, "expected a string, found a number", "python_env_pex"),
        ({"interpreter_constraints": [f"CPython>={'9' * 5000}"]}, "is not an interpreter constraint", "small_pex"),
        ({"layout": "loose"}, "expected one of zipapp, packed; found 'loose'", "python_env_pex"),
    ],
)
def test_a_wrong_option_is_refused(
    shower: Builder,
    fake_pex_wheel: Path,
    capsys: pytest.CaptureFixture[str],
    options: dict[str, Any],
    what: str,
    fix: str,
) -> None:
    """In three parts, and nothing is written."""
    assert shower.pex(fake_pex_wheel, **options) == 2
    error = capsys.readouterr().err
    assert what in error and fix in error and "small_pex" in error
    assert not (shower.folder / "small.pex").exists()
