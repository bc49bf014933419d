"""The pip-tools adapter and what is no wheel of an index: pip is told what it says of itself, and builds nothing."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from python_env.base.errors import ToolError
from python_env.lock.resolvers.model import Unresolvable
from python_env.lock.resolvers.pip_talk import Failed, converse
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from support.fake_sources import FakeSources, facts
from support.pip_question import LINUX, WINDOWS, pins, question
from support.simple_index import SimpleIndex
from support.wheels import sha256

GIT = "https://h.invalid/lib.git"
LIB = f"lib @ git+{GIT}@v1"


@pytest.fixture
def sources(resolver: PipToolsResolver) -> FakeSources:
    """Give the resolver sources that a test fills."""
    made = FakeSources()
    resolver.sources = made
    return made


@pytest.mark.parametrize(
    ("line", "location"),
    [
        (LIB, GIT),
        ("lib @ ./libs/lib", "libs/lib"),
        ("lib @ ./lib-1.5-py3-none-any.whl", "lib-1.5-py3-none-any.whl"),
        ("lib @ https://h.invalid/lib-1.5.tar.gz", "https://h.invalid/lib-1.5.tar.gz"),
        (
            "lib @ https://h.invalid/lib-1.5-cp312-cp312-win_amd64.whl",
            "https://h.invalid/lib-1.5-cp312-cp312-win_amd64.whl",
        ),
    ],
)
def test_a_direct_reference_is_pinned_with_what_it_needs(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources, line: str, location: str
) -> None:
    """Whatever it leads to; the index is not asked for it, and pip does not follow it."""
    server.add("lib", "9.0")
    server.add("need")
    sources.known[location] = facts("lib", "1.5+g1", "need", 'never; sys_platform == "win32"')
    assert pins(resolver, question(line)) == {"lib": "1.5+g1", "need": "1.0"}
    assert sources.asked == [location] and "/simple/lib/" not in server.asked


def test_extras_of_a_direct_reference(resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources) -> None:
    """Asked for by its line, by itself and by another distribution."""
    for name in ("fast", "small", "own"):
        server.add(name)
    server.add("app", "1.0", "py3-none-any", "lib[small]>=1")
    extras = ('fast; extra == "fast"', 'small; extra == "small"', 'lib[own]; extra == "fast"', 'own; extra == "own"')
    sources.known[GIT] = facts("lib", "1.5", *extras)
    assert sorted(pins(resolver, question(f"app\n{LIB.replace('lib @', 'lib[fast] @')}"))) == [
        *("app", "fast", "lib", "own", "small")
    ]


def test_a_direct_reference_is_not_followed_where_it_does_not_count(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """By its marker, an exclude or an override; then the index has the word."""
    server.add("lib", "9.0")
    asked = f'{LIB} ; sys_platform == "win32"\nlib; sys_platform == "linux"'
    assert pins(resolver, question(asked)) == {"lib": "9.0"}
    assert pins(resolver, question(LIB, overrides=["lib>2"])) == {"lib": "9.0"}
    assert pins(resolver, question(LIB, excludes=["lib"])) == {}
    assert not sources.asked
    sources.known[GIT] = facts("lib", "1.5")
    assert pins(resolver, question(asked, WINDOWS)) == {"lib": "1.5"}


def test_a_conflict_names_the_reference_as_it_was_written(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """Not the URL that stands for it."""
    server.add("app", "1.0", "py3-none-any", "lib<1")
    sources.known[GIT] = facts("lib", "1.5")
    with pytest.raises(Unresolvable) as error:
        resolver.resolve(question(f"app\n{LIB}"))
    assert f"lib 1.5 (from git+{GIT}@v1) is asked for\n" in str(error.value)
    assert "app 1.0 needs lib<1" in str(error.value) and ".invalid/lib-" not in str(error.value)


def test_a_direct_reference_to_something_else_is_refused(resolver: PipToolsResolver, sources: FakeSources) -> None:
    """By the line, before pip is asked."""
    sources.known[GIT] = facts("other")
    with pytest.raises(ToolError, match=r"lib is asked for, and the reference leads to other\n.*r\.in:1"):
        resolver.resolve(question(LIB))


def test_python_of_a_direct_reference_is_the_targets(resolver: PipToolsResolver, sources: FakeSources) -> None:
    """What it requires is judged by the platform's version."""
    sources.known[GIT] = facts("lib", python=">=3.12")
    assert pins(resolver, question(LIB, WINDOWS)) == {"lib": "1.0"}
    with pytest.raises(Unresolvable, match=r"3\.11\.0 not in '>=3\.12'"):
        resolver.resolve(question(LIB, LINUX))


def test_a_reference_that_only_a_distribution_names_is_refused(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """Unless a line names the same, or an override says what stands in its place."""
    server.add("app", "1.0", "py3-none-any", LIB)
    server.add("lib", "9.0")
    with pytest.raises(ToolError, match="app needs lib by a direct reference, which only a line of yours may name"):
        resolver.resolve(question("app"))
    assert pins(resolver, question("app", overrides=["lib>2"])) == {"app": "1.0", "lib": "9.0"}
    sources.known[GIT] = facts("lib", "1.5")
    assert pins(resolver, question(f"app\n{LIB}")) == {"app": "1.0", "lib": "1.5"}


def test_an_sdist_is_taken_where_it_is_allowed_and_no_wheel_is_there(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """The newest; its metadata is asked for once, of others never, and it is what is pinned."""
    server.add_sdist("src", "1.0")
    file = server.add_sdist("src", "2.0")
    server.add("src", "2.0", "cp311-cp311-win_amd64")
    server.add("need")
    sources.known["src"] = facts("src", "2.0", "need")
    pin = {each.name: each for each in resolver.resolve(question("src", sdists=["src"]))}
    assert sorted(pin) == ["need", "src"] and not pin["src"].candidates and pin["src"].sdist
    assert (pin["src"].sdist.file, pin["src"].sdist.sha256) == (file.name, sha256(file))
    assert sources.asked == [f"{file.name} {sha256(file)}"] and f"/files/{file.name}" not in server.asked


def test_a_wheel_is_taken_before_a_newer_sdist(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """`sdists` allows; only where a requirement leaves no wheel the sdist is taken."""
    server.add_sdist("src", "2.0")
    server.add("src", "1.0")
    sources.known["src"] = facts("src")
    assert pins(resolver, question("src", sdists=["src"])) == {"src": "1.0"}
    assert pins(resolver, question("src>=2", sdists=["src"])) == {"src": "2.0"}
    with pytest.raises(Unresolvable, match="cannot be satisfied together"):
        resolver.resolve(question("src>=3", sdists=["src"]))
    with pytest.raises(Unresolvable):
        resolver.resolve(question("src>=2"))


def test_no_binary_takes_the_sdist_in_spite_of_a_wheel(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """As pip's option says; kinds of archives that are not taken are not seen, and of two kinds tar.gz wins."""
    server.add("src", "3.0")
    for ending in (".zip", ".tar.gz"):
        server.add_sdist("src", "2.0", ending)
    server.add_sdist("src", "4.0", ".tar.bz2")
    sources.known["src"] = facts("src")
    (pin,) = resolver.resolve(question("--no-binary src\nsrc"))
    assert pin.sdist and pin.sdist.file == "src-2.0.tar.gz"


def test_an_sdist_that_needs_another_python_is_passed_over(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """Here all versions need one, so that each is looked at."""
    server.add_sdist("src", "1.0")
    server.add_sdist("src", "2.0")
    sources.known["src"] = facts("src", python=">=3.12")
    with pytest.raises(Unresolvable):
        resolver.resolve(question("src", sdists=["src"]))
    assert [each.split()[0] for each in sources.asked] == ["src-2.0.tar.gz", "src-1.0.tar.gz"]


def test_an_sdist_that_does_not_build_is_an_error(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """Its own one; pip goes on to no other version."""
    server.add_sdist("src", "1.0")
    server.add_sdist("src", "2.0")
    with pytest.raises(ToolError, match=r"it does not build\n  where: src-2\.0"):
        resolver.resolve(question("src", sdists=["src"]))
    assert len(sources.asked) == 1


def test_the_cut_off_date_hides_newer_sdists(
    resolver: PipToolsResolver, server: SimpleIndex, sources: FakeSources
) -> None:
    """As it does wheels."""
    server.add_sdist("src", "1.0")
    server.times = {server.add_sdist("src", "2.0").name: "2026-01-02T00:00:00Z"}
    sources.known["src"] = facts("src")
    assert pins(resolver, question("src", exclude_newer="2026-01-01", sdists=["src"])) == {"src": "1.0"}


def test_pins_of_another_lock_are_taken_to_the_letter(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """`==1.0` would also take 1.0+cpu (PEP 440)."""
    server.add("n", "1.0")
    server.add("n", "1.0+cpu")
    assert pins(resolver, replace(question("n==1.0"), pinned=True)) == {"n": "1.0"}
    assert pins(resolver, question("n==1.0")) == {"n": "1.0+cpu"}


def test_a_yanked_version_is_told_of(resolver: PipToolsResolver, server: SimpleIndex) -> None:
    """Where it is taken."""
    server.add("n", "1.0")
    server.yanked = {server.add("n", "2.0").name}
    resolver.resolve(question("n"))
    assert not resolver.warnings
    resolver.resolve(question("n==2.0"))
    assert resolver.warnings == ["n 2.0 is yanked from index alias default (broken): it is taken because it is pinned"]


CHILD = """\
import json, sys
question = json.loads(sys.stdin.readline())
if question == "die":
    sys.exit("no more")
print(json.dumps({"sdist": {"n": 1}}), flush=True)
print(json.dumps({"pins": [question, json.loads(sys.stdin.readline())]}))
"""


def test_a_child_asks_before_it_answers() -> None:
    """Each document on a line of its own."""
    command = [sys.executable, "-c", CHILD]
    answer = converse(command, {"q": "?"}, environment={}, reply=lambda asked: {"facts": asked["n"]})
    assert answer == {"pins": [{"q": "?"}, {"facts": 1}]}


def test_a_child_that_dies_has_last_words() -> None:
    """They are what it wrote to standard error, also when the question was never read."""
    with pytest.raises(Failed, match="no more"):
        converse([sys.executable, "-c", CHILD], "die", environment={}, reply=dict)  # type: ignore[arg-type]  # any JSON
    with pytest.raises(Failed):
        converse([sys.executable, "-c", ""], {"long": "x" * 1_000_000}, environment={}, reply=dict)
