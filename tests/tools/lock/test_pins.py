"""Locks made elsewhere, taken over: every pin, exactly it, nothing else, and proved closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.base.errors import ToolError
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.model import Lock
from python_env.lock.update.refresh import refresh
from python_env.lock.update.task import Task
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_choice, parse_policy
from support.fake_index import LINUX, WINDOWS, FakeIndex, candidate, make_task

MAC = "cp312-macosx_14_0_arm64"
COMMAND = "bazel run //envs:a.update"


def wheel(name: str, version: str = "1.0", tag: str = "py3-none-any") -> str:
    """Return the name of a wheel."""
    return f"{name}-{version}-{tag}.whl"


def package(name: str, version: str = "1.0", *, marker: str = "", tags: Sequence[str] = ("py3-none-any",)) -> str:
    """Return one package of a pylock.toml, with the fake index's wheels."""
    rows = [
        f'{{ url = "https://index.example/{file}", hashes = {{ sha256 = "{candidate(file).sha256}" }} }}'
        for file in (wheel(name, version, tag) for tag in tags)
    ]
    when = f'marker = "{marker}"\n' if marker else ""
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{when}wheels = [{", ".join(rows)}]\n'


def pylock(*packages: str, head: str = "") -> str:
    """Return a pylock.toml."""
    return f'lock-version = "1.0"\ncreated-by = "test"\n{head}\n{"".join(packages)}'


def task(index: FakeIndex, tags: Sequence[str] = (LINUX,), **files: str) -> Task:
    """Return a refresh of files, named without their dots: pylock_toml, r_in."""
    named = {name.replace("_", "."): text for name, text in files.items()}
    made = make_task(index, "", tags)
    return replace(made, request=parse_request(list(named), [], read=named.__getitem__))


def versions(lock: Lock, tag: str = LINUX) -> dict[str, str]:
    """Return the locked versions of one platform."""
    return {package.name: package.version for package in lock.sections[tag].packages}


def faults(made: Task) -> list[tuple[str, str, str]]:
    """Return what is wrong, in three parts."""
    with pytest.raises(ToolError) as error:
        refresh(made)
    return [(fault.what, fault.where, fault.fix) for fault in error.value.faults]


def test_every_pin_is_taken_where_its_marker_holds(index: FakeIndex) -> None:
    """Also one that nothing needs; newer versions and preferences count for nothing."""
    for version in ("2.0", "1.0"):
        index.add("app", version, requires=("lib",))
        index.add("lib", version)
        index.add("win", version)
    text = pylock(package("app"), package("lib"), package("win", "2.0", marker="sys_platform == 'win32'"))
    made = replace(task(index, [LINUX, WINDOWS], pylock_toml=text), preferred={LINUX: {"app": "2.0"}})
    lock = refresh(made)
    assert versions(lock) == {"app": "1.0", "lib": "1.0"}
    assert versions(lock, WINDOWS) == {"app": "1.0", "lib": "1.0", "win": "2.0"}
    assert {p.name: p.why for p in lock.sections[LINUX].packages} == {
        "app": ("pylock.toml",),
        "lib": ("app", "pylock.toml"),
    }
    assert all(question.pinned and not question.preferred for question in index.asked)


def test_different_pins_of_platforms_are_not_brought_together(index: FakeIndex) -> None:
    """The lock says so; the resolver is asked once for each platform."""
    index.add("n", "2.0")
    index.add("n", "1.0")
    text = pylock(
        package("n", "1.0", marker="sys_platform == 'win32'"), package("n", "2.0", marker="sys_platform != 'win32'")
    )
    lock = refresh(task(index, [LINUX, WINDOWS, MAC], pylock_toml=text))
    assert [versions(lock, tag)["n"] for tag in (LINUX, WINDOWS, MAC)] == ["2.0", "1.0", "2.0"]
    assert len(index.asked) == 3


def test_only_files_of_the_lock_are_taken(index: FakeIndex) -> None:
    """The best wheel of the index is none of them: the next best is."""
    tags = ("cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-manylinux_2_17_x86_64")
    index.add("n", "1.0", *tags)
    lock = refresh(task(index, pylock_toml=pylock(package("n", tags=tags[1:]))))
    assert list(lock.files) == [wheel("n", tag=tags[1])]


def test_a_lock_without_a_file_for_the_platform_is_refused(index: FakeIndex) -> None:
    """By name, place and platform; the index's other wheels are not taken instead."""
    index.add("n", "1.0", "cp311-cp311-win_amd64", "cp311-cp311-manylinux_2_28_x86_64")
    assert faults(task(index, pylock_toml=pylock(package("n", tags=["cp311-cp311-win_amd64"])))) == [
        (
            f"no wheel of n 1.0 that fits {LINUX} has one of the hashes that are asked for",
            "pylock.toml:4",
            "make pylock.toml again with a wheel for that platform, or drop the platform",
        )
    ]


def test_a_lock_that_is_not_closed_is_refused(index: FakeIndex) -> None:
    """The wheel's own metadata tells; nothing is added."""
    index.add("app", "1.0", requires=("lib>=1; sys_platform == 'linux'",))
    index.add("lib", "1.0")
    assert faults(task(index, [LINUX, WINDOWS], pylock_toml=pylock(package("app")))) == [
        (
            f'lib>=1; sys_platform == "linux" is not satisfied on {LINUX}: pylock.toml pins nothing',
            f"METADATA of {wheel('app')}",
            "make pylock.toml again for this platform, or decide by `overrides` or `excludes`",
        )
    ]


def test_a_pin_that_another_package_forbids_is_refused(index: FakeIndex) -> None:
    """The version is told."""
    index.add("app", "1.0", requires=("lib>=2",))
    index.add("lib", "1.0")
    ((what, _, _),) = faults(task(index, pylock_toml=pylock(package("app"), package("lib"))))
    assert what == f"lib>=2 is not satisfied on {LINUX}: pylock.toml pins lib 1.0"


def test_overrides_and_excludes_decide_what_a_lock_leaves_open(index: FakeIndex) -> None:
    """An override replaces what wheels say, an exclude a pin; no pin moves."""
    index.add("app", "1.0", requires=("lib>=2", "heavy"))
    index.add("lib", "2.0")
    index.add("lib", "1.0")
    made = task(index, pylock_toml=pylock(package("app"), package("lib"), package("heavy")))
    policy = parse_policy(overrides=["lib<2"], excludes=["heavy"], exclude_newer="", prereleases="")
    assert versions(refresh(replace(made, request=replace(made.request, policy=policy)))) == {
        "app": "1.0",
        "lib": "1.0",
    }
    forbids = parse_policy(overrides=["lib>=2"], excludes=["heavy"], exclude_newer="", prereleases="")
    found = faults(replace(made, request=replace(made.request, policy=forbids)))
    assert {what for what, _, _ in found} == {f"lib>=2 is not satisfied on {LINUX}: pylock.toml pins lib 1.0"}


def test_other_files_only_ask_what_the_lock_must_answer(index: FakeIndex) -> None:
    """Beside a lock nothing is resolved."""
    index.add("n", "1.0")
    index.add("m", "1.0")
    assert versions(refresh(task(index, r_in="n>=1", pylock_toml=pylock(package("n"))))) == {"n": "1.0"}
    found = faults(task(index, r_in="n>1\nm", pylock_toml=pylock(package("n"))))
    assert [(what, where) for what, where, _ in found] == [
        (f"n>1 is not satisfied on {LINUX}: pylock.toml pins n 1.0", "r.in:1"),
        (f"m is not satisfied on {LINUX}: pylock.toml pins nothing", "r.in:2"),
    ]


def test_a_constraint_that_a_lock_does_not_keep_is_named(index: FakeIndex) -> None:
    """It is the lock's fault, not the resolver's."""
    index.add("n", "1.0")
    made = task(index, pylock_toml=pylock(package("n")))
    limits = parse_request(["c.txt"], [], read=lambda _: "n>1").requirements
    ((what, where, fix),) = faults(replace(made, request=replace(made.request, constraints=limits)))
    assert (what, where) == (f"constraint n>1 is not kept on {LINUX}: n 1.0", "c.txt:1")
    assert fix == "make pylock.toml again under it, or remove it"


def test_two_pins_of_one_distribution_on_a_platform_are_refused(index: FakeIndex) -> None:
    """From one lock or from two; the resolver is not asked."""
    index.add("n", "1.0")
    text = pylock(package("n", "1.0"), package("n", "2.0", marker="sys_platform == 'win32'"))
    assert faults(task(index, [LINUX, WINDOWS], pylock_toml=text)) == [
        (
            f"n is pinned to several versions on {WINDOWS}: ==1.0, ==2.0",
            "pylock.toml:4, pylock.toml:8",
            "keep one of the pins, or make the lock again",
        )
    ]
    assert [question.platform.tag for question in index.asked] == [LINUX]


@pytest.mark.parametrize(
    ("head", "what", "where"),
    [
        (
            'requires-python = ">=3.12"',
            f"pylock.toml is for Python >=3.12, and {LINUX} is 3.11.0",
            "pylock.toml: requires-python",
        ),
        (
            "environments = [\"sys_platform == 'win32'\"]",
            f'pylock.toml is for other targets than {LINUX}: (sys_platform == "win32")',
            "pylock.toml",
        ),
    ],
)
def test_a_lock_for_other_targets_is_refused(index: FakeIndex, head: str, what: str, where: str) -> None:
    """Its markers say nothing true there; a platform that it is for is no fault."""
    index.add("n", "1.0")
    tag = "cp312-win_amd64"
    fix = "drop that platform, or make pylock.toml for it, too"
    assert faults(task(index, [LINUX, tag], pylock_toml=pylock(package("n"), head=head))) == [(what, where, fix)]
    assert versions(refresh(task(index, [tag], pylock_toml=pylock(package("n"), head=head))), tag) == {"n": "1.0"}


def test_a_project_is_for_the_pythons_that_it_says(index: FakeIndex) -> None:
    """Also where nothing is pinned."""
    index.add("n", "1.0")
    text = '[project]\nname = "p"\nrequires-python = ">=3.12"\ndependencies = ["n"]\n'
    ((what, _, _),) = faults(task(index, [LINUX, MAC], pyproject_toml=text))
    assert what == f"pyproject.toml is for Python >=3.12, and {LINUX} is 3.11.0"


def test_a_platform_without_pins_is_locked_empty(index: FakeIndex) -> None:
    """The resolver is not asked for nothing."""
    index.add("win", "1.0")
    text = pylock(package("win", marker="sys_platform == 'win32'"))
    lock = refresh(task(index, [LINUX, WINDOWS], pylock_toml=text))
    assert (versions(lock), versions(lock, WINDOWS)) == ({}, {"win": "1.0"})
    assert len(index.asked) == 1


def test_a_hashed_requirement_file_is_taken_over(index: FakeIndex) -> None:
    """What it leaves out is not added."""
    index.add("app", "2.0")
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "1.0")
    lines = [f"{name}==1.0 --hash=sha256:{candidate(wheel(name)).sha256}\n" for name in ("app", "lib")]
    assert versions(refresh(task(index, r_txt="".join(lines)))) == {"app": "1.0", "lib": "1.0"}
    ((what, _, _),) = faults(task(index, r_txt=lines[0]))
    assert what == f"lib is not satisfied on {LINUX}: r.txt pins nothing"


def test_extras_and_groups_are_inputs_of_the_lock(index: FakeIndex) -> None:
    """They are written and read back; a lock without them has no such words."""
    index.add("n", "1.0")
    text = '[project]\nname = "p"\n[project.optional-dependencies]\nx = ["n"]\n[dependency-groups]\ng = ["n"]\n'
    made = task(index, pyproject_toml=text)
    chosen = parse_request(["p/pyproject.toml"], [], read=lambda _: text, choice=parse_choice(["X"], ["G"]))
    data = render_lock(refresh(replace(made, request=chosen)))
    lock = parse_lock(data, where="a", fix="b")
    assert lock is not None and (lock.inputs.extras, lock.inputs.groups) == (("x",), ("g",))
    assert not {"extras", "groups"} & set(refresh(task(index, r_in="n")).inputs.as_json())


@pytest.fixture
def place(tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a lock of a project's pylock.toml and its group `dev`, and go there."""
    monkeypatch.chdir(tmp_path)
    index.add("app", "1.0")
    index.add("tool", "1.0")
    text = pylock(
        package("app"), package("tool", marker="'dev' in dependency_groups"), head='dependency-groups = ["dev"]'
    )
    (tmp_path / "pylock.toml").write_text(text)
    request = parse_request(["pylock.toml"], [], read=lambda _: text, choice=parse_choice([], ["dev"]))
    made = replace(make_task(index, ""), request=request)
    (tmp_path / "a.lock.json").write_bytes(render_lock(refresh(made)))
    return tmp_path


def check(*words: str) -> int:
    """Run the test as Bazel does."""
    rule = ["--lock", "a.lock.json", "--update-command", COMMAND, "--requirements", "pylock.toml=pylock.toml"]
    return main(["lock", "test", *rule, "--locked-platform", LINUX, *words])


def test_a_lock_of_a_lock_is_fresh_until_its_meaning_changes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Comments do not count; a changed hash names its package and file."""
    file = place / "pylock.toml"
    file.write_text("# words\n" + file.read_text())
    assert check("--group", "dev") == 0
    file.write_text(file.read_text().replace(candidate(wheel("app")).sha256, "0" * 64))
    assert check("--group", "dev") == 2
    error = capsys.readouterr().err
    assert "the lock is stale: requirement app==1.0 --hash=sha256:" in error
    assert f"became app==1.0 --hash=sha256:{'0' * 64}\n" in error
    assert "where: pylock.toml" in error and f"fix:   {COMMAND}" in error


def test_a_lock_that_is_no_longer_for_a_platform_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its pins are the same, but they say nothing of that platform any more."""
    file = place / "pylock.toml"
    file.write_text('requires-python = ">=3.12"\n' + file.read_text())
    assert check("--group", "dev") == 2
    assert f"error: pylock.toml is for Python >=3.12, and {LINUX} is 3.11.0" in capsys.readouterr().err


def test_a_group_that_is_no_longer_chosen_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what it asked for."""
    assert check() == 2
    error = capsys.readouterr().err
    assert "group dev is in the lock, but no longer asked for" in error
    assert "requirement tool==1.0 --hash=" in error
