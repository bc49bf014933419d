"""Stated marker values: what they decide in a lock, and what each resolver is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.base.errors import ToolError
from python_env.base.marker_values import parse_marker_values, with_marker_values
from python_env.base.platforms import parse_platform
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.index import Index
from python_env.lock.resolvers.model import Question
from python_env.lock.resolvers.pip_tools import PipToolsResolver
from python_env.lock.resolvers.untold import decided
from python_env.lock.resolvers.uv_command import uv_arguments
from python_env.lock.update.refresh import refresh
from python_env.lock.update.task import Task
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_policy
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task

MAC = "cp312-macosx_14_0_arm64"


def task(index: FakeIndex, text: str, *words: str, tags: Sequence[str] = (LINUX,)) -> Task:
    """Return a refresh with stated values."""
    made, values = make_task(index, text, tags), parse_marker_values(words)
    policy = replace(made.request.policy, marker_values=values)
    platforms = with_marker_values(made.platforms, values)
    return replace(made, request=replace(made.request, policy=policy), platforms=platforms)


def names(made: Task, tag: str = LINUX) -> list[str]:
    """Return the locked names of a platform."""
    return [package.name for package in refresh(made).sections[tag].packages]


def test_a_full_version_decides_markers(index: FakeIndex) -> None:
    """Of a person's requirements and of wheels."""
    index.add("app", "1.0", requires=('backport; python_full_version < "3.11.4"',))
    index.add("backport", "1.0")
    index.add("new", "1.0")
    text = 'app\nnew; python_full_version >= "3.11.5"'
    assert names(task(index, text)) == ["app", "backport"]
    assert names(task(index, text, "python_full_version=3.11.9")) == ["app", "new"]


def test_a_requires_python_is_judged_by_it(index: FakeIndex) -> None:
    """Of a project, here: 3.11.0 is outside."""
    index.add("n", "1.0")
    text = '[project]\nname = "p"\nrequires-python = ">=3.11.4"\ndependencies = ["n"]\n'
    request = parse_request(["pyproject.toml"], [], read=lambda _: text)
    made = task(index, "", "python_full_version=3.11.9")
    assert names(replace(made, request=request)) == ["n"]
    with pytest.raises(ToolError, match=r"is 3\.11\.0"):
        refresh(replace(make_task(index, ""), request=request))


def test_the_values_are_inputs_of_the_lock(index: FakeIndex) -> None:
    """Written with the policy, read back; absent where none is stated."""
    index.add("n", "1.0")
    data = render_lock(refresh(task(index, "n", "python_full_version=3.11.9", "platform_release=5.10")))
    lock = parse_lock(data, where="a", fix="b")
    assert lock is not None
    assert lock.inputs.as_json()["policy"] == {
        "marker_values": {"platform_release": "5.10", "python_full_version": "3.11.9"}
    }
    assert render_lock(lock) == data
    assert b"marker_values" not in render_lock(refresh(task(index, "n")))


def test_uv_is_told_the_full_version() -> None:
    """Of the platforms that have it; the others as before."""
    stated = with_marker_values(
        [parse_platform(LINUX), parse_platform(MAC)], parse_marker_values(["python_full_version=3.11.9"])
    )
    policy = parse_policy(overrides=[], excludes=[], exclude_newer="", prereleases="")
    told = [words[words.index("--python-version") + 1] for words in (uv_arguments(each, policy) for each in stated)]
    assert told == ["3.11.9", "3.12"]


def test_what_uv_cannot_be_told_is_decided_for_it(index: FakeIndex) -> None:
    """A person's lines lose the markers of such a value; all others stay uv's to judge."""
    text = 'a; platform_release == "5"\nb; platform_release == "6"\nc; sys_platform == "win32"\n'
    made = task(index, text, "platform_release=5")
    question = Question(request=made.request, platform=made.platforms[0], preferred={})
    assert [line.text for line in decided(question).requirements] == ["a", 'c; sys_platform == "win32"']
    plain = Question(request=made.request, platform=parse_platform(LINUX), preferred={})
    assert decided(plain) is plain


def test_a_difference_that_uv_cannot_see_is_explained(index: FakeIndex) -> None:
    """The closure check finds it; the error names the value, and the resolver that can be told."""
    index.add("app", "1.0", requires=('gone; platform_release == "5"',))
    made = task(index, "app", "platform_release=5")
    with pytest.raises(ToolError) as error:
        refresh(made)
    assert error.value.render() == (
        f'error: gone; platform_release == "5" is not satisfied on {LINUX}: '
        "uv cannot be told platform_release = '5', and pinned nothing\n"
        "  where: METADATA of app-1.0-py3-none-any.whl\n"
        '  fix:   lock with resolver = "pip-tools", which is told all of marker_values; or remove that value'
    )


def test_pip_is_told_all_values(index: FakeIndex, tmp_path: Path) -> None:
    """The child gets them beside the tag."""
    wheels = tuple(tmp_path / f"{name}-1-py3-none-any.whl" for name in ("click", "pip", "pip_tools"))
    resolver = PipToolsResolver(wheels, Index("default", "https://index.example.invalid/simple", ""), tmp_path)
    made = task(index, "n", "platform_release=5", "python_full_version=3.11.9")
    document = resolver._document(Question(request=made.request, platform=made.platforms[0], preferred={}))
    assert document["marker_values"] == {"platform_release": "5", "python_full_version": "3.11.9"}


def check(*words: str) -> int:
    """Run `.lock_test` as Bazel does."""
    rule = ["--lock", "a.lock.json", "--update-command", "bazel run //:a.update", "--requirements", "r.in=r.in"]
    return main(["lock", "test", *rule, "--locked-platform", LINUX, "--locked-platform", WINDOWS, *words])


def test_a_changed_value_makes_the_lock_stale(
    tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By name; a slip in it is bad input."""
    monkeypatch.chdir(tmp_path)
    index.add("n", "1.0")
    (tmp_path / "r.in").write_text("n\n")
    made = task(index, "n", "python_full_version=3.11.9", tags=[LINUX, WINDOWS])
    (tmp_path / "a.lock.json").write_bytes(render_lock(refresh(made)))
    assert check("--marker-value=python_full_version=3.11.9") == 0
    assert check("--marker-value=python_full_version=3.11.8") == 2
    error = capsys.readouterr().err
    assert "the lock is stale: marker value python_full_version = 3.11.8 is not in the lock" in error
    assert check("--marker-value=python_full_version=3.12.1") == 2
    assert "python_full_version 3.12.1 is of no platform" in capsys.readouterr().err
