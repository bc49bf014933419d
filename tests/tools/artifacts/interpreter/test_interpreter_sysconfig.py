"""What `sysconfig` knows of the build follows the place where the interpreter lies."""

from __future__ import annotations

import sys

import pytest

from python_env.artifacts.interpreter.sysconfig_data import is_sysconfig_data, mended

BUILT = {
    "prefix": "/install",
    "INSTALL": "/usr/bin/install -c",
    "LIBDIR": "/install/lib",
    "LDFLAGS": "-L/install/lib -Wl,-rpath=/install/lib:/opt/install/lib",
    "CONFIG_ARGS": "'--prefix=/install' '--x=/installed'",
    "Py_DEBUG": 0,
}


def run(values: dict[str, object]) -> dict[str, object]:
    """Return the variables that a mended file has."""
    names: dict[str, dict[str, object]] = {}
    exec(mended(b"# generated\nbuild_time_vars = " + repr(values).encode() + b"\n"), names)
    return names["build_time_vars"]


def test_paths_below_the_prefix_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others that only look alike stay."""
    monkeypatch.setattr(sys, "base_prefix", "/cluster/env")
    assert run(BUILT) == {
        "prefix": "/cluster/env",
        "INSTALL": "/usr/bin/install -c",
        "LIBDIR": "/cluster/env/lib",
        "LDFLAGS": "-L/cluster/env/lib -Wl,-rpath=/cluster/env/lib:/opt/install/lib",
        "CONFIG_ARGS": "'--prefix=/cluster/env' '--x=/installed'",
        "Py_DEBUG": 0,
    }


@pytest.mark.parametrize("prefix", ["", "/"])
def test_a_prefix_that_says_nothing_changes_nothing(prefix: str) -> None:
    """Every path would be below it."""
    values = {"prefix": prefix, "LIBDIR": "/lib"}
    assert run(dict(values)) == values


def test_only_its_file_is_mended() -> None:
    """Beside the standard library, whatever the machine is called."""
    assert is_sysconfig_data("lib/python3.11/_sysconfigdata__linux_x86_64-linux-gnu.py")
    assert not is_sysconfig_data("lib/python3.11/x/_sysconfigdata_y.py")
    assert not is_sysconfig_data("lib/python3.11/sysconfig.py")
