"""A venv that carries its interpreter: in an empty root, moved, read-only, the same bytes from every engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from python_env.__main__ import main
from support.bazel import OLDER, Workspace, scratch_workspace
from support.empty_root import COMPILER, LIBC, in_empty_root
from support.interpreters import cpython_jar, cpython_tarball, declare_archives
from support.same_bytes import SameBytes
from support.wheels import sha256

LINUX, ARM = "cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64"
FLAG = "--@rules_python_env//rules/platforms:platform"
SANDBOX = ("--spawn_strategy=linux-sandbox", "--sandbox_default_allow_network=false")
BUILD = """
load("@rules_python_env//rules:defs.bzl", "python_env_venv")

python_env_venv(name = "zip", env = ":training", file_name = "zip", format = "zip", interpreter = "@cpython_tar")
python_env_venv(name = "dir", env = ":training", file_name = "dir", format = "dir", interpreter = "@cpython_tar")
python_env_venv(name = "tar", env = ":training", file_name = "tar", interpreter = "@cpython_tar")
python_env_venv(name = "plain", env = ":training", file_name = "plain", format = "zip")
"""
TARGETS = ("training_venv", "training_launcher", "zip", "dir", "tar", "plain")
FILES = tuple(
    f"envs/{name}"
    for file in ("training.venv.tar.gz", "zip.venv.zip", "tar.venv.tar.gz", "plain.venv.zip", "dir.venv")
    for name in ((file, f"{file}.json") if file != "dir.venv" else (f"{file}.json",))
)
BUILT = SameBytes()
NAMES: list[str] = []
ZLIB = ("libz.so.1",)
"""What this CPython takes from its machine beside libc."""

EVERYTHING = """
import importlib, importlib.metadata, pkgutil, ssl, sys
import certifi
for name in sorted(importlib.metadata.packages_distributions()):
    if "." not in name and name.isidentifier() and not name.endswith("__mypyc"):
        importlib.import_module(name)
missing = {"_curses", "_curses_panel", "_lzma", "_sqlite3", "_tkinter", "readline", "winreg", "nt", "msvcrt"}
for module in pkgutil.iter_modules([sys.prefix + "/lib/python3.11", sys.prefix + "/lib/python3.11/lib-dynload"]):
    if module.name in ("antigravity", "this", "__main__") or module.name.startswith("_msi"):
        continue
    try:
        importlib.import_module(module.name)
    except ImportError as error:
        known = error.name in missing or module.name in ("msilib", "tkinter")
        assert known or "cannot open shared object" in str(error), error
context = ssl.create_default_context(cafile=certifi.where())
assert len(context.get_ca_certs()) > 50 and context.verify_mode == ssl.CERT_REQUIRED
print(sys.prefix, sys.executable, sys.version.split()[0])
"""


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a jar and a tarball of CPython 3.11."""
    tarball = cpython_tarball("3.11.3", tmp_path_factory.mktemp("archives") / "cpython-3.11.3-install_only.tar.gz")
    return {"cpython_jar": cpython_jar("3.11.3"), "cpython_tar": tarball}


@pytest.fixture(scope="module", params=list(OLDER))
def workspace(request: pytest.FixtureRequest, archives: dict[str, Path]) -> Iterator[Workspace]:
    """Give a built workspace on each configuration, and stop its server."""
    slug = re.sub(r"\W+", "-", request.param)
    made = scratch_workspace(f"interpreter-{slug}", OLDER[request.param])
    declare_archives(made, archives)
    with (made.path / "envs/BUILD").open("a") as file:
        file.write(BUILD)
    made.bazel("run", "//envs:training.update")
    made.bazel("build", *SANDBOX, *(f"//envs:{target}" for target in TARGETS))
    yield made
    made.bazel("shutdown", check=False)


@pytest.fixture
def unpacked(workspace: Workspace, tmp_path: Path) -> Path:
    """Return the unpacked tarball."""
    place = tmp_path / "some where"
    place.mkdir()
    subprocess.run(["tar", "-xzf", workspace.output("envs/training.venv.tar.gz"), "-C", place], check=True)
    return place


def test_it_starts_in_an_empty_root_and_imports_everything(unpacked: Path) -> None:
    """No Python, no shell, no PATH, read-only: every package and the standard library are imported, TLS is ready."""
    done = in_empty_root(unpacked, LIBC, "-c", "import asyncio, click, json, sys; print(sys.prefix)")
    assert done.stdout == "/cluster/env\n", done.stderr
    done = in_empty_root(unpacked, LIBC + ZLIB + COMPILER, "-W", "ignore", "-c", EVERYTHING)
    assert done.stdout.endswith("/cluster/env /cluster/env/bin/python 3.11.3\n"), done.stderr


def test_it_runs_from_another_place_without_a_python_on_path(unpacked: Path, tmp_path: Path) -> None:
    """Moved, through a link, by its other names and by a script; children see the same packages."""
    moved = unpacked.rename(tmp_path / "moved")
    (tmp_path / "link").symlink_to(moved / "bin/python3.11")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "realpath"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    environment = {"PATH": str(tmp_path / "bin")}
    child = "import numpy, sys; print(sys.prefix)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-c', {child!r}], check=True)"
    for python in (moved / "bin/python", moved / "bin/python3", tmp_path / "link"):
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, env=environment)
        assert done.stdout == f"{moved}\n", (python, done.stderr)
    done = subprocess.run([moved / "bin/f2py", "-v"], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0 and done.stdout[:1].isdigit(), done.stderr
    links = [path for path in moved.rglob("*") if path.is_symlink()]
    assert {path.readlink().as_posix() for path in links} == {"python"} and len(links) == 2


def test_sysconfig_follows_the_place(unpacked: Path) -> None:
    """No path of the build is left where sysconfig looks for something."""
    code = "import json, sysconfig; print(json.dumps([sysconfig.get_paths(), sysconfig.get_config_vars()]))"
    done = subprocess.run([unpacked / "bin/python", "-c", code], capture_output=True, text=True, check=True, env={})
    paths, variables = json.loads(done.stdout)
    assert all(path.startswith(str(unpacked)) for path in paths.values())
    assert variables["LIBDIR"] == f"{unpacked}/lib" and variables["INSTALL"] == "/usr/bin/install -c"
    left = [key for key in variables if "cppbuild/linux-x86_64/lib" in str(variables[key])]
    assert left == ["WASM_STDLIB"]  # of another target


def test_a_zip_and_a_folder_run_without_links(workspace: Workspace, tmp_path: Path) -> None:
    """Unpacked with the modes that the zip says; the folder as Bazel has it."""
    with zipfile.ZipFile(workspace.output("envs/zip.venv.zip")) as archive:
        assert not [info for info in archive.infolist() if info.external_attr >> 28 != 0o10 or info.flag_bits & 0x8]
        for info in archive.infolist():
            Path(archive.extract(info, tmp_path)).chmod(info.external_attr >> 16 & 0o777)
    for place in (tmp_path, workspace.output("envs/dir.venv").resolve()):
        for name in ("python", "python3", "python3.11"):
            done = subprocess.run(
                [place / "bin" / name, "-c", "import numpy, sys; print(sys.prefix, sys.executable)"],
                capture_output=True,
                text=True,
                check=False,
                env={"PATH": "/usr/bin:/bin"},
            )
            assert done.stdout == f"{place} {place}/bin/python\n", done.stderr
        assert not [path for path in place.rglob("*") if path.is_symlink() and place == tmp_path]


def test_the_launcher_asks_for_no_python_on_the_nodes(workspace: Workspace) -> None:
    """The report says what lies inside; the manifest's requirements name the driver's Python only."""
    report = json.loads(workspace.output("envs/training.venv.tar.gz.json").read_text())
    assert (report["bundled_interpreter"], report["interpreter"], report["python_path"]) == (
        True,
        "3.11.3",
        "bin/python",
    )
    manifest = json.loads(workspace.output("envs/training.launcher.json").read_text())
    said = [line for launch in manifest["launches"] if launch["artifact"] == "venv" for line in launch["requires"]]
    assert not [line for line in said if "PATH" in line]


def test_the_archives_of_both_shapes_give_the_same_interpreter(workspace: Workspace, tmp_path: Path) -> None:
    """A jar without modes and a tarball with links: the trees differ in the tarball's own link only."""
    trees = []
    for file in ("training.venv.tar.gz", "tar.venv.tar.gz"):
        place = tmp_path / file
        place.mkdir()
        subprocess.run(["tar", "-xzf", workspace.output(f"envs/{file}"), "-C", place], check=True)
        trees.append({path.relative_to(place).as_posix(): sha256(path) for path in place.rglob("*") if path.is_file()})
    assert trees[1].pop("share/link") == trees[0]["libpython3.11.so.1.0"]
    assert trees[0] == trees[1]


def test_every_engine_builds_the_same_bytes(workspace: Workspace) -> None:
    """Tarball, zips and the folder's digest are those of the configurations before."""
    NAMES.append(workspace.path.name)
    BUILT.add(NAMES[-1], {path: workspace.output(path) for path in FILES})
    BUILT.check(NAMES)


def test_another_platform_has_no_interpreter_or_is_refused(workspace: Workspace) -> None:
    """By default the tag's own archive counts, and there is none; one that is named must fit."""
    workspace.bazel("build", *SANDBOX, f"{FLAG}={ARM}", "//envs:training_venv")
    report = json.loads(workspace.output("envs/training.venv.tar.gz.json").read_text())
    assert (report["bundled_interpreter"], report["platform"]) == (False, ARM)
    done = workspace.bazel("build", *SANDBOX, f"{FLAG}={ARM}", "//envs:tar", check=False)
    assert done.returncode != 0
    assert "is built for x86_64, the environment is for aarch64" in done.stdout
    assert (
        "where: training_venv, interpreter" in done.stdout
        and "fix:   name the archive of a CPython 3.11" in done.stdout
    )


def test_the_doctor_finds_nothing(workspace: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither errors nor warnings, as .tar.gz and as .zip, for the platform that the report beside it states."""
    workspace.bazel("build", *SANDBOX, *(f"//envs:{target}" for target in TARGETS))  # other tests build other platforms
    for file in ("training.venv.tar.gz", "tar.venv.tar.gz", "zip.venv.zip", "plain.venv.zip"):
        code = main(["doctor", "--strict", str(workspace.output(f"envs/{file}"))])
        assert code == 0, capfd.readouterr().out
