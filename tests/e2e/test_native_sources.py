"""What is built from source for one platform and not for another: native code, `--no-binary`, submodules."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import socket
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support.bazel import NEWER, OLDER, Workspace, scratch_workspace
from support.toolchains import Declared, jar
from support.wheels import make_wheel

LINUX, ARM = "cp311-manylinux_2_28_x86_64", "cp311-manylinux_2_28_aarch64"
NEXT, OLD, MUSL = "cp312-manylinux_2_28_x86_64", "cp311-manylinux_2_5_x86_64", "cp311-musllinux_1_2_x86_64"
FLAG = "--@rules_python_env//rules/platforms:platform"
SANDBOX = ("--spawn_strategy=linux-sandbox", "--sandbox_default_allow_network=false")
BUILD = f"""\
load("@rules_python_env//rules:defs.bzl", "python_env", "python_env_wheelhouse")

python_env_wheelhouse(name = "native", env = ":training", file_name = "native", platforms = ["{LINUX}"])
python_env(
    name = "training",
    index_bindings = {{"shelf": ["cext", "wheely", "some"]}},
    index_urls = {{"shelf": "shelf"}},
    lock = "training.lock.json",
    lock_repo = "@training_lock",
    platforms = ["{LINUX}", "{ARM}", "{NEXT}", "{OLD}", "{MUSL}"],
    requirements = ["requirements.in"],
    sdists = ["cext", "some"],
)
"""
TABLE = '[build-system]\nrequires = ["setuptools>=64"]\nbuild-backend = "setuptools.build_meta"\n'
SETUP = """\
from setuptools import Extension, setup
setup(name="cext", version="1.0", ext_modules=[Extension("cext", ["cext.c"])])
"""
CODE = """\
#include <Python.h>
#include <sys/auxv.h>
static PyObject *file(PyObject *self, PyObject *word) {
    if (getauxval(AT_PAGESZ) == 0) return NULL; /* GLIBC_2.16 */
#if defined(__OPTIMIZE__) && defined(NDEBUG)
    return PyUnicode_FromFormat("%U %s optimised", word, __FILE__);
#else
    return PyUnicode_FromFormat("%U %s", word, __FILE__);
#endif
}
static PyMethodDef methods[] = {{"file", file, METH_O, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "cext", "", -1, methods};
PyMODINIT_FUNC PyInit_cext(void) { return PyModule_Create(&module); }
"""


def make_sdist(folder: Path, name: str, files: Mapping[str, str]) -> None:
    """Write `<name>-1.0.tar.gz`."""
    with tarfile.open(folder / f"{name}-1.0.tar.gz", "w:gz") as archive:
        for path, text in files.items():
            info = tarfile.TarInfo(f"{name}-1.0/{path}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))


def pure(name: str, value: str) -> dict[str, str]:
    """Return the files of a pure project."""
    project = f'{TABLE}[project]\nname = "{name}"\nversion = "1.0"\n[tool.setuptools]\npy-modules = ["{name}"]\n'
    return {"pyproject.toml": project, f"{name}.py": f"VALUE = {value!r}\n"}


def fill_shelf(folder: Path) -> None:
    """Write an index folder: a native sdist, a wheel with an sdist, and a wheel for one platform with an sdist."""
    folder.mkdir()
    make_sdist(folder, "cext", {"pyproject.toml": TABLE, "setup.py": SETUP, "cext.c": CODE})
    make_sdist(folder, "wheely", pure("wheely", "sdist"))
    make_wheel(folder, "wheely", files={"wheely.py": b"VALUE = 'wheel'\n"})
    make_sdist(folder, "some", pure("some", "sdist"))
    make_wheel(folder, "some", files={"some.py": b"VALUE = 'wheel'\n"}, tag="cp311-cp311-manylinux_2_28_x86_64")


def git(folder: Path, *words: str) -> None:
    """Run git with an identity."""
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *who, "-C", folder, *words], check=True, capture_output=True)


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a repository whose code lies in a submodule, which is served: of one git asks no file://."""
    base = tmp_path_factory.mktemp("repositories")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    origin = f"git://127.0.0.1:{port}"
    for name, files in (("inner", {"inner.py": "VALUE = 'submodule'\n"}), ("outer", {})):
        (base / name).mkdir()
        git(base / name, "init", "-q", "-b", "main")
        project = f'{TABLE}[project]\nname = "outer"\nversion = "1.0"\n[tool.setuptools]\npackages = ["part"]\n'
        for path, text in (
            files or {"pyproject.toml": project, ".gitattributes": "pyproject.toml export-ignore\n"}
        ).items():
            (base / name / path).write_text(text)
    (base / "inner/__init__.py").write_text("from part.inner import VALUE\n")
    git(base / "inner", "add", ".")
    git(base / "inner", "commit", "-qm", "one")
    git(base / "outer", "submodule", "-q", "add", str(base / "inner"), "part")
    git(base / "outer", "config", "-f", ".gitmodules", "submodule.part.url", f"{origin}/inner")
    git(base / "outer", "add", ".")
    git(base / "outer", "commit", "-qm", "one")
    words = ["git", "daemon", f"--base-path={base}", "--export-all", "--listen=127.0.0.1", f"--port={port}", base]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(100):
            if (
                subprocess.run(["git", "ls-remote", f"{origin}/inner"], capture_output=True, check=False).returncode
                == 0
            ):
                break
            time.sleep(0.1)
        yield f"git+file://{base}/outer@main"
        process.terminate()


@pytest.fixture(scope="module", params=list(OLDER))
def workspace(request: pytest.FixtureRequest, daemon: str) -> Iterator[Workspace]:
    """Give a locked workspace on each configuration, and stop its server."""
    slug = re.sub(r"\W+", "-", request.param)
    made = scratch_workspace(f"native-{slug}", OLDER[request.param])
    fill_shelf(made.path / "shelf")
    lines = ["cext", "--no-binary wheely", "wheely", "some", f"outer @ {daemon}"]
    (made.path / "envs/requirements.in").write_text("\n".join(lines) + "\n")
    (made.path / "envs/BUILD").write_text(BUILD)
    made.bazel("run", "//envs:training.update")
    yield made
    made.bazel("shutdown", check=False)


def files_of(workspace: Workspace, tag: str) -> dict[str, str]:
    """Return by name the file that the lock has on a platform."""
    lock = json.loads((workspace.path / "envs/training.lock.json").read_text())
    return {package["name"]: package["file"] for package in lock["platforms"][tag]["packages"]}


def test_the_lock_states_each_platforms_own_wheel(workspace: Workspace) -> None:
    """Of native code the target's tag, never this machine's; a wheel where one fits, else the sdist."""
    assert files_of(workspace, LINUX)["cext"] == "cext-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    assert files_of(workspace, NEXT)["cext"] == "cext-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"
    assert files_of(workspace, MUSL)["cext"] == "cext-1.0-cp311-cp311-musllinux_1_2_x86_64.whl"
    lock = json.loads((workspace.path / "envs/training.lock.json").read_text())
    assert "build" not in lock["files"][files_of(workspace, LINUX)["some"]]
    assert lock["files"][files_of(workspace, ARM)["some"]] == {"build": "some-1.0.tar.gz"}
    assert lock["files"][files_of(workspace, LINUX)["wheely"]] == {"build": "wheely-1.0.tar.gz"}


def test_it_is_built_without_network_and_home_and_runs(workspace: Workspace, tmp_path: Path) -> None:
    """The native wheel has the target's tag, the interpreter's flags and no place of the build."""
    workspace.bazel(
        "build", *SANDBOX, "--action_env=HOME=/nonexistent", "//envs:training_venv", "@training_lock//:wheels"
    )
    subprocess.run(["tar", "-xzf", workspace.output("envs/training.venv.tar.gz"), "-C", tmp_path], check=True)
    code = "import cext, wheely, some, part; print(cext.file('x'), wheely.VALUE, some.VALUE, part.VALUE)"
    done = subprocess.run([tmp_path / "bin/python", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "x cext.c optimised sdist wheel submodule\n", done.stderr
    wheel = built(workspace, files_of(workspace, LINUX)["cext"])
    with zipfile.ZipFile(wheel) as archive:
        assert b"Tag: cp311-cp311-manylinux_2_28_x86_64\n" in archive.read("cext-1.0.dist-info/WHEEL")
        library = next(archive.read(name) for name in archive.namelist() if name.endswith(".so"))
    assert b"/sandbox/" not in library and b"python_env_build_" not in library


def built(workspace: Workspace, file: str) -> Path:
    """Return a wheel that was built, by its name, since those of other platforms lie beside it."""
    return next(Path(os.path.realpath(workspace.path / "bazel-bin")).rglob(file))


def test_two_native_builds_are_the_same_bytes(workspace: Workspace) -> None:
    """One machine, one compiler, another output base: what the compiler writes down of its place is mapped away."""
    workspace.bazel("build", *SANDBOX, "//envs:training_venv")
    first = hashlib.sha256(built(workspace, files_of(workspace, LINUX)["cext"]).read_bytes()).hexdigest()
    base = f"--output_base={workspace.path.parent / (workspace.path.name + '-second')}"
    workspace.bazel(base, "build", *SANDBOX, "//envs:training_venv")
    second = hashlib.sha256(built(workspace, files_of(workspace, LINUX)["cext"]).read_bytes()).hexdigest()
    workspace.bazel(base, "clean", "--expunge")
    workspace.bazel("build", *SANDBOX, "//envs:training_venv")
    assert first == second


def test_an_archive_interpreter_builds_native_code(tmp_path: Path) -> None:
    """Locked and built by CPython of an archive, by its own headers and flags and this machine's compiler."""
    declared = Declared.new("native-archive", next(iter(NEWER.values())))
    declared.declare(jar("3.11.3"))
    workspace = declared.workspace
    fill_shelf(workspace.path / "shelf")
    (workspace.path / "envs/requirements.in").write_text("cext\n--no-binary wheely\nwheely\nsome\n")
    (workspace.path / "envs/BUILD").write_text(BUILD)
    workspace.bazel("run", "//envs:training.update")
    workspace.bazel("build", *SANDBOX, "//envs:training_venv")
    subprocess.run(["tar", "-xzf", workspace.output("envs/training.venv.tar.gz"), "-C", tmp_path], check=True)
    code = "import cext, wheely; print(cext.file('x'), wheely.VALUE)"
    done = subprocess.run([tmp_path / "bin/python", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "x cext.c optimised sdist\n", done.stderr
    workspace.bazel("clean", "--expunge")


MISFITS = {
    ARM: "it was built for linux x86_64",
    NEXT: "it was built by CPython 3.11",
    OLD: "needs glibc 2.16",
    MUSL: "needs glibc",
}
"""Platform to why the native wheel that is built here is not one of it."""


@pytest.mark.parametrize(("tag", "reason"), MISFITS.items())
def test_native_code_for_another_target_is_refused(workspace: Workspace, tag: str, reason: str) -> None:
    """The wheel is not written under a tag that it does not fit; the error says what to do."""
    done = workspace.bazel("build", *SANDBOX, f"{FLAG}={tag}", "//envs:training_venv", check=False)
    assert done.returncode != 0
    assert f"error: the wheel of cext-1.0.tar.gz is native and does not fit {tag}:" in done.stdout, done.stdout[-3000:]
    assert reason in done.stdout and "where: cext-1.0.tar.gz, built by CPython 3.11 on linux x86_64" in done.stdout
    assert f"fix:   build on a machine or a remote executor that is {tag}" in done.stdout


def test_a_wheelhouse_names_each_platform_that_lacks_a_wheel(workspace: Workspace) -> None:
    """Of five platforms, four want a wheel that is not to be had here: each is said, and no archive is written."""
    words = ["build", *SANDBOX, "--keep_going", "//envs:native", "//envs:training_wheelhouse"]
    done = workspace.bazel(*words, check=False)
    assert done.returncode != 0
    for tag, reason in MISFITS.items():
        what = f"error: the wheel of cext-1.0.tar.gz is native and does not fit {tag}: "
        said = re.search(rf"{what}(.*\n){{3}}", done.stdout)
        assert said, done.stdout[-3000:]
        assert reason in said[0] and "\n  where: cext-1.0.tar.gz, built by CPython 3.11 on linux" in said[0]
        assert f"\n  fix:   build on a machine or a remote executor that is {tag}" in said[0]
    assert f"does not fit {LINUX}" not in done.stdout
    assert not workspace.output("envs/training.wheelhouse.zip").exists()
    with zipfile.ZipFile(workspace.output("envs/native.wheelhouse.zip")) as archive:
        assert f"wheels/{files_of(workspace, LINUX)['cext']}" in archive.namelist()
