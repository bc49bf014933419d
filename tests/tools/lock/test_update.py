"""`lock update`: what a person's options do, with a resolver that exists only here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from python_env.__main__ import main
from python_env.base.resolving import ResolverName
from python_env.lock.document import parse_lock
from python_env.lock.model import Lock
from python_env.lock.resolvers.model import Question, Resolved
from python_env.lock.update import open_task as running
from support.fake_index import LINUX, WINDOWS, FakeIndex

COMMAND = "bazel run //envs:a.update"


@pytest.fixture
def place(tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a requirement file, where the command asks the fake index."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)
    monkeypatch.setattr(running, "UvResolver", lambda *_: index)
    monkeypatch.setattr(running, "FactSource", lambda *_: index)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.invalid/simple")
    index.add("n", "1.0", "cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-win_amd64")
    (tmp_path / "r.in").write_text("n\n")
    return tmp_path


def update(*words: str) -> int:
    """Run the command as the rule does, with a person's words behind."""
    rule = ["--lock", "a.lock.json", "--name", "a", "--update-command", COMMAND, "--uv", "uv"]
    rule += ["--requirements", "r.in=r.in", "--locked-platform", LINUX, "--locked-platform", WINDOWS]
    return main(["lock", "update", *rule, *words])


def locked(place: Path) -> Lock:
    """Return the written lock."""
    lock = parse_lock((place / "a.lock.json").read_bytes(), where="a", fix="b")
    assert lock is not None
    return lock


def versions(place: Path) -> dict[str, str]:
    """Return the version of n by platform."""
    return {tag: section.packages[0].version for tag, section in locked(place).sections.items()}


def newer(index: FakeIndex, version: str = "2.0") -> None:
    """Let the index have a newer n, first in order."""
    old = dict(index.wheels)
    index.wheels.clear()
    index.add("n", version, "cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-win_amd64")
    index.wheels.update(old)


def test_nothing_moves_unasked(place: Path, index: FakeIndex) -> None:
    """A refresh keeps the versions and the bytes, and does not touch the file."""
    assert update() == 0
    before = (place / "a.lock.json").read_bytes()
    stamp = (place / "a.lock.json").stat().st_mtime_ns
    newer(index)
    assert update() == 0
    assert (place / "a.lock.json").read_bytes() == before
    assert (place / "a.lock.json").stat().st_mtime_ns == stamp


@pytest.mark.parametrize("words", [["--upgrade"], ["--upgrade-package", "n"]])
def test_upgrades_move_what_is_asked(place: Path, index: FakeIndex, words: list[str]) -> None:
    """All, or one package."""
    assert update() == 0
    newer(index)
    assert update(*words) == 0
    assert versions(place) == {LINUX: "2.0", WINDOWS: "2.0"}


def test_an_upgrade_may_name_the_version(place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """The resolver is told it as a constraint, which is no input of the lock: the next refresh keeps it as it is."""
    assert update() == 0
    inputs = locked(place).inputs
    newer(index)
    newer(index, "3.0")
    assert update("--upgrade-package", "N==2.0") == 2
    assert "constraint n==2.0 is not kept" in capsys.readouterr().err
    assert [line.text for line in index.asked[-1].request.constraints] == ["n==2.0"]
    del index.wheels["n", "3.0"]
    assert update("--upgrade-package", "N==2.0") == 0
    assert versions(place) == {LINUX: "2.0", WINDOWS: "2.0"} and locked(place).inputs == inputs


def test_an_upgrade_of_what_is_not_locked_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt name, and what is no name with one version."""
    assert update() == 0
    capsys.readouterr()
    words = ["--upgrade-package", "nonsuch", "--upgrade-package", "n>=2", "--upgrade-package", "n[x]==2"]
    assert update(*words) == 2
    assert capsys.readouterr().err == (
        "error: nonsuch is not in the lock\n  where: --upgrade-package\n  fix:   mend the name\n"
        "error: not understood: n>=2\n  where: --upgrade-package\n  fix:   write NAME or NAME==VERSION\n"
        "error: not understood: n[x]==2\n  where: --upgrade-package\n  fix:   write NAME or NAME==VERSION\n"
    )


def test_one_platforms_section_is_refreshed_alone(place: Path, index: FakeIndex) -> None:
    """The other one keeps its pins."""
    assert update() == 0
    newer(index)
    assert update("--platform", WINDOWS, "--upgrade") == 0
    assert versions(place) == {LINUX: "1.0", WINDOWS: "2.0"}
    assert len(locked(place).files) == 2


def test_a_platform_alone_needs_the_others_locked(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an old lock, or after the requirements changed, nothing is written."""
    assert update("--platform", WINDOWS) == 2
    assert f"{LINUX} is not locked yet" in capsys.readouterr().err
    assert update() == 0
    (place / "r.in").write_text("n>=1\n")
    assert update("--platform", WINDOWS) == 2
    assert "the requirements changed" in capsys.readouterr().err


def test_a_platform_that_is_not_declared_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error lists those that are."""
    assert update("--platform", "cp312-win_amd64") == 2
    assert f"fix:   name one of: {LINUX}, {WINDOWS}" in capsys.readouterr().err


def test_check_writes_nothing_and_tells_by_its_exit_code(place: Path, index: FakeIndex) -> None:
    """For a CI cron job."""
    assert update("--check") == 1
    assert not (place / "a.lock.json").exists()
    assert update() == 0
    assert update("--check") == 0
    newer(index)
    assert update("--check", "--upgrade") == 1
    assert versions(place) == {LINUX: "1.0", WINDOWS: "1.0"}


def test_changes_as_json_and_markdown(place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard output; the table for people goes to standard error."""
    assert update() == 0
    newer(index)
    capsys.readouterr()
    assert update("--check", "--upgrade", "--json") == 1
    change = json.loads(capsys.readouterr().out)["changes"][0]
    assert (change["change"], change["name"], change["old"], change["new"]) == ("up", "n", "1.0", "2.0")
    assert update("--upgrade", "--markdown") == 0
    assert "| up | n | 1.0 | 2.0 | +0 | all |" in capsys.readouterr().out


def test_changed_inputs_are_told_where_no_package_changes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The words, the JSON and the exit code agree."""
    assert update() == 0
    (place / "r.in").write_text("n>=1\n")
    capsys.readouterr()
    assert update("--check", "--json") == 1
    said = capsys.readouterr()
    assert "no package changed; the lock's inputs did:\n  requirement n -> n>=1\n" in said.err
    assert said.err.endswith("a refresh would change the lock (not written)\n")
    change = {"kind": "requirement", "new": "n>=1", "old": "n", "where": "r.in"}
    assert json.loads(said.out)["inputs_changed"] == [change] and json.loads(said.out)["changes"] == []
    assert update("--markdown") == 0
    assert capsys.readouterr().out == "No package changed.\n\n- requirement n -> n>=1\n"
    assert update("--check", "--markdown") == 0
    said = capsys.readouterr()
    assert said.out == "The lock did not change.\n" and said.err == "nothing changed: 2 files, 2 platforms\n"


def test_platforms_that_come_and_go_are_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A platform that goes leaves no package line, and is a change all the same."""
    assert update() == 0
    rule = ["--lock", "a.lock.json", "--name", "a", "--update-command", COMMAND, "--uv", "uv"]
    rule += ["--requirements", "r.in=r.in", "--locked-platform", LINUX]
    capsys.readouterr()
    assert main(["lock", "update", *rule, "--json"]) == 0
    said = capsys.readouterr()
    assert f"no package changed; the lock's inputs did:\n  platform removed: {WINDOWS}\n" in said.err
    assert json.loads(said.out)["platforms"] == {"added": [], "removed": [WINDOWS]}
    assert main(["lock", "update", *rule]) == 0
    assert capsys.readouterr().err == "nothing changed: 1 file, 1 platform\n"
    assert update("--json") == 0
    said = capsys.readouterr()
    assert f"  platform added: {WINDOWS}\n" in said.err
    assert json.loads(said.out)["platforms"] == {"added": [WINDOWS], "removed": []}


def test_another_resolver_is_told(place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """The lock records it."""
    assert update() == 0
    index.version = "2"
    capsys.readouterr()
    assert update("--check") == 1
    assert "  resolver uv 1 -> uv 2\n" in capsys.readouterr().err


def test_a_table_in_a_file_cuts_no_word(place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """A CI log has no width."""
    name = "a-distribution-with-a-name-that-is-longer-than-half-of-a-line"
    index.add(name, "1.0", "cp311-cp311-manylinux_2_28_x86_64")
    (place / "r.in").write_text(f'n\n{name}; sys_platform == "linux"\n')
    assert update() == 0
    row = next(line for line in capsys.readouterr().err.splitlines() if name in line)
    assert row.split() == ["added", name, "1.0", "+0", LINUX]


def test_a_forced_split_is_shown(place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """In the output and in the Markdown."""
    index.wheels.clear()
    index.add("n", "2.0", "cp311-cp311-manylinux_2_28_x86_64")
    index.add("n", "1.0", "cp311-cp311-win_amd64")
    assert update("--markdown") == 0
    said = capsys.readouterr()
    assert f"two versions of n: 2.0 on {LINUX}, 1.0 on {WINDOWS}" in said.err.replace("\n", " ")
    assert f"Two versions of n: 2.0 on {LINUX}, 1.0 on {WINDOWS}" in said.out
    assert update() == 0
    said = capsys.readouterr()
    assert f"two versions of n: 2.0 on {LINUX}, 1.0 on {WINDOWS}\n" in said.err and "nothing changed" in said.err


def test_a_long_table_says_where_the_rest_is(place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal shows forty changes and names the option that shows them all."""
    names = [f"p{number}" for number in range(42)]
    for name in names:
        index.add(name, "1.0")
    (place / "r.in").write_text("\n".join(["n", *names]))
    assert update() == 0
    assert "... and 3 more changes: --markdown has all of them\n" in capsys.readouterr().err


def test_a_failing_platform_fails_all_unless_told_otherwise(
    place: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --keep-going the others are refreshed, the failing one keeps its section, and the exit code is 1."""
    assert update() == 0
    newer(index)
    real = index.resolve

    def without_windows(question: Question) -> tuple[Resolved, ...]:
        pins = real(question)
        if question.platform.tag == WINDOWS:
            return tuple(Resolved(name=pin.name, version=pin.version, candidates=()) for pin in pins)
        return pins

    monkeypatch.setattr(index, "resolve", without_windows)
    assert update("--upgrade") == 2
    assert versions(place) == {LINUX: "1.0", WINDOWS: "1.0"}
    capsys.readouterr()
    assert update("--upgrade", "--keep-going") == 1
    assert versions(place) == {LINUX: "2.0", WINDOWS: "1.0"}
    assert f"is not satisfied on {WINDOWS}" in capsys.readouterr().err


def test_a_check_tells_what_failed(
    place: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --keep-going, also where the other platforms did not change: the exit code is not 0."""
    assert update() == 0
    real = index.resolve

    def without_windows(question: Question) -> tuple[Resolved, ...]:
        return () if question.platform.tag == WINDOWS else real(question)

    monkeypatch.setattr(index, "resolve", without_windows)
    capsys.readouterr()
    assert update("--check", "--keep-going") == 1
    assert f"n is not satisfied on {WINDOWS}" in capsys.readouterr().err


def test_sections_of_two_resolvers_are_not_joined(
    place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lock names one resolver, so a newer one has to answer for all platforms."""
    assert update() == 0
    index.version = "2"
    capsys.readouterr()
    assert update("--platform", LINUX) == 2
    said = capsys.readouterr().err
    assert f"the resolver changed: uv 1 made the old sections of {WINDOWS}, uv 2 the new ones" in said
    assert "fix:   refresh without --platform and --keep-going" in said
    assert locked(place).resolver_version == "1"


def test_a_failure_is_told_also_where_no_old_section_can_be_kept(
    place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    """First what fails, then why the old section does not do; nothing is written."""
    assert update() == 0
    before = (place / "a.lock.json").read_bytes()
    index.add("triton", "1.0", "cp311-cp311-manylinux_2_28_x86_64")
    (place / "r.in").write_text("n\ntriton\n")
    capsys.readouterr()
    assert update("--keep-going") == 2
    said = capsys.readouterr().err
    assert said.index(f"triton is not satisfied on {WINDOWS}") < said.index("the requirements changed")
    assert "fix:   mend the failure above, or ask for the distribution only elsewhere" in said
    assert (place / "a.lock.json").read_bytes() == before


@pytest.mark.parametrize("broken", [b"", b"{}", b"<<<<<<< ours", b'{"kind": "lock", "schema": 9}'])
def test_a_broken_old_lock_costs_only_its_versions(
    place: Path, broken: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """The refresh writes a whole new one, says so in a line, and names no command: it is the command."""
    (place / "a.lock.json").write_bytes(broken)
    assert update() == 0
    said = capsys.readouterr().err
    assert "error:" not in said and "fix:" not in said
    assert said.count("note: the old lock is written anew, none of it is kept: ") == (len(broken) > 2)
    assert versions(place) == {LINUX: "1.0", WINDOWS: "1.0"}


def test_a_platform_that_is_no_longer_declared_goes(place: Path) -> None:
    """Its section and its files leave the lock."""
    assert update() == 0
    rule = ["--lock", "a.lock.json", "--name", "a", "--update-command", COMMAND, "--uv", "uv"]
    assert main(["lock", "update", *rule, "--requirements", "r.in=r.in", "--locked-platform", LINUX]) == 0
    assert list(locked(place).sections) == [LINUX] and len(locked(place).files) == 1


def test_an_unknown_option_is_bad_input(place: Path) -> None:
    """Exit code 2."""
    assert update("--upgarde") == 2


def test_the_rule_names_the_resolver(
    place: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """pip-tools instead of uv: an input of the lock, so the old sections do not answer any more."""
    assert update() == 0
    index.name = ResolverName.PIP_TOOLS
    monkeypatch.setattr(running, "PipToolsResolver", lambda *_: index)
    monkeypatch.setattr(running, "UvResolver", None)
    assert update("--resolver", "pip-tools", "--platform", LINUX) == 2
    assert update("--resolver", "pip-tools") == 0
    assert (locked(place).inputs.resolver, locked(place).resolver) == ("pip-tools", "pip-tools")


def test_an_editable_line_is_explained(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By line, and before anything is built; a project without -e, which is built the same way, is not."""
    for name in ("lib", "other"):
        (place / name).mkdir()
        (place / name / "pyproject.toml").write_text(f"[project]\nname = '{name}'\nversion = '1'\n")
    (place / "r.in").write_text("n\n-e ./lib\n./other\n")
    assert update("--platform", "cp312-win_amd64") == 2
    what = "lib is first-party code: it is built into a wheel, and the next build has what is edited"
    error = capsys.readouterr().err
    assert error.startswith(f"note: r.in:2: {what}\nerror: ") and error.count("note:") == 1


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"])
def test_progress_is_not_in_a_log(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str
) -> None:
    """Where standard error is no terminal only the result is printed, also if a CI asks its programs for colours."""
    monkeypatch.setenv(variable, "1")
    assert update() == 0
    capsys.readouterr()
    assert update("--check") == 0
    assert capsys.readouterr().err == "nothing changed: 2 files, 2 platforms\n"


@pytest.mark.parametrize("words", [["--exclude", "colorama"], ["--constraints", "c.txt=c.txt"]])
def test_a_policy_for_one_platform_is_idle_on_none_alone(place: Path, index: FakeIndex, words: list[str]) -> None:
    """Whether a word meets nothing is judged over all platforms, not over those that are refreshed."""
    index.add("n", "1.0", "py3-none-any", requires=('colorama; sys_platform == "win32"',))
    index.add("colorama", "1.0")
    (place / "c.txt").write_text("colorama<2\n")
    assert update(*words) == 0
    assert update(*words, "--platform", LINUX) == 0


def test_a_platform_that_fails_takes_no_good_one_with_it(
    place: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --keep-going, also under a policy that only the failing one has to do with."""
    index.add("n", "1.0", "py3-none-any", requires=('colorama; sys_platform == "win32"',))
    assert update("--exclude", "colorama") == 0
    index.wheels.clear()
    index.add("n", "2.0", "py3-none-any", requires=('colorama; sys_platform == "win32"',))
    real = index.resolve

    def without_windows(question: Question) -> tuple[Resolved, ...]:
        return () if question.platform.tag == WINDOWS else real(question)

    monkeypatch.setattr(index, "resolve", without_windows)
    assert update("--exclude", "colorama", "--keep-going", "--upgrade") == 1
    assert versions(place) == {LINUX: "2.0", WINDOWS: "1.0"}
