"""Overrides, excludes, cut-off date and pre-releases: what they change, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from python_env.base.errors import ToolError
from python_env.base.platforms import parse_platform
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.freshness.compare import input_changes
from python_env.lock.inputs import make_inputs
from python_env.lock.resolvers.uv_command import uv_arguments
from python_env.lock.update.refresh import refresh
from python_env.lock.update.task import Task
from python_env.requirements.model import Policy
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_policy
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task


def policy(**words: object) -> Policy:
    """Return a policy from the words of a rule's attributes."""
    plain: dict[str, object] = {"overrides": [], "excludes": [], "exclude_newer": "", "prereleases": ""}
    return parse_policy(**{**plain, **words})  # type: ignore[arg-type]  # the words of one test each


def task(index: FakeIndex, text: str, decided: Policy) -> Task:
    """Return a refresh under a policy."""
    made = make_task(index, text)
    return replace(made, request=replace(made.request, policy=decided))


def test_an_excluded_distribution_is_left_out(index: FakeIndex) -> None:
    """Whoever asks for it, the requirements included; nothing requires it in the lock."""
    index.add("app", "1.0", requires=("heavy", "lib"))
    index.add("lib", "1.0", requires=("heavy>=2",))
    lock = refresh(task(index, "app\nheavy", policy(excludes=["Heavy"])))
    assert [(p.name, p.requires) for p in lock.sections[LINUX].packages] == [("app", ("lib",)), ("lib", ())]
    assert lock.sections[LINUX].requirements == ("app",)


def test_an_override_replaces_every_requirement(index: FakeIndex) -> None:
    """A limit of another distribution no longer counts; extras of the replaced requirement stay."""
    index.add("app", "1.0", requires=("lib[fast]<1",))
    index.add("lib", "2.0", requires=('speed; extra == "fast"',))
    index.add("speed", "1.0")
    with pytest.raises(ToolError, match=r"lib\[fast\]<1 is not satisfied"):
        refresh(make_task(index, "app"))
    lock = refresh(task(index, "app", policy(overrides=["lib>=2"])))
    assert [p.name for p in lock.sections[LINUX].packages] == ["app", "lib", "speed"]


def test_what_an_override_asks_for_is_checked(index: FakeIndex) -> None:
    """The closure check judges by the override."""
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "2.0")
    with pytest.raises(ToolError, match="lib<2 is not satisfied"):
        refresh(task(index, "app", policy(overrides=["lib<2"])))


@pytest.mark.parametrize(
    ("decided", "what"),
    [
        (policy(overrides=["gone==1"]), "override gone==1 changes nothing"),
        (policy(excludes=["gone"]), "exclude gone changes nothing"),
    ],
)
def test_what_changes_nothing_is_an_error(index: FakeIndex, decided: Policy, what: str) -> None:
    """A misspelt name does not go unnoticed."""
    index.add("app", "1.0")
    with pytest.raises(ToolError) as error:
        refresh(task(index, "app", decided))
    assert what in error.value.render() and "fix:   remove it, or mend its name" in error.value.render()


def test_an_override_whose_marker_never_holds_is_an_error(index: FakeIndex) -> None:
    """Also where another override of the same distribution does something."""
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "1.0")
    never = "lib<9; sys_platform == 'sunos5'"
    with pytest.raises(ToolError) as error:
        refresh(task(index, "app", policy(overrides=["lib<8; sys_platform == 'linux'", never])))
    (fault,) = error.value.faults
    assert "changes nothing: its marker holds on no platform that has to do with lib" in fault.what
    assert fault.what.startswith("override lib<9") and fault.fix == "remove it, or mend its marker"


@pytest.mark.parametrize("marker", ["sys_platform == 'sunos5'", "sys_platform == 'win32'"])
def test_a_constraint_whose_marker_never_holds_is_an_error(index: FakeIndex, marker: str) -> None:
    """The distribution has to be locked where the marker holds."""
    index.add("app", "1.0")
    index.add("other", "1.0")
    made = make_task(index, "other\napp; sys_platform == 'linux'", (LINUX, WINDOWS))
    bad = parse_request(["r"], ["c.txt"], read=lambda name: f"app<9; {marker}" if name == "c.txt" else "app")
    with pytest.raises(ToolError, match=r"constraint app<9.* changes nothing: its marker holds on no platform"):
        refresh(replace(made, request=replace(made.request, constraints=bad.constraints)))


def test_a_constraint_that_changes_nothing_is_an_error(index: FakeIndex) -> None:
    """With its file and line."""
    index.add("app", "1.0")
    made = make_task(index, "app")
    asked = parse_request(["c.txt"], [], read=lambda _: "\napp<2\ngone<2").requirements
    with pytest.raises(ToolError) as error:
        refresh(replace(made, request=replace(made.request, constraints=asked)))
    assert "constraint gone<2 changes nothing" in error.value.render()
    assert "where: c.txt:3" in error.value.render() and "app<2" not in error.value.render()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ({"overrides": ["a b"]}, "not a requirement: a b"),
        ({"excludes": ["a>1"]}, "not the name of a distribution: 'a>1'"),
        ({"exclude_newer": "yesterday"}, "not a date: 'yesterday'"),
        ({"exclude_newer": "2026-13-01"}, "not a date: '2026-13-01'"),
        ({"exclude_newer": "20261101"}, "not a date: '20261101'"),
        ({"prereleases": "maybe"}, "unknown value 'maybe'"),
        ({"overrides": ["A.b==1"], "excludes": ["a-b"]}, "a-b is both overridden and excluded"),
    ],
)
def test_a_policy_that_is_not_understood_is_refused(words: dict[str, object], what: str) -> None:
    """The attribute is named."""
    with pytest.raises(ToolError) as error:
        policy(**words)
    assert what in error.value.render()
    assert f"where: {', '.join(words)}" in error.value.render()


def test_the_policy_is_an_input_of_the_lock(index: FakeIndex) -> None:
    """It is written, read back, and a change of it makes the lock stale by name."""
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "2.0")
    decided = policy(overrides=["lib>=2"], exclude_newer="2026-11-01", prereleases="allow")
    data = render_lock(refresh(task(index, "app", decided)))
    lock = parse_lock(data, where="a", fix="b")
    assert lock is not None
    assert lock.inputs.policy == {"exclude_newer": "2026-11-01", "overrides": ["lib>=2"], "prereleases": "allow"}
    plain = make_inputs(make_task(index, "app").request, [LINUX])
    assert b"policy" not in render_lock(refresh(make_task(index, "app")))
    assert [change.stale for change in input_changes(lock.inputs, plain)] == [
        "override lib>=2 is in the lock, but no longer asked for",
        "exclude_newer changed: 2026-11-01 -> none",
        "prereleases changed: allow -> none",
    ]


def test_uv_is_told_the_policy() -> None:
    """Cut-off at the day's start in UTC, and the mode of pre-releases; neither where none is decided."""
    platform = parse_platform(WINDOWS)
    words = uv_arguments(platform, policy(exclude_newer="2026-11-01", prereleases="disallow"))
    assert words[words.index("--exclude-newer") + 1] == "2026-11-01T00:00:00Z"
    assert words[words.index("--prerelease") + 1] == "disallow"
    assert not {"--exclude-newer", "--prerelease"} & set(uv_arguments(platform, Policy()))


def test_an_override_with_a_marker_holds_only_there(index: FakeIndex) -> None:
    """Elsewhere the distribution is not needed."""
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "1.0")
    decided = policy(overrides=['lib; sys_platform == "win32"'])
    lock = refresh(task(index, "app", decided))
    assert [p.name for p in lock.sections[LINUX].packages] == ["app"]
