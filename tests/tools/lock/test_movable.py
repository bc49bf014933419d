"""`--upgrade` and `--upgrade-package` where another lock pins every version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from python_env.base.errors import ToolError
from python_env.lock.extends.model import Base
from python_env.lock.update.movable import check_movable
from python_env.lock.update.refresh import refresh
from python_env.lock.update.upgrades import Upgrades
from python_env.requirements.model import Policy, Request
from python_env.requirements.parse import parse_request
from support.fake_index import FakeIndex, make_task

UPDATE = "bazel run //envs:a.update"
PINNED = f"six==1.0 --hash=sha256:{'a' * 64}\n"
SIX = Upgrades(names=frozenset({"six"}))


def request(text: str) -> Request:
    """Return what a requirement file asks for."""
    return parse_request(["r.txt"], [], read=lambda _: text)


def refused(asked: Request, upgrades: Upgrades, base: Base | None = None, *, upgrade: bool = False) -> str:
    """Return the error."""
    with pytest.raises(ToolError) as error:
        check_movable(asked, base, upgrades, upgrade=upgrade, update=UPDATE)
    return error.value.render()


@pytest.mark.parametrize("option", ["--upgrade", "--upgrade-package"])
def test_what_a_lock_made_elsewhere_pins_does_not_move(option: str) -> None:
    """The error says where it is made, instead of a refresh that moves nothing without a word."""
    upgrade = option == "--upgrade"
    assert refused(request(PINNED), Upgrades() if upgrade else SIX, upgrade=upgrade) == (
        f"error: {option} moves nothing: r.txt pins every version\n"
        f"  where: {option}\n"
        "  fix:   make r.txt again with the tool that made it (pip-compile, uv export), then run: " + UPDATE
    )


def test_build_requirements_move() -> None:
    """They are resolved here: no lock made elsewhere holds them."""
    asked = replace(request(PINNED), policy=Policy(sdists=("six",)))
    check_movable(asked, None, Upgrades(), upgrade=True, update=UPDATE)
    assert "--upgrade-package moves nothing" in refused(asked, SIX, upgrade=True)
    check_movable(asked, None, SIX, upgrade=False, update=UPDATE, tools={"six"})


def test_what_is_resolved_here_moves() -> None:
    """One requirement without a hash makes it a requirement file again."""
    check_movable(request(PINNED + "idna\n"), None, SIX, upgrade=True, update=UPDATE)


def test_a_pin_of_the_base_does_not_move(index: FakeIndex) -> None:
    """The command of the base is named; what the base does not pin moves."""
    index.add("six", "1.0")
    base = Base(label="//envs:base", update="bazel run //envs:base.update", lock=refresh(make_task(index, "six")))
    assert refused(request("six\nidna\n"), SIX, base, upgrade=True) == (
        "error: six stays where it is: the base //envs:base pins it\n"
        "  where: --upgrade-package\n"
        "  fix:   move it there: bazel run //envs:base.update -- --upgrade-package six; then run: " + UPDATE
    )
    check_movable(request("idna\n"), base, Upgrades(names=frozenset({"idna"})), upgrade=True, update=UPDATE)
