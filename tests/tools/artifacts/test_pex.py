"""The PEX: opened, booted and checked."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from artifacts.conftest import Builder, bare_environment

from support.wheels import make_wheel, sha256


def info_of(path: Path) -> dict[str, Any]:
    """Return PEX-INFO."""
    with zipfile.ZipFile(path) as archive:
        found: dict[str, Any] = json.loads(archive.read("PEX-INFO"))
    return found


def run(pex: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a PEX with a bare environment."""
    place = bare_environment(PEX_ROOT=str(pex.parent / "pex_root"), **environment)
    return subprocess.run([pex, *words], capture_output=True, text=True, check=False, env=place, cwd="/")


@pytest.fixture
def pex(builder: Builder, real_pex_wheel: Path) -> Path:
    """Return a PEX that boots."""
    assert builder.pex(real_pex_wheel) == 0
    return builder.folder / "small.pex"


def test_without_entry_point_it_is_an_interpreter(pex: Path) -> None:
    """-c and a script run with the environment's packages."""
    done = run(pex, "-c", "import app, sys; print(app.VALUE, sys.version_info[:2])")
    assert (done.returncode, done.stdout) == (0, "lib (3, 11)\n"), done.stderr


def test_an_entry_point_is_run(builder: Builder, real_pex_wheel: Path) -> None:
    """Its exit code is the PEX's."""
    assert builder.pex(real_pex_wheel, entry_point="app.cli:main") == 0
    done = run(builder.folder / "small.pex", "one")
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("app ") and done.stdout.endswith(" one\n")


def test_the_clusters_pythonpath_is_visible(pex: Path, tmp_path: Path) -> None:
    """A worker finds the cluster's pyspark: venv mode, non-hermetic scripts, inherit_path fallback."""
    (tmp_path / "clusters.py").write_text("X = 1\n")
    done = run(pex, "-c", "import clusters, app; print(clusters.X)", PYTHONPATH=str(tmp_path))
    assert done.stdout == "1\n", done.stderr


def test_inherit_path_false_hides_the_outer_path(builder: Builder, real_pex_wheel: Path, tmp_path: Path) -> None:
    """A module on PYTHONPATH is not found, where `fallback` finds it."""
    (tmp_path / "clusters.py").write_text("X = 1\n")
    assert builder.pex(real_pex_wheel, inherit_path="false") == 0
    done = run(builder.folder / "small.pex", "-c", "import app, clusters", PYTHONPATH=str(tmp_path))
    assert done.returncode != 0 and "No module named 'clusters'" in done.stderr


def test_it_boots_from_a_read_only_place_without_home(pex: Path) -> None:
    """PEX_ROOT unset and HOME unset: it finds another folder to unpack into."""
    pex.parent.chmod(0o555)
    try:
        command = [pex, "-c", "import app; print(app.VALUE)"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=bare_environment(), cwd="/")
    finally:
        pex.parent.chmod(0o755)
    assert done.stdout == "lib\n", done.stderr


def test_first_party_code_travels_along(builder: Builder, real_pex_wheel: Path) -> None:
    """It is importable, and the code hash of pex's own algorithm covers it."""
    assert builder.pex(real_pex_wheel, *builder.source("jobs/job.py", b"JOB = 41\n")) == 0
    pex = builder.folder / "small.pex"
    assert run(pex, "-c", "import jobs.job; print(jobs.job.JOB)").stdout == "41\n"
    with zipfile.ZipFile(pex) as archive:
        names = ["jobs/job.py", "python_env.json"]
        expected = hashlib.sha1("".join(names).encode() + b"".join(archive.read(name) for name in names)).hexdigest()
    assert info_of(pex)["code_hash"] == expected


def test_pex_tools_accept_it(pex: Path) -> None:
    """info, graph and venv of the tools inside."""
    shown = run(pex, "info", PEX_TOOLS="1")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["pex_hash"] == info_of(pex)["pex_hash"]
    made = run(pex, "venv", str(pex.parent / "made"), PEX_TOOLS="1")
    assert made.returncode == 0, made.stderr
    done = subprocess.run([pex.parent / "made/bin/python", "-c", "import app"], check=False, env=bare_environment())
    assert done.returncode == 0


def test_the_bootstrap_is_that_of_pex(builder: Builder, real_pex_wheel: Path) -> None:
    """What pex's own builder leaves out stays out: pip, the resolver's back ends, the build-time command line."""
    assert builder.pex(real_pex_wheel) == 0
    with zipfile.ZipFile(builder.folder / "small.pex") as archive:
        names = [name for name in archive.namelist() if name.startswith(".bootstrap/")]
    assert ".bootstrap/pex/vendor/_vendored/attrs/attr/__init__.py" in names
    assert ".bootstrap/pex/venv/installer.py" in names
    unwanted = (".bootstrap/pex/pip/", ".bootstrap/pex/build_backend/", ".bootstrap/pex/cli/", ".bootstrap/pex/bin/")
    assert not [name for name in names if name.startswith(unwanted) or ".dist-info/" in name]


def test_wheels_lie_inside_byte_for_byte(builder: Builder, fake_pex_wheel: Path) -> None:
    """Stored, with the lock's digests in PEX-INFO; no data descriptors; the file is executable."""
    assert builder.pex(fake_pex_wheel) == 0
    pex = builder.folder / "small.pex"
    assert pex.stat().st_mode & 0o777 == 0o755
    with zipfile.ZipFile(pex) as archive:
        assert archive.testzip() is None
        for entry in archive.infolist():
            assert not entry.flag_bits & 0x8 and entry.date_time == (1980, 1, 1, 0, 0, 0)
        for wheel in builder.wheels:
            inside = archive.getinfo(f".deps/{wheel.name}")
            assert inside.compress_type == zipfile.ZIP_STORED
            assert archive.read(inside) == wheel.read_bytes()
    assert info_of(pex)["distributions"] == {wheel.name: sha256(wheel) for wheel in builder.wheels}


def test_pex_hash_is_over_the_rest_of_pex_info(builder: Builder, fake_pex_wheel: Path) -> None:
    """pex computes it in the same way."""
    assert builder.pex(fake_pex_wheel) == 0
    info = info_of(builder.folder / "small.pex")
    said = info.pop("pex_hash")
    assert said == hashlib.sha1(json.dumps(info, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@pytest.mark.parametrize(
    "destination",
    [
        *("__main__.py", "PEX-INFO", ".deps/x.whl", "python_env.json", "../x.py", "/x.py"),
        *(".bootstrap", ".deps", "__pex__", "PEX-INFO/x", "__main__.py/x", "python_env.json/x"),
        *("__pex__x.py", ".depsx/a.py", ".bootstrap.py", "PEX-LAYOUT", "pex"),
    ],
)
def test_a_source_that_would_overwrite_the_pex_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], destination: str
) -> None:
    """The error names it, and nothing is written."""
    assert builder.pex(fake_pex_wheel, *builder.source(destination)) == 2
    assert destination in capsys.readouterr().err
    assert not (builder.folder / "small.pex").exists()


@pytest.mark.parametrize(
    ("entry_point", "what", "fix"),
    [
        ("nonsuch:main", "module nonsuch is neither in srcs nor in a locked wheel", "add the module's file to srcs"),
        ("job:main", "module job is neither in srcs nor", "write jobs.job; src_root says where imports begin"),
        ("jobs.jop", "module jobs.jop is neither", "write jobs.job"),
        ("app", "app is a package without __main__.py", "mend the name"),
        ("app.c:main", "module app.c is neither", "mend the name"),
    ],
)
def test_an_entry_point_that_is_not_inside_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], entry_point: str, what: str, fix: str
) -> None:
    """It would fail on the cluster; the error names what was meant."""
    (builder.folder / "job.py").write_text("")
    source = ("--source=jobs/job.py", f"--source-path={builder.folder}/job.py")
    assert builder.pex(fake_pex_wheel, *source, entry_point=entry_point) == 2
    error = capsys.readouterr().err
    assert what in error and fix in error
    assert "where: small_pex, entry_point" in error
    assert not (builder.folder / "small.pex").exists()


@pytest.mark.parametrize(
    "entry_point",
    ["jobs.job", "jobs.job:main", "app.cli", "app:main", "more:f", "more", "deep.one:f", "native.fast:f", "plain:f"],
)
def test_an_entry_point_that_can_be_imported_is_taken(builder: Builder, fake_pex_wheel: Path, entry_point: str) -> None:
    """A module, a package, an extension, a folder of a .pth file."""
    files = {
        "more/__init__.py": b"",
        "more/__main__.py": b"",
        "native/fast.cpython-311-x86_64-linux-gnu.so": b"",
        "plain.pyd": b"",
        "more.pth": b"# folders\nimport sys\nelsewhere\n",
        "elsewhere/deep/one.py": b"",
    }
    builder.wheels.append(make_wheel(builder.folder, "more", files=files))
    (builder.folder / "job.py").write_text("")
    source = ("--source=jobs/job.py", f"--source-path={builder.folder}/job.py")
    assert builder.pex(fake_pex_wheel, *source, entry_point=entry_point) == 0


@pytest.mark.parametrize("entry_point", ["http.server", "pyspark.daemon"])
def test_what_the_interpreter_or_the_cluster_brings_is_taken(
    builder: Builder, fake_pex_wheel: Path, entry_point: str
) -> None:
    """Neither lies inside a PEX."""
    assert builder.pex(fake_pex_wheel, entry_point=entry_point) == 0


@pytest.mark.parametrize(
    "entry_point", ["a b", "a:b:c", ":f", "os.system('x')", "a;b", "--x", "a..b", "a:", "import:f"]
)
def test_an_entry_point_that_is_none_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str], entry_point: str
) -> None:
    """The error says how one is written."""
    assert builder.pex(fake_pex_wheel, entry_point=entry_point) == 2
    assert "module:function" in capsys.readouterr().err


def test_the_report_names_what_the_launcher_must_know(builder: Builder, fake_pex_wheel: Path) -> None:
    """Kind, container, entry point, inherit_path and scripts."""
    assert builder.pex(fake_pex_wheel, entry_point="app.cli") == 0
    report = json.loads((builder.folder / "small.pex.json").read_text())
    assert (report["artifact"], report["container"], report["entry_point"]) == ("pex", "file", "app.cli")
    assert (report["inherit_path"], report["venv_mode"], report["hermetic_scripts"]) == ("fallback", True, False)
    assert report["sha256"] == sha256(builder.folder / "small.pex")
