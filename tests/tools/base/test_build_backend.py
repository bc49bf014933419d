"""Reading a build-system table, and calling backends that misbehave."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from python_env.base.build_backend import (
    DEFAULT_BACKEND,
    DEFAULT_REQUIRES,
    Backend,
    build_environment,
    read_build_system,
)
from python_env.base.errors import ToolError

TABLE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def project(folder: Path, text: str, backend: str = "") -> Path:
    """Write a project with a backend of its own."""
    (folder / "pyproject.toml").write_text(text)
    (folder / "backend.py").write_text(backend)
    return folder


def test_a_project_without_a_table_is_setuptools(tmp_path: Path) -> None:
    """PEP 517, as pip does it: with setup.py alone, and with a pyproject.toml of other tables."""
    (tmp_path / "setup.py").touch()
    found = read_build_system(tmp_path, where="p")
    assert (found.requires, found.backend) == (DEFAULT_REQUIRES, DEFAULT_BACKEND)
    assert read_build_system(project(tmp_path, "[tool.x]\n"), where="p") == found


def test_a_backend_inside_the_tree_is_read(tmp_path: Path) -> None:
    """Its path is relative to the tree."""
    found = read_build_system(project(tmp_path, TABLE), where="p")
    assert (found.requires, found.backend, found.backend_path) == ((), "backend", (".",))


BAD = {
    "broken TOML": ("[build-system", "not TOML"),
    "deep TOML": ("a = " + "[" * 9999, "not TOML"),
    "a table that is none": ("build-system = 1\n", "build-system is not a table"),
    "requires as text": ('[build-system]\nrequires = "setuptools"\n', "requires is not an array of strings"),
    "requires of numbers": ("[build-system]\nrequires = [1]\n", "requires is not an array of strings"),
    "a path as text": ('[build-system]\nbackend-path = "."\n', "backend-path is not an array of strings"),
    "a path that climbs": ('[build-system]\nbackend-path = ["../x"]\n', "backend-path leaves the source"),
    "an absolute path": ('[build-system]\nbackend-path = ["/tmp"]\n', "backend-path leaves the source"),
    "a backend that is a number": ("[build-system]\nbuild-backend = 1\n", "is not the name of a module: 1"),
    "a backend with words": ('[build-system]\nbuild-backend = "a b"\n', "is not the name of a module: 'a b'"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_table_is_an_error_in_three_parts(tmp_path: Path, case: str) -> None:
    """The error names source and file."""
    text, what = BAD[case]
    with pytest.raises(ToolError) as error:
        read_build_system(project(tmp_path, text), where="p-1.tar.gz")
    shown = error.value.render()
    assert what in shown and "where: p-1.tar.gz: pyproject.toml" in shown and "fix:   mend the file" in shown


def test_bytes_that_are_no_text_and_folders_are_refused(tmp_path: Path) -> None:
    """Neither is a traceback."""
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(ToolError, match="not TOML"):
        read_build_system(tmp_path, where="p")
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(ToolError, match="cannot be read"):
        read_build_system(tmp_path, where="p")


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    """So is a subdirectory that is not there."""
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(ToolError, match=r"neither pyproject\.toml nor setup\.py is there"):
            read_build_system(folder, where="p")


def make_backend(folder: Path, code: str) -> Backend:
    """Return a backend whose code lies in its tree."""
    tree = project(folder, TABLE, code)
    return Backend(
        tree=tree,
        system=read_build_system(tree, where="p"),
        python=Path(sys.executable),
        environment=build_environment(name="p.q", version="1", home=folder, python=Path(sys.executable)),
        where="p-1.tar.gz",
    )


WHEEL = "def build_wheel(folder, settings=None, metadata=None):\n"
MISBEHAVING = {
    "it raises": (WHEEL + "    raise ValueError('no way')\n", "ValueError: no way"),
    "it ends the process": (WHEEL + "    import os; os._exit(0)\n", "gave no answer"),
    "it has no such hook": ("", "has no attribute 'build_wheel'"),
    "it cannot be imported": ("import nothing_of_this_name\n", "cannot be called"),
    "it names a file elsewhere": (WHEEL + "    return '../../evil.whl'\n", "says that it wrote '../../evil.whl'"),
    "it names what is not there": (WHEEL + "    return 'p-1-py3-none-any.whl'\n", "which is no wheel"),
    "it names nothing": (WHEEL + "    return None\n", "says that it wrote None, which is no wheel"),
    "it names no wheel": (WHEEL + "    open(folder + '/x', 'w'); return 'x'\n", "says that it wrote 'x'"),
}


@pytest.mark.parametrize("case", MISBEHAVING)
def test_a_backend_that_misbehaves_is_an_error_in_three_parts(tmp_path: Path, case: str) -> None:
    """With its own last words, never a traceback of ours."""
    code, what = MISBEHAVING[case]
    (tmp_path / "out").mkdir()
    with pytest.raises(ToolError) as error:
        make_backend(tmp_path, code).build(tmp_path / "out")
    assert what in error.value.render() and "where: p-1.tar.gz" in error.value.render()


def test_megabytes_of_words_are_cut(tmp_path: Path) -> None:
    """The error shows the end of them, also of one long line."""
    (tmp_path / "out").mkdir()
    code = WHEEL + "    print('x' * 3000000, flush=True); raise SystemExit(3)\n"
    with pytest.raises(ToolError) as error:
        make_backend(tmp_path, code).build(tmp_path / "out")
    assert len(error.value.render()) < 6000


@pytest.mark.parametrize("answer", ["None", "'setuptools'", "[1]"])
def test_requirements_that_are_no_list_of_texts_are_refused(tmp_path: Path, answer: str) -> None:
    """A string is not taken for a list of its letters."""
    code = f"def get_requires_for_build_wheel(settings=None):\n    return {answer}\n"
    with pytest.raises(ToolError, match="names no list of requirements"):
        make_backend(tmp_path, code).extra_requires()


def test_the_environment_of_a_backend_is_fixed(tmp_path: Path) -> None:
    """Nothing of the user; plugins that ask a version control system are told the version."""
    environment = build_environment(name="p.q-r", version="1.2", home=tmp_path, python=Path("/tools/bin/python"))
    assert environment["SETUPTOOLS_SCM_PRETEND_VERSION_FOR_P_Q_R"] == "1.2" == environment["PBR_VERSION"]
    assert environment["HOME"] == environment["TMPDIR"] == str(tmp_path) and environment["SOURCE_DATE_EPOCH"]
    unversioned = build_environment(name="p", version="", home=tmp_path, python=Path("/tools/bin/python"))
    assert "PBR_VERSION" not in unversioned


def test_programs_of_build_requirements_are_found_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the system's, and none of the user's PATH."""
    monkeypatch.setenv("PATH", "/home/jane/bin")
    environment = build_environment(name="p", version="1", home=tmp_path, python=Path("/tools/bin/python"))
    assert environment["PATH"] == "/tools/bin:/usr/local/bin:/usr/bin:/bin"
