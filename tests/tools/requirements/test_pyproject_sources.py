"""tool.uv.sources and direct references of a pyproject.toml: taken, or refused by name and line."""

from __future__ import annotations

import pytest

from python_env.base.errors import ToolError
from python_env.requirements.model import Asked
from python_env.requirements.parse import parse_request
from python_env.requirements.policy import parse_choice

COMMIT = "c" * 40
PROJECT = '[project]\nname = "p"\ndependencies = ["Lib"]\n[tool.uv.sources]\n'


def parse(text: str, *, bindings: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> tuple[Asked, ...]:
    """Return what a project in the folder envs asks for."""
    choice = parse_choice([], groups, bindings=bindings)
    return parse_request(["envs/pyproject.toml"], [], read=lambda _: text, choice=choice).requirements


SOURCES = {
    '{ git = "https://h.example/a" }': "git+https://h.example/a",
    '{ git = "https://h.example/a", tag = "v1" }': "git+https://h.example/a@v1",
    '{ git = "https://h.example/a", branch = "next", subdirectory = "s" }': "git+https://h.example/a@next#subdirectory=s",
    f'[{{ git = "ssh://git@h.example/a", rev = "{COMMIT}" }}]': f"git+ssh://git@h.example/a@{COMMIT}",
    '{ url = "https://h.example/lib-1.0.tar.gz", subdirectory = "s" }': "https://h.example/lib-1.0.tar.gz#subdirectory=s",
    '{ path = "../libs/a" }': "./libs/a",
    '{ path = "lib", editable = true }': "./envs/lib",
    '{ path = "lib-1.0-py3-none-any.whl" }': "./envs/lib-1.0-py3-none-any.whl",
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_of_uv_is_followed(source: str) -> None:
    """As the same reference in a requirement file; the place is that of the requirement."""
    (asked,) = parse(f"{PROJECT}lib = {source}")
    assert asked.text == f"lib @ {SOURCES[source]}"
    assert (asked.where, asked.editable) == ("envs/pyproject.toml: project.dependencies[0]", "editable" in source)


def test_versions_that_are_asked_for_hold_there_too() -> None:
    """In a line of their own, under the same marker: a reference has no versions."""
    text = PROJECT.replace("Lib", "Lib[x]>=1; os_name == 'nt'") + 'lib = { path = "lib" }'
    assert [asked.text for asked in parse(text)] == [
        'lib[x]>=1; os_name == "nt"',
        'lib[x] @ ./envs/lib ; os_name == "nt"',
    ]


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (f"lib[x] @ git+https://h.example/a@{COMMIT} ; os_name == 'nt'", f"git+https://h.example/a@{COMMIT}"),
        ("lib[x] @ https://h.example/lib-1.0.zip ; os_name == 'nt'", "https://h.example/lib-1.0.zip"),
        ("lib[x] @ ../libs/a ; os_name == 'nt'", "./libs/a"),
        ("lib[x] @ file:../libs/a ; os_name == 'nt'", "./libs/a"),
    ],
)
def test_a_direct_reference_is_taken(text: str, reference: str) -> None:
    """In dependencies and in groups (PEP 508), relative to the file."""
    project = f'[project]\nname = "p"\ndependencies = ["{text}"]\n[dependency-groups]\ndev = ["{text}"]\n'
    asked = parse(project, groups=("dev",))
    assert [each.text for each in asked] == [f'lib[x] @ {reference} ; os_name == "nt"'] * 2
    assert [each.key for each in asked] == ["project.dependencies[0]", "dependency-groups.dev[0]"]


@pytest.mark.parametrize("bindings", [("inner=lib",), ("inner=l*",)])
def test_a_source_that_is_an_index_needs_a_binding(bindings: tuple[str, ...]) -> None:
    """With it the source says nothing more: it is looked up there and nowhere else."""
    text = PROJECT + 'lib = { index = "shelf" }'
    assert [asked.text for asked in parse(text, bindings=bindings)] == ["lib"]
    with pytest.raises(ToolError, match=r"lib comes from the index shelf, but is bound to none here"):
        parse(text, bindings=("inner=other",))


BAD = [
    ("{ workspace = true }", "where a member of uv's workspace lies", "list uv.lock in `requirements` instead"),
    ('{ git = "https://h.example/a", marker = "os_name == \'nt\'" }', "it is limited by marker", "write the whole"),
    ('[{ path = "a", extra = "x" }]', "it is limited by extra", "write the whole"),
    ('[{ path = "a" }, { path = "b" }]', "it is no single table", "write the whole"),
    ('"lib"', "it is no single table", "write the whole"),
    ('{ git = "https://h.example/a", lfs = true }', "`lfs` and `package = false`", "write the whole"),
    ('{ path = "a", package = false }', "`lfs` and `package = false`", "write the whole"),
    ('{ hg = "a" }', "it states none of git, url, path and index, but hg", "write the whole"),
    ('{ git = "x" }', "the repository is named by no URL", "write https://host/path"),
    ('{ url = "lib.whl" }', "the archive is named by no URL", "write https://host/file"),
    ('{ git = "https://u:secret@h.example/a" }', "the URL holds a user or a password", "remove it"),
    ('{ path = "../../a" }', "the path leaves the workspace", "move what it names"),
    ('{ path = "lib-1.0.tar.gz" }', "an sdist of the workspace is not taken", "unpack it"),
]


@pytest.mark.parametrize(("source", "what", "fix"), BAD)
def test_a_source_that_is_not_taken_is_refused_by_name_and_line(source: str, what: str, fix: str) -> None:
    """Never looked up on the index instead."""
    with pytest.raises(ToolError) as error:
        parse(f"{PROJECT}six = {{ index = 'x' }}\n'lib' = {source}")
    (fault,) = error.value.faults
    assert fault.what == f"the source of lib is not taken: {fault.what.partition(': ')[2]}" and what in fault.what
    assert fault.where == "envs/pyproject.toml:6" and fault.fix.startswith(fix)
    assert "secret" not in fault.render()


def test_a_source_in_a_table_of_its_own_has_a_line() -> None:
    """And one whose line is not found its key path."""
    for text, where in (
        ("[tool.uv.sources.Lib]\nworkspace = true", "envs/pyproject.toml:4"),
        ("tool.uv.sources.lib.workspace = true", "envs/pyproject.toml: tool.uv.sources.lib"),
    ):
        head = '[project]\nname = "p"\ndependencies = ["Lib"]\n'
        with pytest.raises(ToolError) as error:
            parse(head + text if text.startswith("[") else f"{text}\n{head}")
        assert error.value.faults[0].where == where


def test_a_reference_and_a_source_are_too_much() -> None:
    """uv refuses that, too."""
    with pytest.raises(ToolError, match="lib has a reference and a source of its own"):
        parse(PROJECT.replace("Lib", "Lib @ https://h.example/lib-1.0.zip") + 'lib = { path = "lib" }')


def test_a_source_that_nobody_asks_for_is_not_read() -> None:
    """It may be for an extra that is not chosen."""
    assert [asked.text for asked in parse(f"{PROJECT}other = {{ workspace = true }}")] == ["lib"]
