"""`collisions`: whose file wins where two wheels own one path with different content."""

from __future__ import annotations

import json
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from artifacts.conftest import Builder, bare_environment
from installer.sources import WheelFile

from support.wheels import make_wheel, sha256

SITE = "lib/python3.11/site-packages"
SHARED = "site-packages/shared.py"
FILES = {
    "one": {"shared.py": b"OWNER = 'one'\n", "one.py": b"", "same.py": b"X = 1\n"},
    "two": {"shared.py": b"OWNER = 'two'\n", "two.py": b"", "same.py": b"X = 1\n"},
}


def chosen(**entries: str) -> list[str]:
    """Return the options of `collisions`; `shared` stands for the path of the shared module."""
    words = []
    for path, name in entries.items():
        words += [f"--collision={SHARED if path == 'shared' else path}", f"--collision-wheel={name}"]
    return words


@pytest.fixture
def clash(builder: Builder) -> Builder:
    """Return a builder with two wheels that own one module, one script and one equal file."""
    builder.wheels[0] = make_wheel(builder.folder, "app", requires=tuple(FILES))
    for name, files in FILES.items():
        script = {f"{name}-1.0.data/scripts/both": f"#!python\nprint('{name}')\n".encode()}
        console = f"[console_scripts]\nrun = {name}:main\nonly-{name} = {name}:main\n[other]\nrun = {name}:kept\n"
        builder.wheels.append(make_wheel(builder.folder, name, files={**files, **script}, entry_points=console))
    return builder


ALL = {"bin/both": "one", "bin/run": "two", SHARED: "two"}


def test_without_an_entry_both_are_named_and_the_entry_that_settles_it(
    clash: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    """All three paths at once; what is equal is no clash."""
    assert clash.venv() == 2
    error = capsys.readouterr().err
    assert error.count("two owners of ") == 3
    assert f"two owners of {SITE}/shared.py with different content: one-1.0-py3-none-any.whl and two-1.0-py3" in error
    assert f'or say whose file wins: collisions = {{"{SHARED}": "two"}}' in error


def test_the_chosen_wheels_files_are_in_the_venv(clash: Builder) -> None:
    """Modules, a wheel's own scripts and those of entry points; RECORD lists a file for its owner only."""
    assert clash.venv(*chosen(**ALL)) == 0
    with tarfile.open(clash.folder / "small.venv.tar.gz") as archive:
        names = archive.getnames()
        text = {name: archive.extractfile(name).read().decode() for name in names if archive.getmember(name).isfile()}  # type: ignore[union-attr]  # regular files
    assert len(names) == len(set(names))
    assert "two" in text[f"{SITE}/shared.py"] and "'one'" in text["bin/both"] and "from two import" in text["bin/run"]
    assert {"bin/only-one", "bin/only-two", f"{SITE}/same.py"} <= text.keys()
    records = {name: text[f"{SITE}/{name}-1.0.dist-info/RECORD"] for name in FILES}
    assert "shared.py," not in records["one"] and "shared.py," in records["two"]
    assert "bin/both," in records["one"] and "bin/both," not in records["two"]
    assert "bin/run," not in records["one"] and "bin/run," in records["two"]
    assert text[f"{SITE}/one-1.0.dist-info/entry_points.txt"].endswith("only-one = one:main\n[other]\nrun = one:kept\n")


def test_the_losing_wheel_of_a_pex_lacks_the_file(clash: Builder, fake_pex_wheel: Path) -> None:
    """It is another wheel, and PEX-INFO has its own digest; the winner's is the locked one, byte for byte."""
    assert clash.pex(fake_pex_wheel, *chosen(**ALL | {"bin/both": "two"})) == 0
    with zipfile.ZipFile(clash.folder / "small.pex") as pex:
        info = json.loads(pex.read("PEX-INFO"))
        pex.extractall(clash.folder / "tree")
    inside = {path.name: path for path in (clash.folder / "tree/.deps").iterdir()}
    assert info["distributions"] == {name: sha256(path) for name, path in inside.items()}
    one, two = (f"{name}-1.0-py3-none-any.whl" for name in FILES)
    assert sha256(inside[two]) == sha256(clash.folder / two) and sha256(inside[one]) != sha256(clash.folder / one)
    with zipfile.ZipFile(inside[one]) as wheel:
        assert wheel.testzip() is None
        assert {"one.py", "same.py"} <= set(wheel.namelist()) and "shared.py" not in wheel.namelist()


def test_installer_takes_the_losing_wheel_of_a_pex(clash: Builder, fake_pex_wheel: Path) -> None:
    """The reference implementation validates RECORD against every byte of it."""
    assert clash.pex(fake_pex_wheel, *chosen(**ALL)) == 0
    with zipfile.ZipFile(clash.folder / "small.pex") as pex:
        pex.extractall(clash.folder / "tree")
    with WheelFile.open(clash.folder / "tree/.deps/one-1.0-py3-none-any.whl") as wheel:
        wheel.validate_record(validate_contents=True)
        read = {row[0]: file.read() for row, file, _ in wheel.get_contents()}
    assert "one.py" in read and "shared.py" not in read


@pytest.mark.parametrize("winner", FILES)
def test_a_pex_runs_what_was_chosen(clash: Builder, real_pex_wheel: Path, winner: str) -> None:
    """Either wheel can win, without its warning of collisions."""
    assert clash.pex(real_pex_wheel, *chosen(**dict.fromkeys(ALL, winner))) == 0
    environment = bare_environment(PEX_ROOT=str(clash.folder / "root"))
    words = [clash.folder / "small.pex", "-c", "import one, two, shared; print(shared.OWNER)"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert done.stdout == f"{winner}\n" and "Encountered" not in done.stderr, done.stderr


def test_it_is_the_same_on_every_run(clash: Builder) -> None:
    """No name of a temporary file is in it, none is left."""
    digests = set()
    for _ in range(2):
        assert clash.venv(*chosen(**ALL)) == 0
        digests.add(sha256(clash.folder / "small.venv.tar.gz"))
    assert len(digests) == 1 and not list(clash.folder.glob(".*"))


def test_both_spellings_of_site_packages_are_understood(clash: Builder) -> None:
    """The short one fits every platform, the long one is the path in the tree; any spelling of the name does."""
    rest = {"bin/both": "One", "bin/run": "two"}
    assert clash.venv(*chosen(**rest, **{f"{SITE}/shared.py": "two"})) == 0
    clash.os = "windows"
    both = {f"Scripts/{name}": "two" for name in ("both-script.py", "run-script.py")}
    assert clash.venv(*chosen(shared="two", **both)) == 0


REFUSED = {
    "no such path": ({"site-packages/none.py": "one"}, "none.py to one, which does not own it; owned by no wheel"),
    "no such wheel": ({SHARED: "three"}, "shared.py to three, which does not own it; owned by one, two"),
    "another wheel": ({SHARED: "app"}, "shared.py to app, which does not own it; owned by one, two"),
    "equal bytes": ({"site-packages/same.py": "one"}, "same.py in collisions changes nothing"),
    "one owner": ({"site-packages/one.py": "one"}, "one.py in collisions changes nothing"),
    "two spellings": ({f"{SITE}/shared.py": "one"}, f"collisions has two entries for {SITE}/shared.py"),
    "our file": ({"pyvenv.cfg": "one"}, "pyvenv.cfg to one, which does not own it"),
    "a RECORD": ({"site-packages/one-1.0.dist-info/RECORD": "one"}, "owned by no wheel"),
}


@pytest.mark.parametrize("kind", ["venv", "pex"])
@pytest.mark.parametrize("case", REFUSED)
def test_an_entry_that_changes_nothing_is_an_error(
    clash: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], case: str, kind: str
) -> None:
    """It is named with who owns the path, and nothing is written."""
    entries, what = REFUSED[case]
    words = chosen(**{**ALL, **entries})
    assert (clash.venv(*words) if kind == "venv" else clash.pex(fake_pex_wheel, *words)) == 2
    error = capsys.readouterr().err
    assert what in error and "where: small, collisions: " in error and "fix:   take the entry out" in error
    assert not [path.name for path in clash.folder.iterdir() if path.name.startswith((".", "small.venv", "small.pex"))]


def test_all_entries_that_change_nothing_are_named(clash: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """One run tells all of them."""
    assert clash.venv(*chosen(a="one", b="two")) == 2
    assert capsys.readouterr().err.count("error: ") == 2


def test_the_metadata_of_a_wheel_cannot_be_given_away(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """A wheel that brings another one's METADATA stays refused."""
    metadata = "lib-1.0.dist-info/METADATA"
    thief = {f"thief-1.0.data/purelib/{metadata}": b"Metadata-Version: 2.1\nName: lib\nVersion: 6.6.6\n"}
    builder.wheels.append(make_wheel(builder.folder, "thief", files=thief))
    assert builder.venv() == 2
    assert builder.venv(*chosen(**{f"site-packages/{metadata}": "thief"})) == 2
    assert "is the metadata of lib, which no other wheel may replace" in capsys.readouterr().err


def test_first_party_code_never_wins_over_a_wheel(clash: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor loses: the file is ours to rename."""
    assert clash.venv(*chosen(**ALL), *clash.source("one.py", b"X = 2\n")) == 2
    assert "fix:   rename or move the first-party file" in capsys.readouterr().err
