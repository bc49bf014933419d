"""Same inputs, same bytes: whatever the interpreter, order, umask, clock, locale or user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from artifacts.conftest import Builder, bare_environment

RUN = Path(__file__).parents[3] / "tools" / "run.py"


def interpreters() -> list[str]:
    """Return one CPython of each minor version from 3.11 on that this machine has; at least one differs from this."""
    names = [f"python3.{minor}" for minor in range(11, 15)]
    folders = [*os.get_exec_path(), *map(str, sorted(Path("~/.pyenv/versions").expanduser().glob("3.1[1-9]*/bin")))]
    found = {name: str(Path(folder) / name) for folder in folders for name in names if (Path(folder) / name).exists()}
    versions = {_version(path): path for path in (sys.executable, *found.values())}
    versions.pop("", None)
    if len(versions) < 2:
        pytest.skip("this machine has one CPython >= 3.11 only: nothing to compare")
    return list(versions.values())


def _version(path: str) -> str:
    """Return a CPython's version, or an empty string where it does not start."""
    words = [path, "-I", "-S", "-c", "import sys; print(sys.version_info[:2])"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


VARIATIONS = {
    "another interpreter's order of sets": {"PYTHONHASHSEED": "7"},
    "another time zone": {"TZ": "Pacific/Kiritimati"},
    "another locale": {"LC_ALL": "C", "LANG": "de_DE.ISO-8859-1"},
}


def built(builder: Builder, kind: str, pex_wheel: Path, name: str, python: str, **environment: str) -> bytes:
    """Return an artifact that another process wrote."""
    folder = builder.folder / name
    folder.mkdir()
    output = folder / f"small.{kind}"
    words = builder.words(output)
    words += ["--pex-wheel", str(pex_wheel)] if kind == "pex" else []
    command = [python, "-I", "-S", str(RUN), "artifacts", kind, *words]
    subprocess.run(command, check=True, env=bare_environment(**environment), cwd=folder)
    return output.read_bytes() + Path(f"{output}.json").read_bytes()


@pytest.mark.parametrize("kind", ["venv", "pex", "wheelhouse"])
def test_the_interpreter_does_not_matter(builder: Builder, fake_pex_wheel: Path, kind: str) -> None:
    """All CPythons of this machine write the same bytes."""
    results = {built(builder, kind, fake_pex_wheel, f"p{i}", python) for i, python in enumerate(interpreters())}
    assert len(results) == 1


@pytest.mark.parametrize("kind", ["venv", "pex", "wheelhouse"])
@pytest.mark.parametrize("case", VARIATIONS)
def test_the_surroundings_do_not_matter(builder: Builder, fake_pex_wheel: Path, kind: str, case: str) -> None:
    """Time zone, locale and hash seed leave no trace."""
    plain = built(builder, kind, fake_pex_wheel, "plain", sys.executable)
    assert built(builder, kind, fake_pex_wheel, "varied", sys.executable, **VARIATIONS[case]) == plain


@pytest.mark.parametrize("kind", ["venv", "pex", "wheelhouse"])
def test_the_order_of_the_wheels_and_the_umask_do_not_matter(builder: Builder, fake_pex_wheel: Path, kind: str) -> None:
    """The closure's order decides."""
    plain = built(builder, kind, fake_pex_wheel, "plain", sys.executable)
    builder.wheels.reverse()
    before = os.umask(0o077)
    try:
        assert built(builder, kind, fake_pex_wheel, "reversed", sys.executable) == plain
    finally:
        os.umask(before)
