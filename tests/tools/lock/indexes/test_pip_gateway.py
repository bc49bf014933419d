"""The pip-tools adapter behind the gateway: several indexes, folders of files, and sdists of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from python_env.lock.index import Index
from python_env.lock.indexes.opened import OpenedIndexes, open_indexes
from python_env.lock.resolvers.model import Question, Resolved, Unresolvable
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from python_env.requirements.model import Indexes
from support.fake_sources import FakeSources, facts
from support.index_server import IndexServer
from support.pip_question import question
from support.wheels import make_wheel, sha256


@pytest.fixture
def opened(server: IndexServer, tmp_path: Path) -> Iterator[OpenedIndexes]:
    """Give a folder of files, asked before the default index; `bound` is looked for in the folder alone."""
    (tmp_path / "links").mkdir()
    indexes = Indexes(order=("links-1", "default"), urls=(("links-1", "links"),), bindings=(("bound", "links-1"),))
    default = Index(alias="default", url=server.url, cert="")
    with open_indexes(indexes, default, {}, tmp_path) as made:
        yield made


def resolved(
    opened: OpenedIndexes, wheels: tuple[Path, ...], cache: Path, asked: Question, sources: FakeSources | None = None
) -> dict[str, Resolved]:
    """Return the adapter's pins by name."""
    inner = PipToolsResolver(wheels, opened.index, cache, opened.sources(sources) if sources else None)
    return {pin.name: pin for pin in opened.wrap(inner).resolve(asked)}


def test_wheels_of_several_indexes(
    opened: OpenedIndexes, pip_wheels: tuple[Path, ...], server: IndexServer, tmp_path: Path
) -> None:
    """Each under its alias; what is bound is looked up nowhere else; no wheel is read whole to learn what it needs."""
    server.has("app", make_wheel(tmp_path, "app", "1.0", requires=("near", "bound")))
    for name in ("near", "bound"):
        make_wheel(tmp_path / "links", name, "1.0")
        server.has(name, make_wheel(tmp_path, name, "9.0"))
    pins = resolved(opened, pip_wheels, tmp_path / "cache", question("app"))
    found = {name: (pin.version, pin.candidates[0].index, pin.candidates[0].path) for name, pin in pins.items()}
    assert found == {
        "app": ("1.0", "default", "packages/app-1.0-py3-none-any.whl"),
        "bound": ("1.0", "links-1", "bound-1.0-py3-none-any.whl"),
        "near": ("1.0", "links-1", "near-1.0-py3-none-any.whl"),
    }
    metadata = tmp_path / "cache/metadata"
    known = [each.name for each in metadata.iterdir()]
    assert len(known) == 3 and all(name.endswith(".beside.json") for name in known)


def test_an_sdist_is_the_indexs_own_file(opened: OpenedIndexes, pip_wheels: tuple[Path, ...], tmp_path: Path) -> None:
    """Who looks into it is given its place there, not the gateway's."""
    file = tmp_path / "links/src-1.0.tar.gz"
    file.write_bytes(b"an sdist")
    sources = FakeSources({"src": facts("src")})
    asked = question("src", sdists=["src"])
    sdist = resolved(opened, pip_wheels, tmp_path / "cache", asked, sources)["src"].sdist
    assert sdist and (sdist.index, sdist.path, sdist.sha256) == ("links-1", file.name, sha256(file))
    assert sources.asked == [f"{file.name} {sha256(file)}"] and sources.places == [file.as_uri()]


def test_what_no_index_has_is_named(opened: OpenedIndexes, pip_wheels: tuple[Path, ...], tmp_path: Path) -> None:
    """By the aliases that were asked."""
    with pytest.raises(Unresolvable, match="gone is not on index alias links-1 nor on default"):
        resolved(opened, pip_wheels, tmp_path / "cache", question("gone"))
