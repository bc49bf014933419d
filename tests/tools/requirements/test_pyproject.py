"""pyproject.toml: dependencies, extras and dependency groups, and what is refused."""

from __future__ import annotations

import pytest

from python_env.base.errors import ToolError
from python_env.requirements.model import Request
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_choice

PROJECT = """
[project]
name = "Shop"
requires-python = ">=3.11"
dependencies = ["requests>=2", 'tomli; python_version < "3.11"']
[project.optional-dependencies]
Plot = ["matplotlib", "shop[fast-path]; os_name == 'posix'"]
fast_path = ["numexpr; sys_platform != 'darwin'"]
all = ["shop[plot,FAST-path]"]
[dependency-groups]
Test = ["pytest>=8"]
dev = [{include-group = "test"}, "ruff", "shop[plot]"]
"""


def parse(
    text: str, *, extras: tuple[str, ...] = (), groups: tuple[str, ...] = (), excludes: tuple[str, ...] = ()
) -> Request:
    """Parse one project that lies in a folder."""
    choice = parse_choice(extras, groups, excludes=excludes)
    return parse_request(["envs/pyproject.toml"], [], read=lambda _: text, choice=choice)


def texts(request: Request) -> list[str]:
    """Return the normalised requirements."""
    return [asked.text for asked in request.requirements]


def test_dependencies_are_asked_for_by_key_path() -> None:
    """The project itself is not; what Python it is for is kept."""
    request = parse(PROJECT)
    assert [(asked.text, asked.where) for asked in request.requirements] == [
        ("requests>=2", "envs/pyproject.toml: project.dependencies[0]"),
        ('tomli; python_version < "3.11"', "envs/pyproject.toml: project.dependencies[1]"),
    ]
    assert request.scopes[0].requires_python == ">=3.11"
    assert request.pinned_by == ()


def test_an_extra_that_names_the_project_is_followed_over_several_hops() -> None:
    """Under the markers of all hops; what is reached twice under another marker stands twice."""
    request = parse(PROJECT, extras=("all",))
    assert texts(request)[2:] == [
        'numexpr; sys_platform != "darwin"',
        "matplotlib",
        'numexpr; os_name == "posix" and sys_platform != "darwin"',
    ]
    assert request.requirements[2].key == "project.optional-dependencies.fast_path[0]"


def test_extras_that_name_each_other_end() -> None:
    """pip takes each once, too."""
    text = '[project]\nname="p"\n[project.optional-dependencies]\na=["p[b]", "x"]\nb=["p[a]", "y"]\n'
    assert sorted(texts(parse(text, extras=("a",)))) == ["x", "y"]


def test_a_group_takes_its_includes_and_extras_of_the_project() -> None:
    """Each requirement keeps the place where it is written."""
    request = parse(PROJECT, groups=("dev",))
    assert [(asked.text, asked.key) for asked in request.requirements[2:5]] == [
        ("pytest>=8", "dependency-groups.Test[0]"),
        ("ruff", "dependency-groups.dev[1]"),
        ("matplotlib", "project.optional-dependencies.Plot[0]"),
    ]


def test_groups_need_no_project() -> None:
    """PEP 735: groups are also for what is not a project."""
    assert texts(parse('[dependency-groups]\ndev = ["ruff"]', groups=("dev",))) == ["ruff"]


def test_names_of_extras_and_groups_are_normalised() -> None:
    """However they are written, in the file and in the attributes."""
    assert "pytest>=8" in texts(parse(PROJECT, groups=("TEST",)))
    assert "matplotlib" in texts(parse(PROJECT, extras=("pLot",)))


def test_a_project_stands_beside_requirement_files() -> None:
    """Both are asked for."""
    files = {"r.in": "six\n", "pyproject.toml": PROJECT}
    request = parse_request(list(files), [], read=files.__getitem__)
    assert texts(request)[:2] == ["six", "requests>=2"]


def test_a_source_of_its_own_may_be_left_out() -> None:
    """What is excluded is not looked up anywhere."""
    text = '[project]\nname="p"\ndependencies=["lib"]\n[tool.uv.sources]\nlib={path="../lib"}\n'
    assert texts(parse(text, excludes=("lib",))) == ["lib"]


P = '[project]\nname = "p"\n'

BAD = [
    ("\na = ]\n", {}, "not TOML: invalid value", ":2", "mend the syntax"),
    ("x = 1\nx = 2\n", {}, "not TOML: cannot overwrite a value", ":2", "mend the syntax"),
    (
        '[tool.poetry]\nname = "p"\n',
        {},
        "there is no table [project]",
        ": project",
        "write [project] as PEP 621 says, or choose",
    ),
    ("[project]\ndependencies = []\n", {}, "the project has no name", ": project.name", "write its name"),
    ("project = 1\n", {}, "expected a table", ": project", "write a table"),
    (P + 'dependencies = "six"\n', {}, "expected an array", ": project.dependencies", "write an array"),
    (P + "dependencies = [1]\n", {}, "expected a string", ": project.dependencies[0]", "write a string"),
    (
        P + 'dependencies = ["a b"]\n',
        {},
        "not a requirement: a b (",
        ": project.dependencies[0]",
        "write it as PEP 508 says",
    ),
    (
        P + 'dependencies = ["ok", "a @ https://h.invalid/a.whl"]\n',
        {},
        "the source of a is not taken: Invalid wheel filename",
        ": project.dependencies[1]",
        "name a wheel by its whole file name",
    ),
    (
        P + 'dynamic = ["version", "dependencies"]\n',
        {},
        "dependencies is dynamic",
        ": project.dynamic[1]",
        "write dependencies into the file",
    ),
    (
        P + 'dynamic = ["optional-dependencies"]\n[project.optional-dependencies]\nx=[]\n',
        {"extras": ("x",)},
        "optional-dependencies is dynamic",
        ": project.dynamic[0]",
        "write optional-dependencies into",
    ),
    (
        P + 'requires-python = "3"\n',
        {},
        "not a version specifier: 3",
        ": project.requires-python",
        "write it as PEP 440 says",
    ),
    (
        P + "[project.optional-dependencies]\nx = 1\n",
        {},
        "expected an array",
        ": project.optional-dependencies.x",
        "write an array",
    ),
    (
        P + '[project.optional-dependencies]\nx = ["p[y]"]\n',
        {"extras": ("x",)},
        "there is no extra y of p",
        ": project.optional-dependencies.x[0]",
        "name one of: x",
    ),
    (P, {"extras": ("x",)}, "there is no extra x", ": project.optional-dependencies", "remove it from `extras`"),
    (
        P + "[project.optional-dependencies]\ny = []\n",
        {"extras": ("x",)},
        "there is no extra x",
        ": project.optional-dependencies",
        "name one of: y",
    ),
    (P, {"groups": ("x",)}, "there is no group x", ": dependency-groups", "remove it from `groups`"),
    (
        P + '[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "a"}]\n',
        {"groups": ("a",)},
        "dependency groups include each other: a -> b, b -> a",
        ": dependency-groups.a",
        "write the group as PEP 735 says",
    ),
    (
        P + '[dependency-groups]\na = [{include-group = "a"}]\n',
        {"groups": ("a",)},
        "dependency groups include each other: a includes itself",
        ": dependency-groups.a",
        "write the group",
    ),
    (
        P + '[dependency-groups]\na = [{include-group = "no"}]\n',
        {"groups": ("a",)},
        "dependency group 'no' not found",
        ": dependency-groups.a",
        "write the group",
    ),
    (
        P + '[dependency-groups]\na = [{path = "x"}]\n',
        {"groups": ("a",)},
        "invalid dependency group item",
        ": dependency-groups.a",
        "write the group",
    ),
    (
        P + '[dependency-groups]\na = "ruff"\n',
        {"groups": ("a",)},
        "dependency group 'a' contained a string",
        ": dependency-groups.a",
        "write the group",
    ),
    (
        P + '[dependency-groups]\na = ["x y"]\n',
        {"groups": ("a",)},
        "expected semicolon",
        ": dependency-groups.a",
        "write the group",
    ),
    (
        P + '[dependency-groups]\na = ["x @ https://h.invalid/x.whl"]\n',
        {"groups": ("a",)},
        "the source of x is not taken: Invalid wheel filename",
        ": dependency-groups.a[0]",
        "name a wheel by its whole file name",
    ),
    (
        P + "[dependency-groups]\na = []\nA = []\n",
        {"groups": ("a",)},
        "duplicate dependency group names",
        ": dependency-groups.A",
        "write the group",
    ),
]


@pytest.mark.parametrize(("text", "words", "what", "key", "fix"), BAD)
def test_a_bad_project_is_refused_by_key_path(
    text: str, words: dict[str, tuple[str, ...]], what: str, key: str, fix: str
) -> None:
    """In three parts; nothing is skipped."""
    with pytest.raises(ToolError) as error:
        parse(text, **words)
    (fault,) = error.value.faults
    assert fault.what.startswith(what)
    assert fault.where == f"envs/pyproject.toml{key}"
    assert fault.fix.startswith(fix)


@pytest.mark.parametrize(("extras", "groups", "where"), [(("a b",), (), "extras"), ((), ("",), "groups")])
def test_a_word_that_is_no_name_is_refused(extras: tuple[str, ...], groups: tuple[str, ...], where: str) -> None:
    """The attribute is named."""
    with pytest.raises(ToolError, match="not a name: ") as error:
        parse_choice(extras, groups)
    assert error.value.faults[0].where == where


def test_extras_of_nothing_are_refused() -> None:
    """Requirement files have none."""
    with pytest.raises(ToolError, match="there is no extra x") as error:
        parse_request(["r.in"], [], read=lambda _: "six", choice=parse_choice(["x"], []))
    assert error.value.faults[0].fix.startswith("list a pyproject.toml, pylock.toml or uv.lock")


@pytest.mark.parametrize("name", ["pyproject.toml", "pylock.toml", "pylock.dev.toml", "uv.lock"])
@pytest.mark.parametrize(("option", "kind"), [("-r", "requirement"), ("-c", "constraint")])
def test_such_files_are_not_reached_from_requirement_files(name: str, option: str, kind: str) -> None:
    """pip takes a pylock.toml only on its command line; the attribute is its counterpart here."""
    files = {"e/r.in": f"\n{option} {name}\n", f"e/{name}": ""}
    with pytest.raises(ToolError) as error:
        parse_request(["e/r.in"], [], read=files.__getitem__)
    (fault,) = error.value.faults
    assert (fault.what, fault.where) == (f"{name} is not a {kind} file", "e/r.in:2")
    assert fault.fix == f"list {name} in the attribute `requirements`"


def test_a_constraint_attribute_takes_constraint_files_only() -> None:
    """Pins of a lock are no limits."""
    with pytest.raises(ToolError, match=r"uv\.lock is not a constraint file"):
        parse_request(["r.in"], ["uv.lock"], read=lambda _: "")


@pytest.mark.parametrize("name", ["poetry.lock", "pdm.lock", "Pipfile.lock", "setup.toml", "job.py.lock"])
def test_files_of_other_tools_are_refused_by_name(name: str) -> None:
    """The error says what is taken."""
    with pytest.raises(ToolError) as error:
        parse_request([name], [], read=lambda _: "")
    assert error.value.faults[0].what == f"{name} is not a file that is understood"
    assert "pylock.toml, uv.lock" in error.value.faults[0].fix


def test_a_requirement_file_may_be_called_a_lock() -> None:
    """rye writes requirements.lock."""
    assert texts(parse_request(["requirements.lock"], [], read=lambda _: "six==1")) == ["six==1"]
