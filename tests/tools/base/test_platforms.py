"""Platform tags: the grammar, and what a tag expands to."""

from __future__ import annotations

import pytest
from packaging.tags import Tag

from python_env.base.errors import ToolError
from python_env.base.platforms import marker_environment, parse_platform
from python_env.base.wheel_tags import supported_tags

GOOD = {
    "cp311-manylinux_2_28_x86_64": ((3, 11), "cp311", "linux", "x86_64", "glibc", (2, 28)),
    "cp313-cp313t-manylinux_2_28_aarch64": ((3, 13), "cp313t", "linux", "aarch64", "glibc", (2, 28)),
    "cp310-manylinux2014_x86_64": ((3, 10), "cp310", "linux", "x86_64", "glibc", (2, 17)),
    "cp311-musllinux_1_2_x86_64": ((3, 11), "cp311", "linux", "x86_64", "musl", (1, 2)),
    "cp312-macosx_14_0_arm64": ((3, 12), "cp312", "macos", "aarch64", "", (14, 0)),
    "cp312-macosx_11_0_universal2": ((3, 12), "cp312", "macos", "universal2", "", (11, 0)),
    "cp312-win_amd64": ((3, 12), "cp312", "windows", "x86_64", "", (0, 0)),
    "cp312-win_arm64": ((3, 12), "cp312", "windows", "aarch64", "", (0, 0)),
}

BAD = [
    *("", "cp311", "cp27-win_amd64", "cp311-linux_x86_64", "cp311-manylinux_2_28_x64", "cp311-manylinux_x86_64"),
    *("cp311-cp312-win_amd64", "cp311-cp311t-win_amd64", "cp311-any", "CP311-win_amd64", "cp311-macosx_14_arm64"),
    *("cp311-manylinux_2_99999999_x86_64", "cp311-macosx_99999999_0_arm64", "cp311-musllinux_1_99999999_x86_64"),
    *("cp3\u0661\u0661-win_amd64", "cp311-manylinux_2_\u0662\u0668_x86_64"),
    *("py3-none-any", "cp311-manylinux_1_0_x86_64", "cp311-manylinux_2_4_x86_64", "cp311-win_amd64 "),
]


@pytest.mark.parametrize("tag", GOOD)
def test_a_tag_states_the_whole_target(tag: str) -> None:
    """Python, ABI, os, cpu, libc and floor are read from the tag alone."""
    found = parse_platform(tag)
    assert (found.python, found.abi, found.os, found.cpu, found.libc, found.floor) == GOOD[tag]


@pytest.mark.parametrize("tag", BAD)
def test_an_unknown_tag_is_refused_with_examples(tag: str) -> None:
    """The error names the tag and shows the grammar."""
    with pytest.raises(ToolError) as error:
        parse_platform(tag)
    assert repr(tag) in error.value.render()
    assert "fix:   write <python>[-<abi>]-<platform>" in error.value.render()


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("cp311-linux_x86_64", "cp311-manylinux_2_28_x86_64"),
        ("cp311-manylinux_x86_64", "cp311-manylinux_2_28_x86_64"),
        ("cp311-manylinux_2_28_x64", "cp311-manylinux_2_28_x86_64"),
        ("cp311-musllinux_1_2_arm64", "cp311-musllinux_1_2_aarch64"),
        ("cp312-macos_14", "cp312-macosx_14_0_arm64"),
        ("cp312-macosx_14_arm64", "cp312-macosx_14_0_arm64"),
        ("cp312-macosx_13_x86_64", "cp312-macosx_13_0_x86_64"),
        ("cp313-cp313t-windows_amd64", "cp313-cp313t-win_amd64"),
        ("cp312-win64", "cp312-win_amd64"),
    ],
)
def test_the_tag_that_was_meant_is_offered(tag: str, meant: str) -> None:
    """Other tools' words for a platform are known."""
    parse_platform(meant)
    with pytest.raises(ToolError) as error:
        parse_platform(tag)
    assert f"error: unknown platform tag {tag!r}; did you mean {meant}?\n" in error.value.render()


@pytest.mark.parametrize("tag", ["cp311-beos", "cp311-any", "win_amd64", "cp311-cp312-win64", "cp311-macos_1_2_3"])
def test_nothing_is_offered_where_nothing_is_like_it(tag: str) -> None:
    """A guess would mislead."""
    with pytest.raises(ToolError) as error:
        parse_platform(tag)
    assert "did you mean" not in error.value.render()


def test_an_old_python_is_refused_by_name() -> None:
    """The first one that is supported is told."""
    with pytest.raises(ToolError, match="cp27 is not supported, cp37 is the first that is"):
        parse_platform("cp27-win_amd64")


@pytest.mark.parametrize("tag", ["pp310-manylinux_2_28_x86_64", "graalpy311-win_amd64"])
def test_another_implementation_is_refused_by_name(tag: str) -> None:
    """PyPy and GraalPy are known and not supported."""
    with pytest.raises(ToolError, match="names an implementation that is not supported"):
        parse_platform(tag)


def test_wheel_tags_are_ordered_best_first() -> None:
    """The exact ABI on the highest floor comes first, then abi3, then pure wheels; legacy aliases are in."""
    tags = supported_tags(parse_platform("cp311-manylinux_2_28_x86_64"))
    assert tags[0] == Tag("cp311", "cp311", "manylinux_2_28_x86_64")
    order = {tag: i for i, tag in enumerate(tags)}
    exact, stable = Tag("cp311", "cp311", "manylinux2014_x86_64"), Tag("cp38", "abi3", "manylinux1_x86_64")
    assert order[exact] < order[stable] < order[Tag("py3", "none", "any")]


@pytest.mark.parametrize("foreign", ["manylinux_2_29_x86_64", "linux_x86_64", "musllinux_1_2_x86_64"])
def test_nothing_above_the_floor_or_of_this_machine_fits(foreign: str) -> None:
    """A newer glibc, the host's own linux tag and another libc are out."""
    tags = supported_tags(parse_platform("cp311-manylinux_2_28_x86_64"))
    assert not [tag for tag in tags if tag.platform == foreign]


def test_free_threaded_takes_no_abi3_wheel() -> None:
    """The stable ABI does not hold for free-threaded CPython."""
    tags = supported_tags(parse_platform("cp313-cp313t-manylinux_2_28_aarch64"))
    assert tags[0].abi == "cp313t"
    assert not [tag for tag in tags if tag.abi == "abi3"]


def test_markers_are_those_of_the_target() -> None:
    """A Windows target on this Linux machine has Windows' marker values."""
    environment = marker_environment(parse_platform("cp312-win_amd64"))
    assert environment["sys_platform"] == "win32"
    assert environment["platform_machine"] == "AMD64"
    assert environment["python_full_version"] == "3.12.0"
