"""`wheels build`: from a source to the wheel that the lock names, or an error and no wheel."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from python_env.__main__ import main
from support.wheels import sha256

TABLE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND = """\
import os, pathlib, sys, zipfile
def build_wheel(folder, settings=None, metadata=None):
    file = "{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(folder + "/" + file, "w") as wheel:
        wheel.writestr("lib.py", pathlib.Path("lib.py").read_text())
        wheel.writestr("lib.so", b"GLIBC_2.4")
        info = "{name}-{version}.dist-info/"
        wheel.writestr(info + "METADATA", "Name: {name}\\nVersion: {version}\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: {tag}\\n")
    {more}
    return file
"""
HERE = f"cp3{sys.version_info[1]}"
TAG = f"{HERE}-manylinux_2_28_x86_64"
PURE, NATIVE = "Lib-1.0-py3-none-any.whl", f"Lib-1.0-{HERE}-{HERE}-manylinux_2_28_x86_64.whl"
BUILT = f"{HERE}-{HERE}-linux_x86_64"


def build(
    folder: Path,
    wanted: str = PURE,
    *,
    name: str = "Lib",
    version: str = "1.0",
    tag: str = "py3-none-any",
    more: str = "",
    mode: int = 0o644,
) -> tuple[int, Path]:
    """Run the command on a project whose backend writes such a wheel."""
    files = {
        "pyproject.toml": TABLE,
        "backend.py": BACKEND.format(name=name, version=version, tag=tag, more=more),
        "lib.py": "VALUE = 1\n",
        "run": "#!/bin/sh\n",
    }
    (folder / "given").mkdir(parents=True)
    words = [
        "--key=libs/lib",
        "--name=lib",
        "--version=1.0",
        f"--platform={TAG}",
        "--update-command=bazel run //e:a.update",
    ]
    for file, text in files.items():
        (folder / "given" / file).write_text(text)
        (folder / "given" / file).chmod(mode)
        words += [f"--file={file}", f"--file-path={folder / 'given' / file}"]
    (folder / "out").mkdir()
    output = folder / "out" / wanted
    return main(["wheels", "build", *words, f"--output={output}"]), output


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    """The backend's clock does not count; what is given is not written to."""
    first, second = (build(tmp_path / each, more="open('lib.py', 'a').write('#')")[1] for each in "ab")
    assert sha256(first) == sha256(second)
    assert (tmp_path / "a/given/lib.py").read_text() == "VALUE = 1\n"


def test_the_modes_of_a_project_s_files_are_those_of_their_content(tmp_path: Path) -> None:
    """To a remote executor Bazel says that every input is executable; the umask of a checkout varies, too."""
    modes = "' '.join(oct(os.stat(name).st_mode & 0o777) for name in ('lib.py', 'run'))"
    more = f"zipfile.ZipFile(folder + '/' + file, 'a').writestr('modes.txt', {modes})"
    outputs = [build(tmp_path / str(mode), more=more, mode=mode)[1] for mode in (0o644, 0o755, 0o500)]
    assert {zipfile.ZipFile(output).read("modes.txt") for output in outputs} == {b"0o644 0o755"}
    assert len({sha256(output) for output in outputs}) == 1


def test_the_place_of_the_build_does_not_vary(tmp_path: Path) -> None:
    """A backend that writes it into the wheel, as compilers do, writes the same."""
    more = (
        "zipfile.ZipFile(folder + '/' + file, 'a').writestr('place.txt', os.getcwd() + folder + os.environ['TMPDIR'])"
    )
    first, second = (build(tmp_path / each, more=more)[1] for each in "ab")
    assert sha256(first) == sha256(second)


def test_a_native_wheel_gets_the_locked_tag(tmp_path: Path) -> None:
    """In its WHEEL, as in its name."""
    code, output = build(tmp_path, NATIVE, tag=BUILT)
    assert code == 0
    text = zipfile.ZipFile(output).read("Lib-1.0.dist-info/WHEEL").decode()
    assert text == f"Wheel-Version: 1.0\nTag: {HERE}-{HERE}-manylinux_2_28_x86_64\n"


def test_another_spelling_of_name_and_version_is_the_same(tmp_path: Path) -> None:
    """PEP 503 and PEP 440: `LIB v1.0.0` is `lib 1.0`."""
    assert build(tmp_path, name="LIB", version="v1.0.0")[0] == 0


@pytest.mark.parametrize(
    ("what", "wanted", "built"),
    [
        ("the source builds other 1.0, locked is lib 1.0", PURE, {"name": "other"}),
        ("the source builds Lib 1.1, locked is lib 1.0", PURE, {"version": "1.1"}),
        ("the source builds a native wheel", PURE, {"tag": BUILT}),
        ("the source builds a pure wheel (py3-none-any), locked is a native one", NATIVE, {}),
        ("it was built for the ABI cp39", NATIVE, {"tag": "cp39-cp39-linux_x86_64"}),
        ("says that it wrote '../../x.whl'", PURE, {"more": "file = '../../x.whl'"}),
        (
            "the backend wrote no wheel: File is not a zip file",
            PURE,
            {"more": "open(folder + '/' + file, 'w').close()"},
        ),
        ("the backend backend failed", PURE, {"more": "print('x' * 9999999); sys.exit(1)"}),
    ],
)
def test_what_is_not_the_locked_wheel_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, wanted: str, built: dict[str, str]
) -> None:
    """With the source's name and a remedy; no wheel is written, nor a part of one."""
    code, output = build(tmp_path, wanted, **built)
    error = capsys.readouterr().err
    assert code == 2 and what in error and "libs/lib" in error and "  fix:   " in error and len(error) < 9000
    assert not list(output.parent.iterdir())


def test_what_a_backend_writes_beside_its_tree_is_in_no_wheel(tmp_path: Path) -> None:
    """HOME and the temporary folder are its own, and gone afterwards; the variables of the user are not there."""
    more = "assert 'SECRET' not in os.environ; home = pathlib.Path.home(); (home / 'x').touch(); print(home)"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET", "1")
        patch.delenv("HOME", raising=False)
        code, output = build(tmp_path, more=more)
    assert code == 0 and "x" not in zipfile.ZipFile(output).namelist()
