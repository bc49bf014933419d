"""Compiled files of a venv: which, of what bytes, recorded as pip does it, and taken without a look at the source."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from artifacts.conftest import Builder

from python_env.__main__ import main
from support.wheels import make_wheel, wheel_members, write_zip

SITE = f"lib/python3.{sys.version_info.minor}/site-packages"
SUFFIX = f".cpython-3{sys.version_info.minor}.pyc"

TAG = f"cp3{sys.version_info.minor}-manylinux_2_28_x86_64"
NEWER = f"cp3{sys.version_info.minor + 1}-manylinux_2_28_x86_64"

UNSTABLE = '''"""doc"""
a, c = {"foo", 2, 3}, "{" "\u00e9"
def f(_odd, *, k=(1, 1000, "two words", ("{", b"x", 1e9, 2j))):
    b = {"foo", 2, 3}
    def g():
        return b, 10**30, "two words", "one word", {"{", "two words", 77777}
    return k in {"foo", "bar", "two words", "{", 1.5, (1, "one word")}, g
'''
"""What plain marshal writes in another way once other code was compiled or imported."""

CHILD = f"""
import hashlib, sys
sys.path[:0] = {[path for path in sys.path if path]!r}
if sys.argv[1] == "late":
    import decimal, email.mime.text, unittest
    held = compile("import foo, bar; x = '{{', 'two words', 'foo'; foo_bar = 1000", "other.py", "exec")
    held2 = [sys.intern(text) for text in ("{{", "two words", "one word", "\u00e9", "f.<locals>.g", "some/where.py")]
from python_env.artifacts.compiled.codes import compile_source
print(hashlib.sha256(compile_source({UNSTABLE.encode()!r}, "some/where.py")).hexdigest())
"""


def compiled(builder: Builder) -> list[str]:
    """Compile every wheel and return the venv's options for it."""
    words = ["--compile"]
    for wheel in builder.wheels:
        output = builder.folder / f"{wheel.name}.zip"
        options = ["--platform", builder.os, "--wheel", str(wheel), "--output", str(output)]
        assert main(["artifacts", "compile", *options]) == 0
        words += ["--compiled", str(output)]
    return words


@pytest.fixture
def this(builder: Builder) -> Builder:
    """Return a builder for the version of CPython that runs the tests."""
    builder.os = TAG
    return builder


def unpacked(builder: Builder, *words: str) -> Path:
    """Build the venv and return its tree."""
    assert builder.venv(*compiled(builder), *words) == 0
    place = builder.folder / "unpacked"
    place.mkdir()
    subprocess.run(["tar", "-xzf", builder.folder / "small.venv.tar.gz", "-C", place], check=True)
    return place


def test_an_import_takes_the_compiled_file_and_names_the_real_place(this: Builder) -> None:
    """Although the source was changed since: the hash is not checked. A traceback names where the tree lies now."""
    place = unpacked(this)
    source = place / SITE / "lib/__init__.py"
    source.write_text("NAME = 'changed'\n")
    code = "import lib; print(lib.NAME, lib.__file__); exec(lib.__loader__.get_code('lib')); print(lib.__cached__)"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, cwd=place / SITE, check=True
    )
    name, file, cached = done.stdout.split()
    assert (name, Path(file).resolve(), cached.endswith(f"lib/__pycache__/__init__{SUFFIX}")) == ("lib", source, True)


def test_a_compiled_file_names_no_place_of_this_machine(this: Builder) -> None:
    """Its code says the path below the venv; it is an unchecked-hash file of this magic number."""
    place = unpacked(this)
    data = (place / SITE / f"app/__pycache__/cli{SUFFIX}").read_bytes()
    assert data[4:8] == b"\x01\0\0\0" and f"{SITE}/app/cli.py".encode() in data
    assert str(this.folder).encode() not in data


def test_record_has_compiled_files_as_pip_writes_them(this: Builder) -> None:
    """Path alone, without digest and size; scripts have no compiled file."""
    place = unpacked(this)
    rows = (place / SITE / "app-1.0.dist-info/RECORD").read_text().splitlines()
    named = [row for row in rows if ".pyc" in row]
    assert named == [f"app/__pycache__/__init__{SUFFIX},,", f"app/__pycache__/cli{SUFFIX},,"]
    assert not list((place / "bin").rglob("*.pyc"))


@pytest.mark.parametrize("scheme", ["purelib", "platlib", "data"])
def test_modules_of_every_scheme_are_compiled(this: Builder, scheme: str) -> None:
    """Where they are installed, whatever folder of the wheel they lie in."""
    this.wheels.append(make_wheel(this.folder, "more", files={f"more-1.0.data/{scheme}/more.part.py": b"X = 1\n"}))
    place = unpacked(this)
    folder = place if scheme == "data" else place / SITE
    assert (folder / f"__pycache__/more.part{SUFFIX}").exists()


def test_what_is_no_code_is_passed_over_and_counted(this: Builder) -> None:
    """Templates, Python 2, NUL, a wrong encoding, too deep: each is named in the report, none fails."""
    files = {
        "bad/__init__.py": b"",
        "bad/deep.py": b"(" * 5000 + b")" * 5000,
        "bad/latin.py": b"x = '\xe9'\n",
        "bad/nul.py": b"x = 1\0\n",
        "bad/template.py": b"import {{ module }}\n",
        "bad/two.py": b"print 'two'\n",
    }
    this.wheels.append(make_wheel(this.folder, "bad", files=files))
    place = unpacked(this)
    assert {path.name for path in (place / SITE / "bad").rglob("*.pyc")} == {f"__init__{SUFFIX}"}
    warnings = json.loads((this.folder / "small.venv.tar.gz.json").read_text())["warnings"]
    assert [text.split(":")[0] for text in warnings] == [
        "5 of 9 modules are not compiled, since they are no code of this version"
    ]
    assert "bad/deep.py" in warnings[0]


def test_a_wheels_own_compiled_file_is_replaced(this: Builder) -> None:
    """It may be of another source; elsewhere, and without compile, it stays."""
    name = f"own/__pycache__/__init__{SUFFIX}"
    files = {"own/__init__.py": b"X = 1\n", name: b"stale", "own/legacy.pyc": b"kept"}
    this.wheels.append(make_wheel(this.folder, "own", files=files))
    place = unpacked(this)
    assert (place / SITE / name).read_bytes()[8:] != b"stale" and (place / SITE / "own/legacy.pyc").exists()
    rows = (place / SITE / "own-1.0.dist-info/RECORD").read_text().splitlines()
    assert [row for row in rows if row.startswith(name)] == [f"{name},,"]
    assert this.venv(output=this.folder / "plain.tar.gz") == 0
    with tarfile.open(this.folder / "plain.tar.gz") as archive:
        assert archive.extractfile(f"{SITE}/{name}").read() == b"stale"  # type: ignore[union-attr]  # a regular file


def test_first_party_code_is_compiled_with_the_venv(this: Builder) -> None:
    """Its change compiles no wheel again; a compiled file among the sources is replaced."""
    words = [*this.source("job.py", b"Y = 2\n"), *this.source(f"__pycache__/job{SUFFIX}", b"stale")]
    place = unpacked(this, *words)
    assert (place / SITE / f"__pycache__/job{SUFFIX}").read_bytes()[4:8] == b"\x01\0\0\0"
    with tarfile.open(this.folder / "small.venv.tar.gz") as archive:
        names = archive.getnames()
    assert len(names) == len(set(names))


def test_the_bytes_depend_on_no_process(this: Builder) -> None:
    """Neither on the seed of hashes, nor on what was compiled, imported and interned before."""
    found = set()
    for seed, moment in (("0", "early"), ("1", "early"), ("2", "late"), ("3", "late")):
        done = subprocess.run(
            [sys.executable, "-c", CHILD, moment],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        found.add(done.stdout)
    assert len(found) == 1


def test_two_runs_write_the_same_zip(this: Builder, tmp_path: Path) -> None:
    """Members are sorted by place, whatever their order in the wheel."""
    files = {f"many/m{number}.py": UNSTABLE.encode() + b"# %d\n" % number for number in range(20)}
    members = wheel_members("many", "1.0", files)
    found = set()
    for turn, names in enumerate((list(members), list(members)[::-1])):
        folder = tmp_path / str(turn)
        folder.mkdir()
        wheel = write_zip(folder / "many-1.0-py3-none-any.whl", {name: members[name] for name in names})
        output = folder / "compiled.zip"
        words = ["--platform", TAG, "--wheel", str(wheel), "--output", str(output)]
        assert main(["artifacts", "compile", *words]) == 0
        found.add(output.read_bytes())
    assert len(found) == 1


@pytest.mark.parametrize("format", ["zip", "dir"])
def test_every_format_holds_them(this: Builder, format: str) -> None:
    """The zip and the folder as the tarball."""
    output = this.folder / f"venv.{format}"
    assert this.venv(*compiled(this), "--format", format, output=output) == 0
    path = f"{SITE}/lib/__pycache__/__init__{SUFFIX}"
    if format == "dir":
        assert (output / path).read_bytes()[4:8] == b"\x01\0\0\0"
    else:
        with zipfile.ZipFile(output) as archive:
            assert archive.read(path)[4:8] == b"\x01\0\0\0"


def test_another_version_is_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """By three parts that name both interpreters, at wheels and at the venv; nothing is written."""
    builder.os = NEWER
    output = builder.folder / "x.zip"
    words = ["--platform", NEWER, "--wheel", str(builder.wheels[0]), "--output", str(output)]
    assert main(["artifacts", "compile", *words]) == 2
    assert builder.venv("--compile") == 2
    error = capsys.readouterr().err
    this, other = sys.version.split()[0], f"CPython 3.{sys.version_info.minor + 1}"
    assert error.count(f"error: CPython {this} runs the tools") == 2 and error.count(f"those of {other} have") == 2
    assert error.count("\n  fix:   run the tools on a " + other) == 2
    assert not output.exists() and not (builder.folder / "small.venv.tar.gz").exists()


def test_without_compile_there_is_none(this: Builder) -> None:
    """Off by default: no compiled file, no warning."""
    assert this.venv() == 0
    with tarfile.open(this.folder / "small.venv.tar.gz") as archive:
        assert not [name for name in archive.getnames() if name.endswith(".pyc")]
    assert json.loads((this.folder / "small.venv.tar.gz.json").read_text())["warnings"] == []
