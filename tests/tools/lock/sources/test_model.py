"""The name that a source's wheel has on a platform."""

from __future__ import annotations

import pytest

from python_env.base.platforms import parse_platform
from python_env.lock.facts import Facts
from python_env.lock.model import LockedFile, LockedSource, SourceKind
from python_env.lock.sources.model import Origin

LINUX, WINDOWS = "cp311-manylinux_2_28_x86_64", "cp312-win_amd64"
FACTS = Facts(name="x", version="1.0", requires=(), requires_python="", size=1, extras=())
SOURCE = LockedSource(key="x-1.0.tar.gz", kind=SourceKind.SDIST, name="x", version="1.0", sha256="0" * 64)


@pytest.mark.parametrize(
    ("built", "linux", "windows"),
    [
        ("x-1.0-py3-none-any.whl", "x-1.0-py3-none-any.whl", "x-1.0-py3-none-any.whl"),
        ("x-1.0-py2.py3-none-any.whl", "x-1.0-py2.py3-none-any.whl", "x-1.0-py2.py3-none-any.whl"),
        ("x-1.0-py312-none-any.whl", None, "x-1.0-py312-none-any.whl"),
        (
            "x-1.0-cp311-cp311-linux_x86_64.whl",
            "x-1.0-cp311-cp311-manylinux_2_28_x86_64.whl",
            "x-1.0-cp312-cp312-win_amd64.whl",
        ),
        (
            "x-1.0-cp38-abi3-linux_x86_64.whl",
            "x-1.0-cp38-abi3-manylinux_2_28_x86_64.whl",
            "x-1.0-cp38-abi3-win_amd64.whl",
        ),
        ("x-1.0-py3-none-linux_x86_64.whl", "x-1.0-py3-none-manylinux_2_28_x86_64.whl", "x-1.0-py3-none-win_amd64.whl"),
        (
            "x-1.0-cp311-none-linux_x86_64.whl",
            "x-1.0-cp311-none-manylinux_2_28_x86_64.whl",
            "x-1.0-cp312-none-win_amd64.whl",
        ),
    ],
)
def test_a_source_has_the_targets_tag(built: str, linux: str | None, windows: str | None) -> None:
    """A pure wheel keeps its own; a native one never has the tag of the machine that looked into it."""
    origin = Origin(facts=FACTS, file=built, source=SOURCE)
    assert [origin.file_for(parse_platform(tag)) for tag in (LINUX, WINDOWS)] == [linux, windows]


def test_a_free_threaded_target_has_its_own_abi() -> None:
    """`cp313t`, whatever built it here."""
    origin = Origin(facts=FACTS, file="x-1.0-cp311-cp311-linux_x86_64.whl", source=SOURCE)
    name = origin.file_for(parse_platform("cp313-cp313t-manylinux_2_28_x86_64"))
    assert name == "x-1.0-cp313-cp313t-manylinux_2_28_x86_64.whl"


def test_a_wheel_that_lies_there_fits_or_does_not() -> None:
    """It is built for nobody else."""
    file = "x-1.0-cp311-cp311-manylinux_2_17_x86_64.whl"
    origin = Origin(facts=FACTS, file=file, wheel=LockedFile(name=file, sha256="0" * 64))
    assert [origin.file_for(parse_platform(tag)) for tag in (LINUX, WINDOWS)] == [file, None]
