"""Marker values that are stated beside platform tags."""

from __future__ import annotations

import pytest

from python_env.base.errors import ToolError
from python_env.base.marker_values import parse_marker_values, with_marker_values
from python_env.base.platforms import Platform, marker_environment, parse_platform

LINUX = "cp311-manylinux_2_28_x86_64"


def stated(*words: str, tags: tuple[str, ...] = (LINUX, "cp312-win_amd64")) -> tuple[Platform, ...]:
    """Return platforms with stated values."""
    return with_marker_values([parse_platform(tag) for tag in tags], parse_marker_values(words))


def test_a_full_version_holds_for_its_python() -> None:
    """implementation_version follows it; a platform of another Python has X.Y.0 as before."""
    first, second = map(marker_environment, stated("python_full_version=3.11.9"))
    assert (first["python_full_version"], first["implementation_version"]) == ("3.11.9", "3.11.9")
    assert (second["python_full_version"], second["implementation_version"]) == ("3.12.0", "3.12.0")
    assert first["python_version"] == "3.11"


def test_other_values_hold_everywhere() -> None:
    """What a kernel says, or a machine, on all platforms."""
    for platform in stated("platform_release=5.10=x", "platform_machine=armv8l"):
        environment = marker_environment(platform)
        assert (environment["platform_release"], environment["platform_machine"]) == ("5.10=x", "armv8l")


def test_nothing_stated_changes_nothing() -> None:
    """Platforms without values are those that their tags make."""
    assert stated() == (parse_platform(LINUX), parse_platform("cp312-win_amd64"))


@pytest.mark.parametrize(
    ("word", "what"),
    [
        ("python=3.11.9", "no marker has the name 'python'"),
        ("extra=x", "extra cannot be stated"),
        ("python_full_version=3.11", "python_full_version '3.11' is not a full version"),
        ("implementation_version=x", "implementation_version 'x' is not a full version"),
        ("platform_version=a\nb", "the value of platform_version has several lines"),
    ],
)
def test_what_is_no_marker_value_is_refused(word: str, what: str) -> None:
    """In three parts; of an unknown name the fix lists all."""
    with pytest.raises(ToolError) as error:
        stated(word)
    assert f"error: {what}" in error.value.render() and "where: marker_values" in error.value.render()


def test_an_unknown_name_is_answered_by_the_list() -> None:
    """All that a platform's markers have, and `extra` is none of them."""
    with pytest.raises(ToolError) as error:
        stated("sys.platform=linux")
    assert error.value.faults[0].fix == (
        "write one of: implementation_name, implementation_version, os_name, platform_machine, "
        "platform_python_implementation, platform_release, platform_system, platform_version, python_full_version, "
        "python_version, sys_platform"
    )


def test_a_full_version_of_no_platform_is_refused() -> None:
    """It would say nothing."""
    with pytest.raises(ToolError, match=r"python_full_version 3\.13\.1 is of no platform: cp311-many"):
        stated("python_full_version=3.13.1")


def test_a_value_against_a_tag_is_refused() -> None:
    """What the tag decides may be repeated, not changed."""
    assert stated("sys_platform=linux", tags=(LINUX,))[0].tag == LINUX
    with pytest.raises(ToolError) as error:
        stated("sys_platform=linux")
    assert [fault.what for fault in error.value.faults] == [
        "sys_platform is stated as 'linux', and cp312-win_amd64 says 'win32'"
    ]
