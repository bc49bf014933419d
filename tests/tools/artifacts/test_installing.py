"""Installing, feature by feature: what a wheel's files become on each target, and that they then do their work."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest
from artifacts.conftest import Builder, bare_environment

from support.wheels import make_wheel

SITES = {
    "linux": "lib/python3.11/site-packages",
    "macos": "lib/python3.11/site-packages",
    "windows": "Lib/site-packages",
}
SITE = SITES["linux"]
LONG = "/".join(["long" * 10] * 4)
"""A folder of more than the 127 bytes that an old kernel reads of a shebang."""


def unpacked(builder: Builder, folder: str = "some where") -> Path:
    """Build the venv and return its tree."""
    assert builder.venv() == 0
    place = builder.folder / folder
    place.mkdir(parents=True)
    subprocess.run(["tar", "-xzf", builder.folder / "small.venv.tar.gz", "-C", place], check=True)
    return place


def names(builder: Builder) -> dict[str, int]:
    """Build the venv and return its paths with their modes."""
    assert builder.venv() == 0
    with tarfile.open(builder.folder / "small.venv.tar.gz") as archive:
        return {member.name: member.mode for member in archive}


def add(builder: Builder, name: str, files: dict[str, bytes], **words: str) -> None:
    """Add a wheel of exactly these files."""
    builder.wheels.append(make_wheel(builder.folder, name, files=files, **words))  # type: ignore[arg-type]  # texts


def run(*words: str | Path) -> str:
    """Run a program that must succeed, with a bare environment, and return what it prints."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=bare_environment(), cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pth_files_add_folders_and_run_lines_in_the_order_of_their_names(builder: Builder) -> None:
    """As site.py reads them: sorted by name, whatever wheel they are of; it reads those of any venv twice."""
    line = b"import sys; sys.order = [*getattr(sys, 'order', []), %r]\n"
    add(builder, "second", {"b.pth": line % "b" + b"extra_folder\n", "extra_folder/inside.py": b"X = 'inside'\n"})
    add(builder, "first", {"a.pth": line % "a"})
    place = unpacked(builder)
    assert (
        run(place / "bin/python", "-c", "import sys, inside; print(sys.order[:2], inside.X)") == "['a', 'b'] inside\n"
    )


PKGUTIL = b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
NSPKG = (
    b"import sys, types, os; p = os.path.join(sys._getframe(1).f_locals['sitedir'], 'space'); "
    b"m = sys.modules.setdefault('space', types.ModuleType('space')); "
    b"mp = m.__dict__.setdefault('__path__', []); (p not in mp) and mp.append(p)\n"
)
"""What setuptools writes for pkg_resources-style namespaces."""


@pytest.mark.parametrize(
    "extra",
    [{}, {"space/__init__.py": PKGUTIL}, {"{name}-nspkg.pth": NSPKG}],
    ids=["PEP 420", "pkgutil", "pkg_resources"],
)
def test_a_namespace_of_two_wheels_is_one_package(builder: Builder, extra: dict[str, bytes]) -> None:
    """Of every kind; pkgutil's shared __init__.py is the same bytes in both."""
    for name in ("one", "two"):
        shared = {path.format(name=name): data for path, data in extra.items()}
        add(builder, name, {**shared, f"space/{name}.py": f"NAME = {name!r}\n".encode()})
    place = unpacked(builder)
    code = "import space.one, space.two; print(space.one.NAME, space.two.NAME)"
    assert run(place / "bin/python", "-c", code) == "one two\n"


@pytest.mark.parametrize("os", SITES)
@pytest.mark.parametrize("scheme", ["purelib", "platlib", "headers", "data", "scripts"])
def test_every_scheme_goes_to_its_folder(builder: Builder, os: str, scheme: str) -> None:
    """By the target's os, never by this machine's."""
    builder.os = os
    add(builder, "more", {f"more-1.0.data/{scheme}/sub/file.txt": b"x"})
    site = SITES[os]
    expected = {
        "purelib": f"{site}/sub/file.txt",
        "platlib": f"{site}/sub/file.txt",
        "headers": "include/site/python3.11/more/sub/file.txt",
        "data": "sub/file.txt",
        "scripts": "Scripts/sub/file.txt" if os == "windows" else "bin/sub/file.txt",
    }[scheme]
    found = names(builder)
    assert [path for path in found if path.endswith("file.txt")] == [expected]
    assert found[expected] == (0o755 if scheme == "scripts" else 0o644)


def test_an_unknown_scheme_is_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Rather than left out or put somewhere."""
    add(builder, "more", {"more-1.0.data/other/file.txt": b"x"})
    assert builder.venv() == 2
    assert "unknown scheme 'other'" in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["plain", "with spaces", "quo'te", "dollar$x `y`", LONG], ids=lambda text: text[:9])
@pytest.mark.parametrize("shebang", ["#!python", "#!pythonw", "#!python -E"])
def test_a_script_runs_wherever_the_tree_lies(builder: Builder, folder: str, shebang: str) -> None:
    """Also where a kernel could read no shebang of that length, and after the tree was moved again."""
    add(builder, "tool", {"tool-1.0.data/scripts/tool": f"{shebang}\nimport sys; print(sys.prefix)\n".encode()})
    place = unpacked(builder, "first/" + folder)
    assert run(place / "bin/tool") == f"{place}\n"
    moved = place.rename(builder.folder / "moved")
    assert run(moved / "bin/tool") == f"{moved}\n"


def test_a_script_of_another_language_is_executable_and_unchanged(builder: Builder) -> None:
    """Its mode in the wheel does not matter: installers make scripts executable."""
    data = b"#!/bin/sh\necho $1\n"
    add(builder, "tool", {"tool-1.0.data/scripts/tool": data})
    place = unpacked(builder)
    assert (place / "bin/tool").read_bytes() == data
    assert run(place / "bin/tool", "said") == "said\n"


@pytest.mark.parametrize("section", ["console_scripts", "gui_scripts"])
@pytest.mark.parametrize("target", ["tool:main", "tool:Main.run", "tool:main [extra]"])
def test_an_entry_point_becomes_a_program(builder: Builder, section: str, target: str) -> None:
    """A function or a method, with or without extras; its value is the exit code, argv[0] the program."""
    code = b"import sys\ndef main(): print(sys.argv[0].rpartition('/')[2], sys.argv[1:]); return 0\n"
    code += b"class Main:\n    run = staticmethod(main)\n"
    add(builder, "tool", {"tool.py": code}, entry_points=f"[{section}]\nTool.x = {target}\n")
    place = unpacked(builder)
    assert run(place / "bin/Tool.x", "a b") == "Tool.x ['a b']\n"


def test_modes_are_two(builder: Builder) -> None:
    """0755 for what the wheel says is executable, 0644 for all else, whatever its group and others may do there."""
    files = {"tool/run": b"", "tool/private": b"", "tool/shared": b"", "tool/plain": b""}
    modes = {"tool/run": 0o100711, "tool/private": 0o100600, "tool/shared": 0o100666, "tool/plain": 0}
    builder.wheels.append(make_wheel(builder.folder, "tool", files=files, modes=modes))
    found = names(builder)
    assert {name: found[f"{SITE}/{name}"] for name in files} == {
        "tool/plain": 0o644,
        "tool/private": 0o644,
        "tool/run": 0o755,
        "tool/shared": 0o644,
    }
