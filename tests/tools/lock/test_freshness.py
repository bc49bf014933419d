"""`lock test`: stale or fresh, offline."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from python_env.__main__ import main
from python_env.base.resolving import ResolverName
from python_env.lock.cli_inputs import named_files
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.model import InputLine
from python_env.lock.update.refresh import refresh
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task

COMMAND = "bazel run //envs:a.update"


@pytest.fixture
def place(tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a fresh lock, and go there."""
    monkeypatch.chdir(tmp_path)
    index.add("app", "1.0")
    (tmp_path / "r.in").write_text("app>=1\n")
    (tmp_path / "a.lock.json").write_bytes(render_lock(refresh(make_task(index, "app>=1", [LINUX]))))
    return tmp_path


def check(*extra: str, platform: str = LINUX) -> int:
    """Run the test as Bazel does."""
    words = [
        "--lock",
        "a.lock.json",
        "--update-command",
        COMMAND,
        "--requirements",
        "r.in=r.in",
        "--locked-platform",
        platform,
    ]
    return main(["lock", "test", *words, *extra])


def test_a_fresh_lock_passes(place: Path) -> None:
    """Comments and white space do not make it stale."""
    (place / "r.in").write_text("# more words\n\napp >= 1   # why\n")
    assert check() == 0


def test_the_order_of_requirements_does_not_count(place: Path, index: FakeIndex) -> None:
    """Nor do comments between them, of requirements and of constraints."""
    index.add("lib", "1.0")
    lock = refresh(make_task(index, "app>=1\nlib\n", [LINUX]))
    limits = tuple(InputLine(requirement=text, source="c.txt") for text in ("app<3", "lib<3"))
    (place / "a.lock.json").write_bytes(render_lock(replace(lock, inputs=replace(lock.inputs, constraints=limits))))
    (place / "c.txt").write_text("lib<3\n# why\napp<3\n")
    (place / "r.in").write_text("# first\nlib  # why\n\n# second\napp>=1\n")
    assert check("--constraints", "c.txt=c.txt") == 0


PLACE = "https://corp.example.invalid/simple"
CORP = ("--index=default", "--index=corp")


@dataclass(frozen=True)
class Stale:
    """Inputs of the lock, what the rules and `r.in` say now, and what the error names."""

    what: str
    where: str
    words: tuple[str, ...] = ()
    locked: dict[str, Any] = field(default_factory=dict)
    text: str = "app>=1\n"


STALE = {
    "a new index": Stale("index corp is not in the lock", "indexes", CORP),
    "an index that goes": Stale(
        "index corp is in the lock, but no longer asked for", "indexes", locked={"indexes": ("default", "corp")}
    ),
    "another order of indexes": Stale(
        "the order of the indexes changed: corp, default -> default, corp",
        "indexes",
        CORP,
        {"indexes": ("corp", "default")},
    ),
    "an index of a requirement file": Stale(
        "index extra-1 is not in the lock", "indexes", text=f"--extra-index-url {PLACE}\napp>=1\n"
    ),
    "a binding": Stale("index binding app -> corp is not in the lock", "index_bindings", ("--index-binding=corp=app",)),
    "a binding to another index": Stale(
        "index binding app -> other is in the lock, but no longer asked for",
        "index_bindings",
        ("--index-binding=corp=app",),
        {"index_bindings": (("app", "other"),)},
    ),
    "the place of an index": Stale(
        f"index place corp -> {PLACE} is not in the lock",
        "index_urls, requirements",
        (*CORP, f"--index-url=corp={PLACE}"),
        {"indexes": ("default", "corp")},
    ),
    "a source that may be built": Stale("sdist app is not in the lock", "sdists", ("--sdist=app",)),
    "a source that must be built": Stale(
        "--no-binary app is not in the lock", "the requirement files", text="--no-binary app\napp>=1\n"
    ),
    "a variable": Stale("requirement app>=1 became app>=2", "r.in:1", ("--variable=V=2",), text="app>=${V}\n"),
    "an override": Stale("override app==2 is not in the lock", "overrides", ("--override=app==2",)),
    "an exclude": Stale("exclude lib is not in the lock", "excludes", ("--exclude=lib",)),
    "a cut-off": Stale("exclude_newer changed: none -> 2026-01-01", "exclude_newer", ("--exclude-newer=2026-01-01",)),
    "pre-releases": Stale("prereleases changed: none -> allow", "prereleases", ("--prereleases=allow",)),
    "a marker value": Stale(
        "marker value platform_release = 5 is not in the lock", "marker_values", ("--marker-value=platform_release=5",)
    ),
    "an extra": Stale("extra plot is in the lock, but no longer asked for", "extras", locked={"extras": ("plot",)}),
    "a group": Stale("group dev is in the lock, but no longer asked for", "groups", locked={"groups": ("dev",)}),
    "a resolver": Stale("the resolver changed: uv -> pip-tools", "resolver", ("--resolver=pip-tools",)),
    "a base that goes": Stale(
        "the base changed: //envs:base -> none", "extends", locked={"extends": (("//envs:base", "0" * 64),)}
    ),
}


@pytest.mark.parametrize("name", STALE)
def test_every_kind_of_input_is_named(place: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """What changed, in which attribute or line, and the command to run."""
    case = STALE[name]
    lock = parse_lock((place / "a.lock.json").read_bytes(), where="a", fix="b")
    assert lock is not None
    (place / "a.lock.json").write_bytes(render_lock(replace(lock, inputs=replace(lock.inputs, **case.locked))))
    (place / "r.in").write_text(case.text)
    assert check(*case.words) == 2
    error = capsys.readouterr().err
    assert case.what in error
    assert case.where in next(line for line in error.splitlines() if line.startswith("  where: "))
    assert error.endswith(f"  fix:   {COMMAND}\n") and error.count("error:") == 1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("app>=2\n", "requirement app>=1 became app>=2"),
        ("app>=1\nnew\n", "requirement new is not in the lock"),
        ("# nothing\n", "requirement app>=1 is in the lock, but no longer asked for"),
    ],
)
def test_a_changed_requirement_is_named(place: Path, capsys: pytest.CaptureFixture[str], text: str, what: str) -> None:
    """The error says which line's requirement changed, in which file, and the command to run."""
    (place / "r.in").write_text(text)
    assert check() == 2
    error = capsys.readouterr().err
    assert f"error: the lock is stale: {what}" in error
    assert "where: r.in" in error
    assert f"fix:   {COMMAND}" in error


def test_all_changes_are_one_error_with_their_lines(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changed line is one change, told with its number; the command stands once."""
    (place / "r.in").write_text("# first\napp>=2\nnew\n")
    assert check(platform=WINDOWS) == 2
    assert capsys.readouterr().err == (
        "error: the lock is stale: requirement app>=1 became app>=2\n"
        "       requirement new is not in the lock\n"
        f"       platform {WINDOWS} is not in the lock\n"
        f"       platform {LINUX} is in the lock, but no longer asked for\n"
        "  where: r.in:2, r.in:3, platforms\n"
        f"  fix:   {COMMAND}\n"
    )


def test_a_changed_platform_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both directions are told."""
    assert check(platform=WINDOWS) == 2
    error = capsys.readouterr().err
    assert f"platform {WINDOWS} is not in the lock" in error
    assert f"platform {LINUX} is in the lock, but no longer asked for" in error


def test_a_constraint_file_is_an_input(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new constraint makes the lock stale."""
    (place / "c.txt").write_text("app<3\n")
    assert check("--constraints", "c.txt=c.txt") == 2
    assert "constraint app<3 is not in the lock" in capsys.readouterr().err


def test_an_empty_lock_names_the_command(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is locked yet."""
    (place / "a.lock.json").write_text("{}")
    assert check() == 2
    assert f"error: nothing is locked yet\n  where: a.lock.json\n  fix:   {COMMAND}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "name", "path"),
    [
        ("r.in=r.in", "r.in", "r.in"),
        ("a=b.in=a=b.in", "a=b.in", "a=b.in"),
        ("a=a=a=a", "a=a", "a=a"),
        ("r.in=/some=where/r.in", "r.in", "/some=where/r.in"),
        ("r.in=other", "r.in", "other"),
    ],
)
def test_a_file_name_may_hold_an_equals_sign(word: str, name: str, path: str) -> None:
    """NAME=PATH is split where the name stands again."""
    assert named_files([word]) == {name: Path(path)}


def test_an_unknown_platform_is_bad_input(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All unknown tags are listed."""
    assert check("--locked-platform", "cp311-beos", "--locked-platform", "pp310-win_amd64") == 2
    error = capsys.readouterr().err
    assert "unknown platform tag 'cp311-beos'" in error and "pp310-win_amd64 names an implementation" in error


def tools_lock(place: Path, **versions: str) -> str:
    """Write the tools' lock, as far as it is read, and return its name."""
    packages = [{"name": name.replace("_", "-"), "version": version} for name, version in versions.items()]
    (place / "tools.json").write_text(json.dumps({"platforms": {"any": {"packages": packages}}}))
    return "tools.json"


def test_another_version_of_the_resolver_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The lock's and the rules', offline."""
    assert check("--tools-lock", tools_lock(place, uv="1")) == 0
    assert check("--tools-lock", tools_lock(place, uv="2")) == 2
    error = capsys.readouterr().err
    assert f"error: the lock was made by uv 1, these rules have uv 2\n  where: resolver\n  fix:   {COMMAND}" in error


def test_another_resolver_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is an input."""
    assert check("--resolver", "pip-tools") == 2
    assert "the lock is stale: the resolver changed: uv -> pip-tools" in capsys.readouterr().err


def test_pip_is_part_of_pip_tools_version(place: Path, index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    """It decides as much; the lock names pip-tools as an input, and only then the resolver."""
    index.name, index.version = ResolverName.PIP_TOOLS, "7 (pip 26)"
    data = render_lock(refresh(make_task(index, "app>=1", [LINUX])))
    (place / "a.lock.json").write_bytes(data)
    assert b'"resolver": "pip-tools"' in data
    assert check("--resolver", "pip-tools", "--tools-lock", tools_lock(place, pip_tools="7", pip="26")) == 0
    assert check("--resolver", "pip-tools", "--tools-lock", tools_lock(place, pip_tools="7", pip="27")) == 2
    assert "made by pip-tools 7 (pip 26), these rules have pip-tools 7 (pip 27)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cp311-win_amd64", "cp311-win_amd64"),
        ("cp311-manylinux2014_x86_64", "cp311-manylinux_2_17_x86_64"),
        ("cp311-cp311-win_amd64", "cp311-win_amd64"),
    ],
)
def test_a_platform_that_stands_twice_is_refused(
    place: Path, capsys: pytest.CaptureFixture[str], one: str, other: str
) -> None:
    """Also under two spellings."""
    assert check("--locked-platform", one, "--locked-platform", other) == 2
    assert f"error: one platform stands twice: {one}, {other}\n" in capsys.readouterr().err
