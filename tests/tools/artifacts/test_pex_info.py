"""PEX-INFO: what pex itself says of the same environment, and nothing of the machine that built it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from artifacts.conftest import Builder

from python_env.artifacts.pex.info import code_hash
from support.wheels import sha256

READ_AND_WRITE = """
import sys
sys.path.insert(0, sys.argv[1])
from pex.pex_info import PexInfo
print(PexInfo.from_json(sys.stdin.read()).dump())
"""
OF_PEX_ALONE = {"pex_hash", "entry_point", "script", "pex_root"}
"""Left out where there is nothing to say, or not a setting."""


def info_of(builder: Builder) -> dict[str, Any]:
    """Return PEX-INFO of the PEX that was written."""
    with zipfile.ZipFile(builder.folder / "small.pex") as archive:
        found: dict[str, Any] = json.loads(archive.read("PEX-INFO"))
    return found


def test_it_says_what_is_inside_and_nothing_of_the_host(builder: Builder, fake_pex_wheel: Path) -> None:
    """Requirements, distributions with their digests, the code; as build properties pex's version alone."""
    builder.requirements = ("lib", "app")
    assert builder.pex(fake_pex_wheel, *builder.source("job.py")) == 0
    info = info_of(builder)
    assert info["requirements"] == ["app", "lib"]
    assert info["distributions"] == {wheel.name: sha256(wheel) for wheel in builder.wheels}
    assert info["build_properties"] == {"pex_version": "2.0"}
    with zipfile.ZipFile(builder.folder / "small.pex") as archive:
        code = [(name, archive.read(name)) for name in ("job.py", "python_env.json")]
    assert info["code_hash"] == code_hash(code)
    assert str(builder.folder) not in json.dumps(info)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"entry_point": "app.cli:main", "inject_args": ["x"], "inject_env": {"A": "1"}},
        {"script": "hello", "venv": False, "inherit_path": "prefer", "include_tools": False, "pre_installed": True},
        {"strip_pex_env": False, "pex_root": "/var/tmp/x", "interpreter_constraints": ["CPython>=3.11,<3.12"]},
    ],
    ids=["defaults", "entry point", "no venv", "root"],
)
def test_pex_itself_reads_and_writes_it_alike(builder: Builder, real_pex_wheel: Path, options: dict[str, Any]) -> None:
    """No key that it does not know, none that it would add, no value that it would put otherwise."""
    assert builder.pex(real_pex_wheel, **options) == 0
    info = info_of(builder)
    done = subprocess.run(
        [sys.executable, "-I", "-c", READ_AND_WRITE, real_pex_wheel],
        input=json.dumps(info),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == info
