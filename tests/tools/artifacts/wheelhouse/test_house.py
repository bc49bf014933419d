"""What goes into a wheelhouse, decided before anything is written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from artifacts.conftest import TAGS
from artifacts.wheelhouse.conftest import Houses

from python_env.artifacts.wheelhouse.model import make_house, wheel_tag
from python_env.base.errors import ToolError
from python_env.base.platforms import parse_platform
from python_env.base.wheel_tags import supported_tags

EVERY_KIND = (
    *TAGS.values(),
    "cp310-manylinux2014_aarch64",
    "cp313-cp313t-manylinux_2_28_x86_64",
    "cp312-musllinux_1_2_x86_64",
    "cp312-macosx_11_0_universal2",
    "cp312-win32",
)


def test_a_wheel_of_several_platforms_goes_in_once(houses: Houses) -> None:
    """Two pure wheels and three native ones, sorted, for three platforms in the order of their tags."""
    house = make_house(list(houses.envs.values()))
    assert [wheel.name for wheel in house.wheels] == ["app", "fast", "fast", "fast", "lib"]
    assert [env.platform.tag for env in house.envs] == sorted(TAGS.values())


def test_one_name_with_two_contents_is_refused(houses: Houses) -> None:
    """A build that gave other bytes for another platform: both platforms are named."""
    houses.replace("windows", "app-1.0-py3-none-any.whl", sha256="0" * 64)
    with pytest.raises(ToolError, match=r"app-1.0-py3-none-any.whl is not the same bytes on \S+ and on cp311-win"):
        make_house(list(houses.envs.values()))


@pytest.mark.parametrize("change", [{"env_id": "0" * 64}, {"parent": "0" * 64}, {"name": "other"}])
def test_closures_of_two_locks_are_refused(houses: Houses, change: dict[str, str]) -> None:
    """One environment, one lock."""
    envs = [replace(houses.envs["linux"], **change), houses.envs["macos"]]  # type: ignore[arg-type]  # all are texts
    with pytest.raises(ToolError, match="not one of each platform from one lock"):
        make_house(envs)


def test_a_platform_that_stands_twice_is_refused(houses: Houses) -> None:
    """Its files would be written twice."""
    with pytest.raises(ToolError, match="not one of each platform from one lock"):
        make_house([houses.envs["linux"], houses.envs["linux"]])


@pytest.mark.parametrize("tag", EVERY_KIND)
def test_the_wheel_tag_is_the_best_that_the_platform_takes(houses: Houses, tag: str) -> None:
    """As `packaging` orders them: an interpreter that takes it takes everything that was chosen for the platform."""
    env = replace(houses.envs["linux"], platform=parse_platform(tag))
    assert wheel_tag(env) == str(supported_tags(env.platform)[0])
