"""The archive of first-party code: its bytes, its identity, and what it must not hide."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from artifacts.conftest import Builder, bare_environment

from python_env.__main__ import main
from support.wheels import make_wheel

JOB = b"from pathlib import Path\nTEXT = (Path(__file__).parent / 'words.txt').read_text()\n"


def imports(builder: Builder) -> Path:
    """Write what the builder's wheels are imported by."""
    place = builder.folder / "small.code.imports.json"
    words = [word for wheel in builder.wheels for word in ("--wheel", str(wheel))]
    assert main(["artifacts", "imports", "--env", str(builder.env_json()), *words, "--output", str(place)]) == 0
    return place


def code(builder: Builder, *sources: str, document: Path | None = None) -> int:
    """Write `small.code.tar.gz` of these options and return the exit code."""
    output = builder.folder / "small.code.tar.gz"
    words = ["--env", str(builder.env_json()), "--imports", str(document or imports(builder))]
    return main(["artifacts", "code", *words, *sources, "--output", str(output), "--report", f"{output}.json"])


def files(builder: Builder) -> dict[str, bytes]:
    """Return the content of the written archive by path."""
    data = (builder.folder / "small.code.tar.gz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}  # type: ignore[union-attr]


def test_the_archive_holds_the_code_and_says_whose_it_is(builder: Builder) -> None:
    """Files lie from the root of the imports on; python_env.json names the environment and the layer."""
    assert code(builder, *builder.source("job/__init__.py", JOB), *builder.source("job/words.txt", b"words\n")) == 0
    found = files(builder)
    identity = json.loads(found.pop("python_env.json"))
    assert found == {"job/__init__.py": JOB, "job/words.txt": b"words\n"}
    assert (identity["layer"], identity["env_id"], identity["kind"]) == ("code", "e" * 64, "identity")


def test_the_report_is_of_the_code_alone(builder: Builder) -> None:
    """It has digest, size and counts, and no distribution."""
    assert code(builder, *builder.source("job.py")) == 0
    data = (builder.folder / "small.code.tar.gz").read_bytes()
    report = json.loads((builder.folder / "small.code.tar.gz.json").read_bytes())
    assert (report["artifact"], report["container"]) == ("code", "tar.gz")
    assert (report["sha256"], report["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert report["file_count"] == 2 and report["distributions"] == {} and report["largest"] == []


def test_the_bytes_do_not_depend_on_the_order_or_place_of_files(builder: Builder) -> None:
    """Sorted, one clock, no path of this machine."""
    assert code(builder, *builder.source("a.py", b"A"), *builder.source("b/c.py", b"C")) == 0
    first = (builder.folder / "small.code.tar.gz").read_bytes()
    assert code(builder, *builder.source("b/c.py", b"C"), *builder.source("a.py", b"A")) == 0
    assert (builder.folder / "small.code.tar.gz").read_bytes() == first
    assert str(builder.folder).encode() not in first


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("lib.py", "lib"),
        ("lib/more.py", "lib"),
        ("lib/__init__.py", "lib"),
        ("app/data.txt", "app"),
        ("space.py", "space"),
        ("space/__init__.py", "space"),
        ("space/part/__init__.py", "space.part"),
        ("space/part/deep/other.py", "space.part"),
        ("native.py", "native"),
    ],
)
def test_code_that_hides_a_module_of_a_wheel_is_refused(
    builder: Builder, capsys: pytest.CaptureFixture[str], file: str, name: str
) -> None:
    """Two folders are not joined as one is: whichever comes first hides the other."""
    wheels = builder.folder / "wheels"
    builder.wheels += [
        make_wheel(wheels, "space", files={"space/part/__init__.py": b"", "space/part/x.py": b""}),
        make_wheel(wheels, "native", files={"native.cpython-311-x86_64-linux-gnu.so": b"\x7fELF"}),
    ]
    assert code(builder, *builder.source(file)) == 2
    error = capsys.readouterr().err
    assert f"{name} is in first-party code ({file}) and in " in error and "fix:   rename or move" in error
    assert not (builder.folder / "small.code.tar.gz").exists()


def test_code_may_lie_in_a_namespace_of_a_wheel(builder: Builder) -> None:
    """Folders without __init__ are joined over all folders of the path (PEP 420)."""
    builder.wheels.append(make_wheel(builder.folder / "wheels", "space", files={"space/part/__init__.py": b""}))
    assert code(builder, *builder.source("space/job.py"), *builder.source("space/other/__init__.py")) == 0


def test_every_hidden_module_is_told_at_once(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Of wheels and of the standard library."""
    assert code(builder, *builder.source("lib.py"), *builder.source("app.py"), *builder.source("json/x.py")) == 2
    error = capsys.readouterr().err
    assert error.count("error:") == 3
    assert "(json/x.py) hides json of the standard library" in error


@pytest.mark.parametrize(
    ("tag", "file", "hides"),
    [
        ("cp310-manylinux_2_28_x86_64", "tomllib.py", False),
        ("cp311-manylinux_2_28_x86_64", "tomllib.py", True),
        ("cp312-macosx_14_0_arm64", "crypt/__init__.py", True),
        ("cp313-cp313t-manylinux_2_28_x86_64", "crypt/__init__.py", False),
        ("cp314-manylinux_2_28_x86_64", "annotationlib.py", True),
        ("cp38-manylinux_2_28_x86_64", "winreg.py", True),
    ],
)
def test_the_standard_library_is_that_of_the_target(builder: Builder, tag: str, file: str, hides: bool) -> None:
    """Whatever Python runs the tool; on all systems the same."""
    builder.os = tag
    assert code(builder, *builder.source(file)) == (2 if hides else 0)


def test_paths_that_the_target_takes_for_one_are_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """The target decides, not this machine."""
    builder.os = "windows"
    assert code(builder, *builder.source("Job.py"), *builder.source("job.py")) == 2
    assert "are one file on the target" in capsys.readouterr().err


def test_case_counts_where_the_target_folds_it(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """`LIB.py` is `lib` on Windows, and another module on Linux."""
    assert code(builder, *builder.source("LIB.py")) == 0
    builder.os = "windows"
    assert code(builder, *builder.source("LIB.py")) == 2
    assert "in first-party code (LIB.py)" in capsys.readouterr().err


def test_a_document_of_another_environment_is_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Its names would let pass what these wheels have."""
    document = imports(builder)
    builder.requirements = ("lib",)
    assert code(builder, *builder.source("job.py"), document=document) == 2
    assert "is of another environment" in capsys.readouterr().err


def test_our_own_file_is_not_overwritten(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """python_env.json says which environment it is."""
    assert code(builder, *builder.source("python_env.json")) == 2
    assert "is a file of ours" in capsys.readouterr().err


def test_an_entry_point_in_code_that_lies_apart_is_refused(
    builder: Builder, fake_pex_wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The PEX by itself could not start it; one of a wheel is fine."""
    assert builder.pex(fake_pex_wheel, "--code-apart", entry_point="app.cli:main") == 0
    assert builder.pex(fake_pex_wheel, "--code-apart", entry_point="job:main") == 2
    error = capsys.readouterr().err
    assert "split = True leaves srcs out of the PEX" in error and "-m" in error


@pytest.mark.parametrize(("inherit", "variable"), [("fallback", "PYTHONPATH"), ("false", "PEX_EXTRA_SYS_PATH")])
@pytest.mark.parametrize("venv", [True, False], ids=["venv", "zipapp"])
def test_a_pex_finds_the_code_by_the_launchers_variable(
    builder: Builder, real_pex_wheel: Path, inherit: str, variable: str, venv: bool
) -> None:
    """One that drops PYTHONPATH has a variable of its own; data beside the code are read."""
    assert builder.pex(real_pex_wheel, inherit_path=inherit, venv=venv) == 0
    assert code(builder, *builder.source("job/__init__.py", JOB), *builder.source("job/words.txt", b"words")) == 0
    with tarfile.open(builder.folder / "small.code.tar.gz") as tar:
        tar.extractall(builder.folder / "pycode")
    environment = bare_environment(**{variable: "./pycode"}, PEX_ROOT=str(builder.pex_root))
    program = "import os; os.chdir('/'); import job, app; print(job.TEXT, app.VALUE)"
    command = [builder.folder / "small.pex", "-c", program]
    done = subprocess.run(command, cwd=builder.folder, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout == "words lib\n"
