"""The small files of a wheelhouse: read by the readers that others wrote."""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from artifacts.conftest import TAGS
from artifacts.wheelhouse.conftest import Houses
from packaging.markers import Environment
from packaging.pylock import Pylock, is_valid_pylock_path

from python_env.__main__ import main
from python_env.artifacts.wheelhouse.model import make_house
from python_env.artifacts.wheelhouse.texts import render_pylock, render_requirements, render_texts
from python_env.base.documents import render_document
from python_env.base.platforms import marker_environment, parse_platform
from python_env.base.wheel_tags import supported_tags
from python_env.wheels.check.model import Check, check_document
from support.wheels import record_line, sha256, smuggler, write_zip

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


def test_the_pages_say_which_python_a_wheel_needs(houses: Houses) -> None:
    """Escaped, as PEP 503 asks; a wheel that says nothing has no attribute; pip's own reader takes it."""
    wheel = houses.paths[1]
    members = dict(read_members(wheel))
    metadata = "lib-2.0+cpu.dist-info/METADATA"
    before = record_line(metadata, members[metadata])
    members[metadata] += b"Requires-Python: >=3.11, <4\n\nRequires-Python: of the description\n"
    record = "lib-2.0+cpu.dist-info/RECORD"
    members[record] = members[record].replace(before.encode(), record_line(metadata, members[metadata]).encode())
    write_zip(wheel, members)
    lock(houses, wheel)
    assert houses.build() == 0
    with zipfile.ZipFile(houses.archive) as archive:
        page, silent = (archive.read(f"simple/{name}/index.html").decode() for name in ("lib", "app"))
    assert 'data-requires-python="&gt;=3.11, &lt;4">lib-2.0+cpu-py3-none-any.whl</a>' in page
    assert "data-requires-python" not in silent


def test_a_file_that_is_no_wheel_is_named(houses: Houses, capsys: pytest.CaptureFixture[str]) -> None:
    """When its digest is the locked one; else the digest is what is told."""
    wheel = houses.paths[1]
    wheel.write_bytes(b"no zip")
    assert houses.build() == 2
    assert "differ from the lock" in capsys.readouterr().err
    lock(houses, wheel)
    assert houses.build() == 2
    error = capsys.readouterr().err
    assert "error: not a zip archive\n  where: lib-2.0+cpu" in error and not houses.archive.exists()


def test_a_wheel_is_read_whole_before_it_is_shipped(houses: Houses, capsys: pytest.CaptureFixture[str]) -> None:
    """One whose digest is the locked one and whose stream is not what it says; a check spares the second reading."""
    wheel = houses.paths[1]
    wheel.write_bytes(smuggler(houses.folder).read_bytes())
    lock(houses, wheel)
    assert houses.build() == 2
    assert "does not fit its size and CRC" in capsys.readouterr().err and not houses.archive.exists()
    check = houses.folder / "lib.check.json"
    check.write_bytes(render_document(check_document(Check(sha256=sha256(wheel), requires_python="<4"))))
    assert main(["artifacts", "wheelhouse", *houses.words(houses.archive), "--check", str(check)]) == 0
    with zipfile.ZipFile(houses.archive) as archive:
        assert 'data-requires-python="&lt;4"' in archive.read("simple/lib/index.html").decode()


def lock(houses: Houses, wheel: Path) -> None:
    """Let every closure say what a wheel now is."""
    for os in houses.envs:
        houses.replace(os, wheel.name, sha256=sha256(wheel), size=wheel.stat().st_size)


def read_members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the members of a zip."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


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
