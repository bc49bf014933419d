"""The table of the standard library's modules against every CPython of this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from python_env.artifacts.code.standard_library import stdlib_modules

LISTED = "print(json.dumps(sorted(sys.stdlib_module_names)))"
LYING = """
paths = [sysconfig.get_path("stdlib"), os.path.join(sysconfig.get_path("platstdlib"), "lib-dynload")]
print(json.dumps(sorted({module.name for module in pkgutil.iter_modules(paths)} | set(sys.builtin_module_names))))
"""
"""For versions that do not list their modules: what lies where they are."""

OF_TESTS = ("test", "_test", "_ctypes_test", "_xx", "xx", "__phello__", "_sysconfigdata")


def interpreter(minor: int) -> str:
    """Return a CPython of this machine that starts, or skip the test."""
    name = f"python3.{minor}"
    pyenv = sorted(Path("~/.pyenv/versions").expanduser().glob(f"3.{minor}.*/bin/{name}"))
    for place in (sys.executable if sys.version_info[1] == minor else None, *pyenv, shutil.which(name)):
        if place and subprocess.run([place, "-I", "-c", ""], capture_output=True, check=False).returncode == 0:
            return str(place)
    pytest.skip(f"there is no {name}")


def asked(python: str, code: str) -> set[str]:
    """Return the names that an interpreter prints."""
    words = [python, "-I", "-c", "import json, os, pkgutil, sys, sysconfig\n" + code]
    return set(json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout))


@pytest.mark.parametrize("minor", range(10, 15))
def test_it_is_what_the_interpreter_lists(minor: int) -> None:
    """Releases of one minor version differ in private modules at most."""
    listed, ours = asked(interpreter(minor), LISTED), stdlib_modules((3, minor))
    assert {name for name in listed ^ ours if not name.startswith("_")} == set()
    assert len(listed ^ ours) <= 3


@pytest.mark.parametrize("minor", range(7, 10))
def test_it_has_what_lies_in_an_older_interpreter(minor: int) -> None:
    """Which does not list its modules, and has those of its own system alone."""
    lying = {name for name in asked(interpreter(minor), LYING) if not name.startswith(OF_TESTS)}
    assert lying - stdlib_modules((3, minor)) == set()


def test_what_is_newer_than_the_table_has_its_last_version() -> None:
    """Better than nothing, until the table is written anew."""
    assert stdlib_modules((3, 99)) == stdlib_modules((3, 14)) > {"compression", "json"}
