"""From a request to a lock, with a resolver that exists only here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from python_env.base.errors import Fault, ToolError
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.resolvers.model import Question, Resolved, Unresolvable
from python_env.lock.update.diff import diff_locks
from python_env.lock.update.refresh import refresh
from python_env.requirements.parse import parse_request
from support.fake_index import LINUX, WINDOWS, FakeIndex, candidate, make_task


def test_the_closure_is_locked_per_platform(index: FakeIndex) -> None:
    """Markers of the requirements and of the wheels' metadata are those of the target."""
    index.add("app", "2.0", requires=('winonly; sys_platform == "win32"', "lib[fast]>=1", 'speed; extra == "x"'))
    index.add("lib", "1.5", requires=('speed; extra == "fast"',))
    index.add("speed", "3.0")
    index.add("winonly", "1.0")
    lock = refresh(make_task(index, "app\n", [LINUX, WINDOWS]))
    assert [package.name for package in lock.sections[LINUX].packages] == ["app", "lib", "speed"]
    assert [package.name for package in lock.sections[WINDOWS].packages] == ["app", "lib", "speed", "winonly"]
    lib = lock.sections[LINUX].packages[1]
    assert (lib.extras, lib.requires, lib.why) == (("fast",), ("speed",), ("app",))
    assert lock.sections[LINUX].packages[0].why == ("r.in",)


def test_each_platform_gets_its_best_wheel(index: FakeIndex) -> None:
    """The tags' order decides, never this machine; each file stands once in the lock."""
    index.add(
        "n", "1.0", "cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-win_amd64"
    )
    lock = refresh(make_task(index, "n", [LINUX, WINDOWS]))
    assert lock.sections[LINUX].packages[0].file == "n-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    assert lock.sections[WINDOWS].packages[0].file == "n-1.0-cp311-cp311-win_amd64.whl"
    assert len(lock.files) == 2


def test_an_older_version_is_taken_where_the_floor_forbids_the_newest(index: FakeIndex) -> None:
    """A pin without a wheel for the floor is refused and the resolver asked again."""
    index.add("n", "2.0", "cp311-cp311-manylinux_2_39_x86_64")
    index.add("n", "1.0", "cp311-cp311-manylinux_2_28_x86_64")
    assert refresh(make_task(index, "n")).sections[LINUX].packages[0].version == "1.0"
    assert ("n", "2.0") in index.asked[-1].refused


def _many(index: FakeIndex) -> None:
    """Have 30 versions that need a newer floor, and an older one that does not."""
    for version in range(30, 0, -1):
        index.add("n", f"{version}.0", "cp311-cp311-manylinux_2_39_x86_64")
    index.add("n", "0.1", "cp311-cp311-manylinux_2_28_x86_64")


def test_all_unfit_versions_of_a_distribution_are_refused_at_once(index: FakeIndex) -> None:
    """However many are newer than the one that fits, the resolver is asked twice."""
    _many(index)
    index.add("kept", "1.0")
    lock = refresh(replace(make_task(index, "n\nkept"), files=lambda name: _files_of(index, name)))
    assert {each.name: each.version for each in lock.sections[LINUX].packages} == {"kept": "1.0", "n": "0.1"}
    assert len(index.asked) == 2
    assert {name for name, _ in index.asked[-1].refused} == {"n"} and len(index.asked[-1].refused) == 30


def _files_of(index: FakeIndex, wanted: str) -> list[str]:
    return [file for (name, _), files in index.wheels.items() if name == wanted for file in files]


def test_what_is_refused_one_by_one_ends_with_the_versions(index: FakeIndex) -> None:
    """Where the index's files are not known, every version is tried."""
    _many(index)
    assert refresh(make_task(index, "n")).sections[LINUX].packages[0].version == "0.1"


def test_a_refused_version_that_comes_again_ends_the_rounds() -> None:
    """A resolver that does not heed what is refused is not asked for ever."""

    class Stubborn(FakeIndex):
        def resolve(self, question: Question) -> tuple[Resolved, ...]:
            return FakeIndex.resolve(self, replace(question, refused=frozenset()))

    index = Stubborn()
    _many(index)
    with pytest.raises(ToolError, match=r"no wheel of n 30\.0 fits"):
        refresh(make_task(index, "n"))
    assert len(index.asked) == 2


BOTH_MACHINES = "cp312-macosx_11_0_universal2"
INTEL = 'platform_machine == "x86_64"'


def test_universal2_must_do_for_both_machines(index: FakeIndex) -> None:
    """What is asked for on x86_64 alone has no pin, for the resolver is told arm64: it is a fault, not left out."""
    index.add("app", "1.0", requires=(f"mkl; {INTEL}", 'accel; platform_machine == "arm64"', f"lib>=2; {INTEL}"))
    index.add("accel", "1.0")
    index.add("lib", "1.0")
    with pytest.raises(ToolError) as error:
        refresh(make_task(index, "app\nlib\n", [BOTH_MACHINES]))
    assert [fault.what.partition(" is not satisfied")[0] for fault in error.value.faults] == [
        f"mkl; {INTEL}",
        f"lib>=2; {INTEL}",
    ]
    assert "on cp312-macosx_11_0_universal2 where platform_machine is x86_64:" in error.value.faults[0].what
    assert error.value.faults[0].fix.endswith(": cp312-macosx_11_0_arm64 and cp312-macosx_11_0_x86_64")


def test_universal2_is_locked_where_the_pins_of_arm64_do_for_x86_64(index: FakeIndex) -> None:
    """A marker on the machine is no fault as such: what both pin suffices, and what is stated is not judged twice."""
    index.add("app", "1.0", requires=(f"lib>=1; {INTEL}", 'accel; platform_machine == "arm64"'))
    index.add("accel", "1.0")
    index.add("lib", "1.0")
    task = make_task(index, "app\nlib\n", [BOTH_MACHINES])
    assert [each.name for each in refresh(task).sections[BOTH_MACHINES].packages] == ["accel", "app", "lib"]
    index.add("app", "1.0", requires=(f"mkl; {INTEL}",))
    stated = replace(task.platforms[0], stated=(("platform_machine", "arm64"),))
    assert refresh(replace(task, platforms=[stated])).sections[BOTH_MACHINES].packages[0].name == "app"


def test_what_no_wheel_fits_is_listed_for_all_platforms_at_once(index: FakeIndex) -> None:
    """The closure check of every platform is reported together."""
    index.add("app", "1.0", requires=("gone>1",))
    index.add("gone", "1.0")
    with pytest.raises(ToolError) as error:
        refresh(make_task(index, "app", [LINUX, WINDOWS]))
    assert len(error.value.faults) == 2
    assert "gone>1 is not satisfied on cp311-win_amd64" in error.value.render()


def test_one_version_everywhere_unless_a_platform_forces_another(index: FakeIndex) -> None:
    """The lowest version of a split is preferred on all platforms; what a platform does not have stays split."""
    index.add("n", "2.0", "cp311-cp311-manylinux_2_28_x86_64")
    index.add("n", "1.0", "cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-win_amd64")
    index.add("m", "2.0", "cp311-cp311-manylinux_2_28_x86_64")
    index.add("m", "1.0", "cp311-cp311-win_amd64")
    lock = refresh(make_task(index, "m\nn", [LINUX, WINDOWS]))
    versions = {tag: [package.version for package in section.packages] for tag, section in lock.sections.items()}
    assert versions == {LINUX: ["2.0", "1.0"], WINDOWS: ["1.0", "1.0"]}


def test_a_split_of_the_old_lock_stays(index: FakeIndex) -> None:
    """A refresh that changes nothing does not ask twice."""
    index.add("m", "2.0", "cp311-cp311-manylinux_2_28_x86_64")
    index.add("m", "1.0", "cp311-cp311-win_amd64")
    old = refresh(make_task(index, "m", [LINUX, WINDOWS]))
    index.asked.clear()
    preferred = {tag: {p.name: p.version for p in section.packages} for tag, section in old.sections.items()}
    assert refresh(make_task(index, "m", [LINUX, WINDOWS], **preferred)) == old
    assert len(index.asked) == 2


def test_a_hash_decides_which_wheel_is_taken(index: FakeIndex) -> None:
    """Another wheel of the version, or none: then the error says so."""
    best, other = "n-1.0-cp311-cp311-manylinux_2_28_x86_64.whl", "n-1.0-cp311-cp311-manylinux_2_17_x86_64.whl"
    index.add("n", "1.0", "cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-manylinux_2_17_x86_64")
    assert refresh(make_task(index, "n")).sections[LINUX].packages[0].file == best
    locked = refresh(make_task(index, f"n --hash=sha256:{candidate(other).sha256}"))
    assert locked.sections[LINUX].packages[0].file == other
    assert locked.inputs.requirements[0].requirement.startswith("n --hash=sha256:")


def test_a_hash_that_no_wheel_has_is_an_error(index: FakeIndex) -> None:
    """Nothing else is taken instead."""
    index.add("n", "1.0")
    with pytest.raises(ToolError) as error:
        refresh(make_task(index, f"n==1 --hash=sha256:{'0' * 64}"))
    assert f"no wheel of n 1.0 that fits {LINUX} has one of the hashes" in error.value.render()
    assert "where: r.in:1" in error.value.render()


@pytest.mark.parametrize("marker", ["sys_platform ~= 'linux'", "'x' in extras", "'x' in dependency_groups"])
def test_a_marker_in_metadata_that_no_platform_can_answer_is_refused(index: FakeIndex, marker: str) -> None:
    """The wheel is named, and how to go round it."""
    index.add("app", "1.0", requires=(f"lib; {marker}",))
    with pytest.raises(ToolError) as error:
        refresh(make_task(index, "app"))
    assert f"Requires-Dist is not a requirement: lib; {marker} (its marker" in error.value.render()
    assert "where: METADATA of app-1.0-py3-none-any.whl\n  fix:   constrain app" in error.value.render()


def test_an_extra_that_does_not_exist_is_refused_where_a_person_asks_for_it(index: FakeIndex) -> None:
    """Once for all platforms, with the extras that there are; what a wheel's METADATA asks for is let pass."""
    index.add("app", "1.0", requires=('speed; extra == "fast"', "lib[gone]"))
    index.add("lib", "1.0")
    index.add("speed", "1.0")
    assert [p.name for p in refresh(make_task(index, "app[Fast]")).sections[LINUX].packages] == ["app", "lib", "speed"]
    with pytest.raises(ToolError) as error:
        refresh(make_task(index, "app[fats]\nlib[x]", [LINUX, WINDOWS]))
    assert error.value.render() == (
        "error: app 1.0 has no extra fats\n  where: r.in:1\n  fix:   name one of: fast\n"
        "error: lib 1.0 has no extra x\n  where: r.in:2\n  fix:   remove it: there are none"
    )


def test_a_hash_in_a_constraint_file_counts(index: FakeIndex) -> None:
    """As pip takes it: the wheel must have it, too."""
    index.add("n", "1.0")
    task = make_task(index, "n")
    limits = parse_request(["c.txt"], [], read=lambda _: f"n --hash=sha256:{'0' * 64}").requirements
    with pytest.raises(ToolError) as error:
        refresh(replace(task, request=replace(task.request, constraints=limits)))
    assert f"no wheel of n 1.0 that fits {LINUX} has one of the hashes" in error.value.render()
    assert "where: c.txt:1" in error.value.render()


def test_what_fails_alike_on_several_platforms_is_told_once(index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all their tags; what differs in more than the tag stays apart."""

    def resolve(question: Question) -> tuple[Resolved, ...]:
        tag = question.platform.tag
        own = [Fault("only here", "r.in:2", "x")] if tag == WINDOWS else []
        raise Unresolvable([Fault(f"no answer on {tag}\nBecause", "r.in:1", f"drop {tag}"), *own])

    monkeypatch.setattr(index, "resolve", resolve)
    with pytest.raises(ToolError) as error:
        refresh(make_task(index, "n", [LINUX, WINDOWS]))
    both = f"{LINUX}, {WINDOWS}"
    assert error.value.faults == (
        Fault(f"no answer on {both}\nBecause", "r.in:1", f"drop {both}"),
        Fault("only here", "r.in:2", "x"),
    )


def test_superfluous_pins_are_left_out(index: FakeIndex) -> None:
    """What nothing reaches is not locked."""
    index.add("app", "1.0")
    index.add("stray", "1.0")
    assert [package.name for package in refresh(make_task(index, "app")).sections[LINUX].packages] == ["app"]


def test_preferred_versions_stay(index: FakeIndex) -> None:
    """The old lock's versions are handed to the resolver for their platform."""
    index.add("n", "2.0")
    index.add("n", "1.0")
    lock = refresh(make_task(index, "n", [LINUX], **{LINUX: {"n": "1.0"}}))
    assert lock.sections[LINUX].packages[0].version == "1.0"


def test_a_lock_names_no_host_and_survives_its_text(index: FakeIndex) -> None:
    """Files are named by their path; reading the text gives the same lock, and writing it the same bytes."""
    index.add("n", "1.0")
    lock = refresh(make_task(index, "n"))
    data = render_lock(lock)
    assert b"example.invalid" not in data and b"://" not in data
    again = parse_lock(data, where="x", fix="y")
    assert again is not None and render_lock(again) == data
    assert data == render_lock(refresh(make_task(index, "# a comment\n\n n\n")))


def test_a_wheel_that_denies_its_name_is_refused(index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """METADATA must agree with the pin."""
    index.add("n", "1.0")
    real = index.get

    def lie(**words: str) -> object:
        facts = real(**words)
        return type(facts)(name="other", version="1.0", requires=(), requires_python="", size=1)

    monkeypatch.setattr(index, "get", lie)
    with pytest.raises(ToolError, match=r"the wheel of n 1\.0 says that it is other 1\.0"):
        refresh(make_task(index, "n"))


def test_the_diff_puts_equal_changes_of_platforms_together(index: FakeIndex) -> None:
    """Added, up and removed are told by package."""
    index.add("n", "1.0")
    index.add("old", "1.0")
    before = refresh(make_task(index, "n\nold", [LINUX, WINDOWS]))
    index.wheels.clear()
    index.add("n", "2.0")
    index.add("new", "1.0")
    changes = diff_locks(before, refresh(make_task(index, "n\nnew", [LINUX, WINDOWS])))
    assert [(change.word, change.name, change.platforms) for change in changes] == [
        ("up", "n", (LINUX, WINDOWS)),
        ("added", "new", (LINUX, WINDOWS)),
        ("removed", "old", (LINUX, WINDOWS)),
    ]
