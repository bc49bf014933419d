"""What one artifact holds beside the closure, and without: `additional` and `ignored`."""

from __future__ import annotations

import json
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from artifacts.conftest import Builder, bare_environment

from python_env.artifacts.missing import missing_requirements, selection_warnings
from python_env.artifacts.selection import select
from python_env.env.model import parse_env
from support.wheels import make_wheel, sha256


@pytest.fixture
def requiring(builder: Builder) -> Builder:
    """Return the builder, in whose env document app requires lib."""
    builder.requires = {"app": ("lib",)}
    return builder


def extra(builder: Builder, name: str = "extra", *, requires: tuple[str, ...] = (), tag: str = "py3-none-any") -> Path:
    """Return a wheel that is not in the closure."""
    folder = builder.folder / "additional"
    folder.mkdir(exist_ok=True)
    return make_wheel(folder, name, requires=requires, tag=tag)


def report(builder: Builder, file: str = "small.venv.tar.gz") -> dict[str, Any]:
    """Return the report of an artifact."""
    found: dict[str, Any] = json.loads((builder.folder / f"{file}.json").read_text())
    return found


def identity(builder: Builder) -> dict[str, Any]:
    """Return python_env.json of the venv."""
    with tarfile.open(builder.folder / "small.venv.tar.gz") as tar:
        member = tar.extractfile("python_env.json")
        assert member
        found: dict[str, Any] = json.load(member)
    return found


def packages(builder: Builder) -> set[str]:
    """Return the top folders of the venv's site-packages."""
    with tarfile.open(builder.folder / "small.venv.tar.gz") as tar:
        names = [name.partition("site-packages/")[2] for name in tar.getnames()]
    return {name.partition("/")[0] for name in names if name}


def test_an_ignored_distribution_is_left_out_and_named(requiring: Builder) -> None:
    """The report and python_env.json say what is missing, and who asks for it."""
    assert requiring.venv("--ignored=Lib") == 0
    assert packages(requiring) == {"app", "app-1.0.dist-info"}
    found = report(requiring)
    assert (found["distributions"], found["ignored"]) == ({"app": "1.0"}, {"lib": "1.0"})
    assert found["warnings"] == ["app 1.0 requires lib, which the artifact leaves out (1.0 is locked)"]
    assert identity(requiring)["ignored"] == {"lib": "1.0"}


def test_what_nothing_requires_is_left_out_without_a_warning(requiring: Builder) -> None:
    """Nothing inside asks for app."""
    assert requiring.venv("--ignored=app") == 0
    assert report(requiring)["warnings"] == []


def test_names_that_are_not_in_the_closure_are_told_at_once(
    builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what was meant, where a name is near."""
    assert builder.venv("--ignored=libb", "--ignored=unheard") == 2
    error = capsys.readouterr().err
    assert "libb is not in the closure for cp311-manylinux_2_28_x86_64" in error and "write lib" in error
    assert "unheard is not in the closure" in error and "take the name out" in error
    assert not (builder.folder / "small.venv.tar.gz").exists()


def test_an_additional_wheel_is_inside_and_listed(builder: Builder) -> None:
    """Report and python_env.json have its digest, which no lock has."""
    wheel = extra(builder)
    assert builder.venv("--additional", str(wheel)) == 0
    assert {"extra", "extra-1.0.dist-info", "lib"} <= packages(builder)
    row = {"file": wheel.name, "name": "extra", "sha256": sha256(wheel), "version": "1.0"}
    assert report(builder)["additional"] == [row] == identity(builder)["additional"]
    assert report(builder)["distributions"]["extra"] == "1.0"


def test_an_artifact_of_the_closure_alone_says_nothing_of_either(builder: Builder) -> None:
    """Its bytes are those of an artifact without these attributes."""
    assert builder.venv() == 0
    assert not identity(builder).keys() & {"additional", "ignored"}
    assert (report(builder)["additional"], report(builder)["ignored"]) == ([], {})


def test_a_distribution_that_stands_twice_is_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """Both owners are named; `ignored` says which one counts."""
    wheel = make_wheel(builder.folder, "lib", "2.0", files={"lib/__init__.py": b"NAME = 'other'\n"})
    assert builder.venv("--additional", str(wheel)) == 2
    error = capsys.readouterr().err
    assert "lib-2.0-py3-none-any.whl and lib-1.0-py3-none-any.whl of the closure are both lib" in error
    assert 'ignored = ["lib"]' in error
    assert builder.venv("--additional", str(wheel), "--ignored=lib") == 0
    assert (report(builder)["distributions"]["lib"], report(builder)["ignored"]) == ("2.0", {})


def test_two_additional_wheels_of_one_distribution_are_refused(
    builder: Builder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only one of them can be installed."""
    other = make_wheel(builder.folder, "extra", "2.0")
    assert builder.venv("--additional", str(extra(builder)), "--additional", str(other)) == 2
    assert "extra stands twice among the additional wheels" in capsys.readouterr().err


def test_wheels_of_another_platform_are_told_at_once(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """The target decides; a floor above the target's is another platform."""
    wheels = [
        extra(builder, "one", tag="cp311-cp311-win_amd64"),
        extra(builder, "two", tag="py3-none-musllinux_1_2_x86_64"),
    ]
    wheels.append(extra(builder, "three", tag="cp311-cp311-manylinux_2_34_x86_64"))
    assert builder.venv(*(word for wheel in wheels for word in ("--additional", str(wheel)))) == 2
    error = capsys.readouterr().err
    assert error.count("does not fit cp311-manylinux_2_28_x86_64") == 3
    fitting = extra(builder, "four", tag="cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64")
    assert builder.venv("--additional", str(fitting)) == 0


@pytest.mark.parametrize("name", ["extra.whl", "extra-1.0.whl", "extra-1.0-py3-none-any.zip"])
def test_what_is_not_named_like_a_wheel_is_refused(
    builder: Builder, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Name, version and tags are read from it."""
    place = builder.folder / name
    place.write_bytes(extra(builder).read_bytes())
    assert builder.venv("--additional", str(place)) == 2
    assert f"{name} is not the name of a wheel" in capsys.readouterr().err


def test_a_wheel_that_wants_another_version_is_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """A PEX would not start with it; markers of other platforms do not count."""
    wheel = extra(builder, requires=("lib>=2", "app>=2; sys_platform == 'win32'"))
    assert builder.venv("--additional", str(wheel)) == 2
    error = capsys.readouterr().err
    assert "requires lib>=2, and the artifact holds lib 1.0" in error and "app" not in error


def test_a_wheel_whose_requirement_is_nowhere_is_warned_of(builder: Builder) -> None:
    """The lock does not know it; the cluster may have it."""
    wheel = extra(builder, requires=("nowhere", "lib"))
    assert builder.venv("--additional", str(wheel)) == 0
    assert report(builder)["warnings"] == ["extra 1.0 requires nowhere, which neither it nor the lock has"]


def test_a_damaged_additional_wheel_is_refused(builder: Builder, capsys: pytest.CaptureFixture[str]) -> None:
    """It is read whole, as every wheel is."""
    wheel = extra(builder)
    data = wheel.read_bytes()
    place = data.index(b"extra/__init__.py") + len("extra/__init__.py")
    wheel.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
    assert builder.venv("--additional", str(wheel)) == 2
    assert "error: " in capsys.readouterr().err
    assert not (builder.folder / "small.venv.tar.gz").exists()


def test_selecting_is_pure(requiring: Builder) -> None:
    """The closure keeps its digest: it is what the artifact was made from."""
    env = parse_env(requiring.env_json().read_bytes(), where="here")
    selected = select(env, [], ["lib"])
    assert selected.digest == env.digest
    assert [wheel.name for wheel in selected.ignored] == ["lib"]
    assert list(missing_requirements(selected)) == ["lib"] and missing_requirements(env) == {}
    assert selection_warnings(env) == ()


def test_pex_info_names_what_is_inside_and_what_is_not(requiring: Builder, fake_pex_wheel: Path) -> None:
    """pex looks up `excluded` before it misses a requirement; what is added is required."""
    wheel = extra(requiring)
    assert requiring.pex(fake_pex_wheel, "--ignored=lib", "--additional", str(wheel)) == 0
    with zipfile.ZipFile(requiring.folder / "small.pex") as archive:
        info = json.loads(archive.read("PEX-INFO"))
    assert info["excluded"] == ["lib"]
    assert info["requirements"] == ["app", "extra==1.0"]
    assert info["distributions"][wheel.name] == sha256(wheel)
    assert not [name for name in info["distributions"] if name.startswith("lib-")]


@pytest.mark.parametrize("venv", [True, False], ids=["venv", "zipapp"])
def test_a_pex_takes_what_it_leaves_out_from_pythonpath(requiring: Builder, real_pex_wheel: Path, venv: bool) -> None:
    """app requires lib, which the cluster has; the additional wheel is importable."""
    cluster = requiring.folder / "cluster/lib"
    cluster.mkdir(parents=True)
    (cluster / "__init__.py").write_text("NAME = 'of the cluster'\n")
    words = ["--ignored=lib", "--additional", str(extra(requiring, requires=("lib",)))]
    assert requiring.pex(real_pex_wheel, *words, venv=venv) == 0
    environment = bare_environment(PYTHONPATH=str(cluster.parent), PEX_ROOT=str(requiring.pex_root))
    command = [requiring.folder / "small.pex", "-c", "import app, extra; print(app.VALUE, extra.NAME)"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout == "of the cluster extra\n", done.stderr
