"""Artifacts of a lock that leaves distributions out or replaces requirements: METADATA then contradicts the closure."""

from __future__ import annotations

import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from artifacts.conftest import Builder, bare_environment
from artifacts.wheelhouse.conftest import Houses
from artifacts.wheelhouse.conftest import houses as houses

from support.wheels import make_wheel

LAYOUTS: dict[str, dict[str, object]] = {
    "venv": {},
    "zipapp": {"venv": False},
    "installed": {"pre_installed": True},
    "installed zipapp": {"pre_installed": True, "venv": False},
    "packed": {"layout": "packed"},
    "packed zipapp": {"layout": "packed", "venv": False},
}


def app(builder: Builder, *requires: str) -> None:
    """Let app require this instead of lib."""
    files = {"app/__init__.py": b"import lib\nVALUE = lib.NAME\n"}
    builder.wheels[0] = make_wheel(builder.folder / "wheels", "app", files=files, requires=requires)


def run(builder: Builder, real_pex_wheel: Path, options: dict[str, object], code: str) -> str:
    """Write the PEX, start it, and return what it printed, or its last line of stderr."""
    packed = options.get("layout") == "packed"
    output = builder.folder / ("small.pex.zip" if packed else "small.pex")
    assert builder.pex(real_pex_wheel, output=output, **options) == 0
    program = output
    if packed:
        subprocess.run(["python3", "-m", "zipfile", "-e", output, builder.folder / "opened"], check=True)
        program = builder.folder / "opened/__main__.py"
    environment = bare_environment(PEX_ROOT=str(builder.pex_root))
    words = ["python3.11", program, "-c", code]
    done = subprocess.run(words, env=environment, check=False, capture_output=True, text=True)
    return str(done.stdout or done.stderr)


@pytest.mark.parametrize("options", LAYOUTS.values(), ids=LAYOUTS)
def test_a_pex_starts_without_what_the_lock_leaves_out(
    builder: Builder, real_pex_wheel: Path, options: dict[str, object]
) -> None:
    """Whoever asks for it."""
    app(builder, "lib", "gone>=1")
    builder.excludes = ("gone",)
    assert run(builder, real_pex_wheel, options, "import app; print(app.VALUE)") == "lib\n"


@pytest.mark.parametrize("options", LAYOUTS.values(), ids=LAYOUTS)
def test_a_pex_starts_with_what_the_lock_has_in_place_of_a_requirement(
    builder: Builder, real_pex_wheel: Path, options: dict[str, object]
) -> None:
    """Of a wheel, and of a person; an override that is true nowhere leaves its distribution out."""
    app(builder, "lib>=2", "gone>=1")
    builder.requirements = ("app", "lib>=3", "gone")
    builder.overrides = ("gone", "lib")
    assert run(builder, real_pex_wheel, options, "import app; print(app.VALUE)") == "lib\n"


def info(builder: Builder, fake_pex_wheel: Path, *words: str) -> dict[str, Any]:
    """Return PEX-INFO."""
    assert builder.pex(fake_pex_wheel, *words) == 0
    with zipfile.ZipFile(builder.folder / "small.pex") as archive:
        found: dict[str, Any] = json.loads(archive.read("PEX-INFO"))
    return found


def test_what_an_extra_brings_is_activated_though_the_override_does_not_name_it(
    builder: Builder, real_pex_wheel: Path
) -> None:
    """pex reaches it by the extras of the requirement alone, and an override takes those of what it replaces."""
    app(builder, "lib[fast]>=2")
    wheels = builder.folder / "wheels"
    builder.wheels[1] = make_wheel(wheels, "lib", requires=("quick; extra == 'fast'",))
    builder.wheels.append(make_wheel(wheels, "quick"))
    builder.overrides, builder.extras = ("lib",), {"lib": ("fast",)}
    assert run(builder, real_pex_wheel, {}, "import app, quick; print(quick.NAME)") == "quick\n"


def test_pex_info_names_what_the_lock_decided(builder: Builder, fake_pex_wheel: Path) -> None:
    """Requirements of a person that an override replaces are those of the closure; what is gone is not looked for."""
    builder.requirements = ("app", "lib[slow]>=3", "gone>=1")
    builder.excludes, builder.overrides, builder.extras = ("left",), ("gone", "lib"), {"lib": ("slow",)}
    found = info(builder, fake_pex_wheel)
    assert (found["excluded"], found["overridden"]) == (["gone", "left"], ["lib[slow]==1.0"])
    assert found["requirements"] == ["app", "lib[slow]==1.0"]


def test_a_wheel_that_is_added_is_not_left_out(builder: Builder, fake_pex_wheel: Path) -> None:
    """Though the lock leaves out, or overrides, its distribution."""
    added = [make_wheel(builder.folder, "left"), make_wheel(builder.folder, "lib", "2.0")]
    builder.requirements = ("app", "lib<2")
    builder.excludes, builder.overrides = ("left",), ("lib",)
    words = [word for wheel in added for word in ("--additional", str(wheel))]
    found = info(builder, fake_pex_wheel, *words, "--ignored=lib")
    assert (found["excluded"], found["overridden"]) == ([], ["lib==2.0"])
    assert found["requirements"] == ["app", "left==1.0", "lib==2.0"]


def test_a_lock_without_either_says_nothing_of_them(builder: Builder, fake_pex_wheel: Path) -> None:
    """The env document has no field of them, and PEX-INFO is what it was."""
    assert not {"excludes", "overrides"} & json.loads(builder.env_json().read_text()).keys()
    found = info(builder, fake_pex_wheel)
    assert (found["excluded"], found["overridden"], found["requirements"]) == ([], [], ["app"])


def contradicted(builder: Builder) -> list[str]:
    """Let the lock decide against METADATA, and return what a report says of that."""
    app(
        builder,
        "lib>=2",
        "gone>=1",
        "gone; sys_platform == 'win32'",
        "gone[x]>=3; extra == 'asked'",
        "gone>=4; extra == 'other'",
        "nowhere; python_version < '3'",
    )
    builder.excludes, builder.overrides, builder.extras = ("gone", "nowhere"), ("lib",), {"app": ("asked",)}
    return [
        "app 1.0 requires gone>=1, which the lock leaves out",
        "app 1.0 requires gone>=3, which the lock leaves out",
        "app 1.0 requires lib>=2, which the lock overrides: lib 1.0 is inside",
    ]


@pytest.mark.parametrize("kind", ["pex", "venv"])
def test_a_report_tells_what_pip_check_would(builder: Builder, fake_pex_wheel: Path, kind: str) -> None:
    """By the markers of the platform and the extras that are asked for."""
    told = contradicted(builder)
    assert (builder.pex(fake_pex_wheel) if kind == "pex" else builder.venv()) == 0
    report = builder.folder / ("small.pex.json" if kind == "pex" else "small.venv.tar.gz.json")
    assert json.loads(report.read_text())["warnings"] == told


def test_what_the_artifact_leaves_out_is_told_once(builder: Builder) -> None:
    """Here it is the artifact that decides, not the lock."""
    app(builder, "lib>=2")
    builder.overrides, builder.requires = ("lib",), {"app": ("lib",)}
    assert builder.venv("--ignored=lib") == 0
    report = json.loads((builder.folder / "small.venv.tar.gz.json").read_text())
    assert report["warnings"] == ["app 1.0 requires lib, which the artifact leaves out (1.0 is locked)"]


def test_the_report_of_a_wheelhouse_tells_it_once_for_all_platforms(houses: Houses) -> None:
    """As its requirements are installed without a look at dependencies."""
    for os, env in houses.envs.items():
        wheels = tuple(replace(wheel, requires=()) for wheel in env.wheels if wheel.name != "lib")
        houses.envs[os] = replace(env, wheels=wheels, excludes=("lib",))
    assert houses.build() == 0
    report = json.loads((houses.folder / "small.wheelhouse.zip.json").read_text())
    assert report["warnings"] == ["app 1.0 requires lib, which the lock leaves out"]
