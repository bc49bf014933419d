"""`lock resolvers`: where two resolvers differ, and what a person is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from python_env.base.errors import ToolError
from python_env.base.resolving import ResolverName
from python_env.lock.comparison.cli import compare
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task


@pytest.fixture
def other(index: FakeIndex) -> FakeIndex:
    """Return a resolver of the same index that takes the oldest version of everything."""
    index.add("app", "2.0", requires=("lib>=2",))
    index.add("app", "1.0", requires=("lib>=1",))
    index.add("lib", "2.0", "cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-win_amd64")
    index.add("lib", "1.0", "cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-win_amd64")
    oldest_first = dict(reversed(list(index.wheels.items())))
    return replace(index, wheels=oldest_first, name=ResolverName.PIP_TOOLS, version="2", asked=[])


def run(index: FakeIndex, other: FakeIndex, *known: str, text: str = "app") -> int:
    """Compare on two platforms."""
    return compare(make_task(index, text, [LINUX, WINDOWS]), (index, other), known=known)


def test_equal_answers_pass(index: FakeIndex, other: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says who was asked."""
    other.wheels = dict(index.wheels)
    assert run(index, other) == 0
    assert capsys.readouterr().out == "uv 1 and pip-tools 2 choose the same on 2 platforms: 3 files\n"


def test_a_difference_is_explained(index: FakeIndex, other: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """Package, both versions, platforms, who asks for it by what, and what it follows from."""
    assert run(index, other) == 1
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[:5] == [
        "package uv pip-tools platforms",
        f"app 2.0 1.0 {LINUX}, {WINDOWS}",
        "uv: asked for by r.in",
        "pip-tools: asked for by r.in",
        f"lib 2.0 1.0 {LINUX}, {WINDOWS}",
    ]
    assert lines[5:8] == [
        "uv: asked for by app 2.0 (lib>=2)",
        "pip-tools: asked for by app 1.0 (lib>=1)",
        "follows from app",
    ]
    assert lines[8] == "uv 1 and pip-tools 2 differ 2 times, 0 of them known"


def test_known_differences_pass_with_what_follows(index: FakeIndex, other: FakeIndex) -> None:
    """What only follows from a known difference needs no reason of its own; the other way round it does."""
    assert run(index, other, "app") == 0
    assert run(index, other, "lib") == 1


def test_a_known_difference_that_does_not_show_is_an_error(index: FakeIndex, other: FakeIndex) -> None:
    """So that the list stays true."""
    with pytest.raises(ToolError, match="known difference gone does not show"):
        run(index, other, "app", "gone")


def test_what_only_one_chooses_is_shown(index: FakeIndex, other: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """The other's column says none."""
    index.requires["app-2.0-py3-none-any.whl"] = ()
    assert run(index, other) == 1
    assert ["lib", "none", "1.0"] in [line.split()[:3] for line in capsys.readouterr().out.splitlines()]


def test_another_wheel_of_the_version_is_a_difference(
    index: FakeIndex, other: FakeIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then the files are shown."""
    file = "lib-2.0-cp311-cp311-manylinux_2_17_x86_64.whl"
    other.wheels = {**index.wheels, ("lib", "2.0"): [file]}
    index.requires[file] = ()
    assert compare(make_task(index, "lib", [LINUX]), (index, other), known=()) == 1
    assert f"lib-2.0-cp311-cp311-manylinux_2_28_x86_64.whl  {file}" in capsys.readouterr().out


def test_a_resolver_that_fails_is_named(index: FakeIndex, other: FakeIndex) -> None:
    """Its faults carry its name."""
    other.wheels = {key: files for key, files in index.wheels.items() if key[0] != "lib"}
    with pytest.raises(ToolError, match="pip-tools: lib>=2 is not satisfied"):
        run(index, other)
