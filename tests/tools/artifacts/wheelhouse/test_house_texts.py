"""The small files of a wheelhouse: read by the readers that others wrote."""

from __future__ import annotations

import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from artifacts.conftest import TAGS
from artifacts.wheelhouse.conftest import Houses
from packaging.markers import Environment
from packaging.pylock import Pylock, is_valid_pylock_path

from python_env.artifacts.wheelhouse.model import make_house
from python_env.artifacts.wheelhouse.texts import render_pylock, render_requirements, render_texts
from python_env.base.platforms import marker_environment, parse_platform
from python_env.base.wheel_tags import supported_tags

REQUIREMENTS = """\
# Everything for {tag}: pip install --no-index --find-links wheels --require-hashes --no-deps -r <this file>
app==1.0 \\
    --hash=sha256:{app}
fast==1.0 \\
    --hash=sha256:{fast}
    # via app
lib==2.0+cpu \\
    --hash=sha256:{lib}
    # via app
"""


class Links(HTMLParser):
    """Collects the links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of an anchor."""
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")


def test_the_pages_lead_to_the_wheels(houses: Houses) -> None:
    """From the root page over each project's page: every wheel once, by a relative link with its digest."""
    house = make_house(list(houses.envs.values()))
    texts = render_texts(house)
    root = "file:///house/simple/"
    projects = [urljoin(root, link) for link in Links(texts["simple/index.html"]).links]
    assert projects == [f"{root}{name}/" for name in ("app", "fast", "lib")]
    found = {}
    for project in projects:
        for link in Links(texts[project.removeprefix("file:///house/") + "index.html"]).links:
            place, fragment = urldefrag(urljoin(project, link))
            found[unquote(place)] = fragment
    assert found == {f"file:///house/wheels/{wheel.file}": f"sha256={wheel.sha256}" for wheel in house.wheels}
    assert "2.0%2Bcpu" in texts["simple/lib/index.html"]


@pytest.mark.parametrize("os", TAGS)
def test_packaging_selects_the_wheels_of_the_platform(houses: Houses, os: str) -> None:
    """`packaging.pylock` finds the file valid, and takes the relative path of each of the platform's wheels."""
    env = houses.envs[os]
    pylock = Pylock.from_dict(tomllib.loads(render_pylock(env)))
    pylock.validate()
    environment: Environment = marker_environment(env.platform)  # type: ignore[assignment]  # all keys are there
    chosen = [file for _, file in pylock.select(environment=environment, tags=supported_tags(env.platform))]
    expected = [(f"wheels/{wheel.file}", wheel.sha256, wheel.size) for wheel in env.wheels]
    assert [(file.path, file.hashes["sha256"], file.size) for file in chosen] == expected  # type: ignore[union-attr]
    assert is_valid_pylock_path(Path(f"pylock.{env.platform.tag}.toml"))


def test_the_requirements_are_hashed(houses: Houses) -> None:
    """One pin and one digest for each distribution, and who asks for it."""
    env = houses.envs["linux"]
    digests = {wheel.name: wheel.sha256 for wheel in env.wheels}
    assert render_requirements(env) == REQUIREMENTS.format(tag=env.platform.tag, **digests)


def test_each_platform_has_its_files(houses: Houses) -> None:
    """A pylock and a requirements file for every tag."""
    texts = render_texts(make_house(list(houses.envs.values())))
    for tag in TAGS.values():
        assert parse_platform(tag).tag == tag
        assert {f"pylock.{tag}.toml", f"requirements.{tag}.txt"} <= set(texts)
