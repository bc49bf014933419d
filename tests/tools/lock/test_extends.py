"""An environment that is derived from another: it keeps the other's pins, and says where they stand in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.base.errors import Fault, ToolError
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.extends.cli_inputs import extended
from python_env.lock.extends.model import Base
from python_env.lock.model import InputLine, Lock
from python_env.lock.request_words import RequestWords
from python_env.lock.resolvers.model import Question, Resolved, Unresolvable
from python_env.lock.update import open_task as running
from python_env.lock.update.refresh import refresh
from python_env.lock.update.task import Task
from python_env.requirements.model import Indexes
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_policy
from support.fake_index import LINUX, WINDOWS, FakeIndex, candidate, make_task

LABEL = "//envs:base"
UPDATE = "bazel run //envs:base.update"
BOTH = "cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-win_amd64"


def based(made: Task, lock: Lock, label: str = LABEL) -> Task:
    """Return a refresh that extends a lock."""
    base = Base(label=label, update=f"bazel run {label}.update", lock=lock)
    request = extended(made.request, base, [platform.tag for platform in made.platforms])
    return replace(made, request=request, base=base)


def with_policy(made: Task, overrides: Sequence[str] = (), excludes: Sequence[str] = ()) -> Task:
    """Return a refresh under a policy."""
    policy = parse_policy(overrides=overrides, excludes=excludes, exclude_newer="", prereleases="")
    return replace(made, request=replace(made.request, policy=policy))


def pins(lock: Lock, tag: str = LINUX) -> dict[str, tuple[str, str]]:
    """Return version and digest by name."""
    return {package.name: (package.version, lock.files[package.file].sha256) for package in lock.sections[tag].packages}


def faults(made: Task) -> list[tuple[str, str, str]]:
    """Return the parts of every fault of a refresh."""
    with pytest.raises(ToolError) as error:
        refresh(made)
    return [(fault.what, fault.where, fault.fix) for fault in error.value.faults]


@pytest.fixture
def base(index: FakeIndex) -> Lock:
    """Return a lock of app and lib for two platforms; since then both have newer versions, first in order."""
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "1.0", *BOTH)
    lock = refresh(make_task(index, "app", [LINUX, WINDOWS]))
    old = dict(index.wheels)
    index.wheels.clear()
    index.add("app", "2.0", requires=("lib",))
    index.add("lib", "2.0", *BOTH)
    index.wheels.update(old)
    index.add("more", "1.0", requires=("lib",))
    return lock


def test_all_pins_of_the_base_are_kept(index: FakeIndex, base: Lock) -> None:
    """Version and file, on every platform, though the index has newer ones; its requirements hold here, too."""
    lock = refresh(based(make_task(index, "more", [WINDOWS, LINUX]), base))
    for tag in (LINUX, WINDOWS):
        assert pins(lock, tag) == {**pins(base, tag), "more": pins(lock, tag)["more"]}
    assert [line.requirement for line in lock.inputs.requirements] == ["app", "more"]
    assert refresh(make_task(index, "app\nmore")).sections[LINUX].packages[0].version == "2.0"


def test_the_resolver_is_left_no_choice(index: FakeIndex, base: Lock) -> None:
    """The pins are constraints of the question and no inputs of the lock."""
    lock = refresh(based(make_task(index, "more"), base))
    question = index.asked[-1]
    assert [line.text for line in question.request.constraints] == ["app===1.0", "lib===1.0"]
    assert question.preferred == {"app": "1.0", "lib": "1.0"}
    assert lock.inputs.constraints == ()


def test_only_the_bases_file_is_allowed(index: FakeIndex, base: Lock) -> None:
    """A better wheel of the same version, uploaded since, is not taken; a file that is gone is an error."""
    index.add("lib", "1.0", *BOTH, "cp311-cp311-manylinux_2_27_x86_64")
    index.wheels["lib", "1.0"].insert(0, "lib-1.0-2-cp311-cp311-manylinux_2_28_x86_64.whl")
    index.requires["lib-1.0-2-cp311-cp311-manylinux_2_28_x86_64.whl"] = ()
    assert (
        refresh(make_task(index, "lib<2", [LINUX], **{LINUX: {"lib": "1.0"}})).sections[LINUX].packages[0].file[8]
        == "2"
    )
    file = "lib-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    assert refresh(based(make_task(index, "more"), base)).sections[LINUX].packages[1].file == file
    index.wheels["lib", "1.0"] = [each for each in index.wheels["lib", "1.0"] if each != file]
    assert faults(based(make_task(index, "more"), base)) == [
        (
            f"the file that the base {LABEL} pins is not what is found for {LINUX}: {file}",
            f"{LABEL}: lib",
            f"mend the index or the reference, or lock the base anew: {UPDATE}",
        )
    ]


def test_a_requirement_against_a_pin_is_refused(index: FakeIndex, base: Lock) -> None:
    """Base, pin and the requirement that asks are named, once for all platforms, before a resolver is asked."""
    index.asked.clear()
    assert faults(based(make_task(index, "more\nlib>=2", [LINUX, WINDOWS]), base)) == [
        (
            f"lib>=2 contradicts the base {LABEL}, which pins lib 1.0 on {LINUX}, {WINDOWS}",
            "r.in:2",
            f"loosen the requirement, or let the base have what it asks for and run: {UPDATE}",
        )
    ]
    assert not index.asked


def test_a_constraint_and_an_override_against_a_pin_are_refused(index: FakeIndex, base: Lock) -> None:
    """Each with where it stands."""
    made = with_policy(make_task(index, "more"), overrides=["lib>=2"])
    limits = parse_request(["c.txt"], [], read=lambda _: "app!=1.0").requirements
    made = replace(made, request=replace(made.request, constraints=limits))
    assert [(what.partition(" contradicts")[0], where) for what, where, _ in faults(based(made, base))] == [
        ("app!=1.0", "c.txt:1"),
        ("lib>=2", "overrides"),
    ]


class Refusing(FakeIndex):
    """A resolver that finds a conflict."""

    def resolve(self, question: Question) -> tuple[Resolved, ...]:
        """Explain it."""
        raise Unresolvable([Fault("Because more==1.0 depends on lib>=2 and you require lib==1.0", "r.in", "loosen")])


def test_a_conflict_of_a_dependency_names_the_base(base: Lock) -> None:
    """The resolver's words, then the pin and what to do."""
    assert faults(based(make_task(Refusing(), "more"), base)) == [
        (
            f"Because more==1.0 depends on lib>=2 and you require lib==1.0\nthe base {LABEL} pins lib 1.0",
            "r.in",
            f"loosen the requirement, or let the base have what it asks for and run: {UPDATE}",
        )
    ]


def test_a_platform_that_the_base_lacks_is_refused(index: FakeIndex, base: Lock) -> None:
    """There would be no pins for it; another spelling of a tag is the same platform."""
    with pytest.raises(ToolError) as error:
        based(make_task(index, "more", [LINUX, "cp312-win_amd64"]), base)
    assert error.value.render() == (
        f"error: the base {LABEL} does not lock cp312-win_amd64\n"
        "  where: platforms\n"
        f"  fix:   drop it, or add it to the platforms of {LABEL} and run: {UPDATE}"
    )
    spelled = "cp311-cp311-win_amd64"
    assert pins(refresh(based(make_task(index, "more", [spelled]), base)), spelled)["lib"] == pins(base, WINDOWS)["lib"]


def test_the_bases_policy_holds(index: FakeIndex) -> None:
    """What it overrides and excludes; where it says nothing here, that is no fault of the derived environment."""
    index.add("app", "1.0", requires=("lib>=2", "heavy"))
    index.add("lib", "1.0")
    index.add("more", "1.0")
    base = refresh(with_policy(make_task(index, "app"), overrides=["lib<2"], excludes=["heavy"]))
    lock = refresh(based(make_task(index, "more"), base))
    assert sorted(pins(lock)) == ["app", "lib", "more"]
    assert (lock.inputs.overrides, lock.inputs.excludes) == (("lib<2",), ("heavy",))


def test_an_exclude_of_a_pin_is_refused(index: FakeIndex, base: Lock) -> None:
    """The derived environment would lack it."""
    with pytest.raises(ToolError, match=f"exclude lib takes away what the base {LABEL} pins"):
        based(with_policy(make_task(index, "more"), excludes=["lib"]), base)


def test_a_pin_that_an_override_takes_away_is_named(index: FakeIndex, base: Lock) -> None:
    """An override whose marker is false leaves the distribution out."""
    made = with_policy(make_task(index, "more"), overrides=['lib; sys_platform == "win32"'])
    ((what, where, _),) = faults(based(made, base))
    assert what == f"nothing asks for lib 1.0 any more, which the base {LABEL} pins on {LINUX}"
    assert where == f"{LABEL}: lib"


@pytest.mark.parametrize(
    "text",
    [
        'n[x,y]!=2,>=1; sys_platform == "win32"',
        f"n==1 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}",
        "n @ git+https://git.example.invalid/n@v1#subdirectory=a",
        f'n[x] @ ./libs/n ; sys_platform == "win32" --content=sha256:{"c" * 64}',
        f"n @ https://files.example.invalid/n-1.0-py3-none-any.whl#sha256={'d' * 64}",
    ],
)
def test_what_the_base_asks_for_is_read_back(index: FakeIndex, base: Lock, text: str) -> None:
    """Every form of a requirement that an input may have, with the file that states it."""
    lines = (InputLine(requirement=text, source="envs/base.in", platforms=(LINUX,)),)
    asking = replace(base, inputs=replace(base.inputs, requirements=lines))
    line = based(make_task(index, "more"), asking).request.requirements[-1]
    assert (line.input_text, line.source, line.platforms) == (text, "envs/base.in", (LINUX,))
    assert line.where == f"envs/base.in: from {LABEL}"


def test_indexes_of_the_base_hold(index: FakeIndex, base: Lock) -> None:
    """Its order where none is stated here, else behind what is; bindings and places beside those that are."""
    inputs = replace(base.inputs, indexes=("inner",), index_bindings=(("lib", "inner"),), index_urls=(("inner", "w"),))
    made, elsewhere = make_task(index, "more"), replace(base, inputs=inputs)
    found = based(made, elsewhere).request.indexes
    assert (found.order, found.bindings, found.urls) == (("inner",), (("lib", "inner"),), (("inner", "w"),))
    own = replace(
        made, request=replace(made.request, indexes=Indexes(order=("mine", "default"), bindings=(("lib", "mine"),)))
    )
    found = based(own, elsewhere).request.indexes
    assert (found.order, found.bindings) == (("mine", "default", "inner"), (("lib", "mine"),))


def test_marker_values_of_the_base_hold(index: FakeIndex, base: Lock) -> None:
    """But for a full version of a Python that is not declared here, and for what is stated here."""
    values = (("platform_release", "5"), ("python_full_version", "3.12.4"))
    made = make_task(index, "more")
    stating = replace(base, inputs=replace(base.inputs, marker_values=values))
    assert based(made, stating).request.policy.marker_values == (("platform_release", "5"),)
    policy = replace(made.request.policy, marker_values=(("platform_release", "6"),))
    own = replace(made, request=replace(made.request, policy=policy))
    assert based(own, stating).request.policy.marker_values == (("platform_release", "6"),)


def test_a_lock_made_elsewhere_has_no_base(index: FakeIndex, base: Lock) -> None:
    """Both would pin."""
    made = make_task(index, f"more==1.0 --hash=sha256:{candidate('more-1.0-py3-none-any.whl').sha256}")
    with pytest.raises(ToolError, match="a lock made elsewhere is taken over pin by pin, and so is the base"):
        based(made, base)


def test_a_derived_environment_is_a_base_itself(index: FakeIndex, base: Lock) -> None:
    """Its lock says all that the third needs."""
    middle = refresh(based(make_task(index, "more"), base))
    index.add("top", "1.0", requires=("app", "more"))
    lock = refresh(based(make_task(index, "top"), middle, "//envs:middle"))
    assert {name: pin for name, pin in pins(lock).items() if name != "top"} == pins(middle)
    assert pins(middle)["lib"] == pins(base)["lib"]
    assert lock.inputs.extends == (("//envs:middle", middle.env_id),)


def test_the_base_is_an_input_of_the_lock(index: FakeIndex, base: Lock) -> None:
    """By label and env_id, written and read back; a lock without one does not have the word."""
    data = render_lock(refresh(based(make_task(index, "more"), base)))
    lock = parse_lock(data, where="a", fix="b")
    assert lock is not None and render_lock(lock) == data
    assert lock.inputs.as_json()["extends"] == {LABEL: base.env_id}
    assert b"extends" not in render_lock(base)


@pytest.fixture
def place(tmp_path: Path, index: FakeIndex, base: Lock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the base's lock, where the command asks the fake index."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)
    monkeypatch.setattr(running, "UvResolver", lambda *_: index)
    monkeypatch.setattr(running, "FactSource", lambda *_: index)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.invalid/simple")
    (tmp_path / "base.lock.json").write_bytes(render_lock(base))
    (tmp_path / "r.in").write_text("more\n")
    return tmp_path


WORDS = ["--lock", "a.lock.json", "--update-command", "bazel run //envs:a.update", "--requirements", "r.in=r.in"]
WORDS += ["--locked-platform", LINUX, f"--base={LABEL}", "--base-lock=base.lock.json", f"--base-update={UPDATE}"]


def update(*words: str) -> int:
    """Run the command as the rule does."""
    return main(["lock", "update", *WORDS, "--name", "a", "--uv", "uv", *words])


def test_a_changed_base_makes_the_lock_stale(place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """The test names it and the command; the refresh takes the new pins."""
    assert update() == 0 and main(["lock", "test", *WORDS]) == 0
    before = parse_lock((place / "a.lock.json").read_bytes(), where="a", fix="b")
    moved = refresh(make_task(index, "app", [LINUX, WINDOWS]))
    (place / "base.lock.json").write_bytes(render_lock(moved))
    capsys.readouterr()
    assert before is not None and main(["lock", "test", *WORDS]) == 2
    assert capsys.readouterr().err == (
        f"error: the lock is stale: the base {LABEL} changed: environment {before.inputs.extends[0][1][:12]} -> "
        f"environment {moved.env_id[:12]}\n"
        "  where: extends\n"
        "  fix:   bazel run //envs:a.update\n"
    )
    assert update() == 0 and main(["lock", "test", *WORDS]) == 0
    assert f"the base {LABEL} environment " in capsys.readouterr().err
    after = parse_lock((place / "a.lock.json").read_bytes(), where="a", fix="b")
    assert after is not None and pins(after)["lib"] == pins(moved)["lib"] and pins(moved)["lib"][0] == "2.0"


def test_nothing_moves_what_the_base_pins(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--upgrade` leaves the pins; one that is asked for by name is refused, with the base's command."""
    assert update("--upgrade") == 0
    lock = parse_lock((place / "a.lock.json").read_bytes(), where="a", fix="b")
    assert lock is not None and pins(lock)["lib"][0] == "1.0"
    assert update("--upgrade-package", "lib==2.0") == 2
    assert f"error: lib stays where it is: the base {LABEL} pins it" in capsys.readouterr().err


def test_a_base_that_is_not_locked_names_its_own_command(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written."""
    (place / "base.lock.json").write_text("{}\n")
    assert update() == 2 and main(["lock", "test", *WORDS]) == 2
    error = f"error: the base {LABEL} is not locked yet\n  where: extends\n  fix:   {UPDATE}\n"
    assert capsys.readouterr().err == error * 2
    assert not (place / "a.lock.json").exists()


def test_a_broken_base_names_its_own_command(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lock that is at fault is the base's."""
    (place / "base.lock.json").write_text("{")
    assert update() == 2
    error = capsys.readouterr().err
    assert f"where: the lock of {LABEL}" in error and f"fix:   {UPDATE}" in error


def test_two_bases_are_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule may name several; their pins could differ."""
    assert update("--base=//envs:other", "--base-lock=base.lock.json", "--base-update=x") == 2
    assert f"an environment has one base, not {LABEL}, //envs:other" in capsys.readouterr().err


def test_a_wheel_only_that_the_base_may_build_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: Lock
) -> None:
    """The base's `sdists` count, too."""
    monkeypatch.chdir(tmp_path)
    Path("base.json").write_bytes(render_lock(replace(base, inputs=replace(base.inputs, sdists=("lib",)))))
    Path("r.in").write_text("app\n--only-binary lib\n")
    words = RequestWords(
        requirements=["r.in=r.in"],
        locked_platform=[LINUX, WINDOWS],
        base=[LABEL],
        base_lock=[Path("base.json")],
        base_update=[UPDATE],
    )
    with pytest.raises(ToolError, match=r"lib may not be built \(--only-binary lib\)"):
        words.read()
