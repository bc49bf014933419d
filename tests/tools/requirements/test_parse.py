"""Requirement files, as pip reads them."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from pathlib import Path

import pytest

from python_env.base.errors import ToolError
from python_env.requirements.lines import logical_lines
from python_env.requirements.model import Request
from python_env.requirements.parse import parse_request
from python_env.requirements.wheels_only import check_wheels_only


def parse(
    files: dict[str, str], requirements: list[str] | None = None, constraints: list[str] | None = None
) -> Request:
    """Parse files that exist only here; the first is the requirement file unless told otherwise."""

    def read(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    return parse_request(requirements or [next(iter(files))], constraints or [], read=read)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("numpy", "numpy"),
        ("NumPy >= 2, <3", "numpy<3,>=2"),
        ("requests[Socks,security]==2.*  # comment", "requests[security,socks]==2.*"),
        ('pywin32 ; sys_platform=="win32"', 'pywin32; sys_platform == "win32"'),
        ("zope.interface~=6.0", "zope-interface~=6.0"),
        ("a===1.0-weird", "a===1.0-weird"),
        ("a (>=1)", "a>=1"),
    ],
)
def test_a_requirement_is_normalised(line: str, text: str) -> None:
    """Equal requirements have one text, however they were written."""
    assert [asked.text for asked in parse({"r.in": line}).requirements] == [text]


def test_lines_are_joined_and_comments_dropped() -> None:
    """A continuation keeps the number of its first line; # needs white space before it."""
    text = "a\\\n>=1\n\n# all comment\nb # tail\nc==1 \\\n  ; python_version>'3'\n"
    assert [(line.text, line.number) for line in logical_lines(text)] == [
        ("a>=1", 1),
        ("b", 5),
        ("c==1   ; python_version>'3'", 6),
    ]


def test_hashes_belong_to_their_requirement() -> None:
    """In both spellings, over continuations; they are part of the input's text."""
    one, two = "a" * 64, "b" * 64
    asked = parse({"r.in": f"a==1 \\\n  --hash=sha256:{two} \\\n  --hash sha256:{one}\n"}).requirements[0]
    assert (asked.text, asked.hashes) == ("a==1", (one, two))
    assert asked.input_text == f"a==1 --hash=sha256:{one} --hash=sha256:{two}"


@pytest.mark.parametrize("line", ["--only-binary :all:", "--only-binary=:all:", "--only-binary b,c", "--prefer-binary"])
def test_what_always_holds_may_be_said(line: str) -> None:
    """Wheels are taken unless the environment allows to build: where it allows nothing, these lines change nothing."""
    request = parse({"r.in": f"{line}\na\n"})
    assert [asked.text for asked in request.requirements] == ["a"]
    check_wheels_only(request.policy)


@pytest.mark.parametrize(
    ("lines", "sdists"),
    [
        ("--only-binary a", ("b",)),
        ("--only-binary :all:\n--no-binary b", ("b",)),
        ("--prefer-binary", ("a", "b")),
    ],
)
def test_wheels_only_leaves_other_sources_be(lines: str, sdists: tuple[str, ...]) -> None:
    """Another name, one that a later --no-binary takes out of :all: as in pip, and a mere preference."""
    check_wheels_only(replace(parse({"r.in": f"{lines}\na\n"}).policy, sdists=sdists))


def test_files_include_each_other_by_relative_paths() -> None:
    """-r is found beside the file that names it, in every spelling of pip."""
    files = {
        "envs/r.in": "-r ../common/base.in\n--requirement=extra.in\n-rshort.in\n",
        "common/base.in": "base\n-c limits.txt",
        "envs/extra.in": "extra",
        "envs/short.in": "short",
        "common/limits.txt": "base<2",
    }
    request = parse(files)
    assert [(asked.text, asked.where) for asked in request.requirements] == [
        ("base", "common/base.in:1"),
        ("extra", "envs/extra.in:1"),
        ("short", "envs/short.in:1"),
    ]
    assert [asked.text for asked in request.constraints] == ["base<2"]


def test_a_file_of_another_repository_includes_its_neighbour() -> None:
    """Bazel's names of such files start with `../`."""
    files = {"../other/envs/r.in": "-r ../base.in", "../other/base.in": "a"}
    assert [asked.where for asked in parse(files).requirements] == ["../other/base.in:1"]


def test_an_include_cycle_names_the_chain() -> None:
    """The files of the cycle are listed in order."""
    with pytest.raises(ToolError, match=r"a\.in -> b\.in -> a\.in"):
        parse({"a.in": "-r b.in", "b.in": "-r a.in"})


def test_a_file_is_read_once_however_often_it_is_named() -> None:
    """22 files that each name the next one twice are 23 reads, not 4 million; -r and -c are two uses of a file."""
    files = {f"{i}.in": f"-r {i + 1}.in\n-r {i + 1}.in\n" for i in range(22)} | {"22.in": "a"}
    reads: list[str] = []

    def read(name: str) -> str:
        reads.append(name)
        return files[name]

    request = parse_request(["0.in"], [], read=read)
    assert [asked.text for asked in request.requirements] == ["a"]
    assert len(reads) == 23
    both = parse({"r.in": "-r a.in\n-c a.in", "a.in": "a"})
    assert [asked.text for asked in (*both.requirements, *both.constraints)] == ["a", "a"]


@pytest.mark.parametrize("tail", ["x", "--hash", "#", "", "'\"" * 50_000])
def test_a_line_of_spaces_costs_no_more_than_its_length(tail: str) -> None:
    """100,000 of them within a second; the square would be ten minutes."""
    start = time.monotonic()
    with contextlib.suppress(ToolError):
        parse({"r.in": "a" + " " * 100_000 + tail + "\n"})
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("name @ https://example.invalid/a.whl", "Invalid wheel filename"),
        ("other @ https://example.invalid/a-1-py3-none-any.whl", "the file is no wheel of other"),
        ("a @ https://example.invalid/a", "the URL names no .whl, .tar.gz, .zip file"),
        ("a @ https://me:secret@example.invalid/a-1.tar.gz", "the URL holds a user or a password"),
        ("a @ https://example.invalid/a-1.tar.gz#md5=00", "md5 is not taken as a digest"),
        ("a @ https://example.invalid/a-1.tar.gz#sha256=00", "not a sha256: 00"),
        ("a @ ftp://example.invalid/a-1.tar.gz", "the scheme ftp is not supported"),
        ("git+https://example.invalid/a.git", "the reference does not say which distribution it is"),
        ("a @ git+https://me:secret@example.invalid/a.git", "the URL holds a user or a password"),
        ("a @ git+https://example.invalid", "the git reference names no repository"),
        ("a @ git+https://example.invalid/a.git@--upload-pack=x", "is no name of a branch"),
        ("a @ git+https://example.invalid/a.git@main#subdirectory=../x", "the subdirectory '../x' leaves the source"),
        ("a @ hg+https://example.invalid/a", "hg+https is not supported"),
        ("a @ /abs/a", "an absolute path is not the same on every machine"),
        ("a @ file:///abs/a", "an absolute path is not the same on every machine"),
        ("a @ C:\\a", "a Windows path is not the same on every machine"),
        ("../../a-1-py3-none-any.whl", "the path leaves the workspace"),
        ("./lib", "the reference does not say which distribution it is"),
        ("-e a==1", "only a project's folder can be editable"),
        ("--editable=./a-1-py3-none-any.whl", "only a project's folder can be editable"),
        ("--no-binary :all:", "not the name of a distribution: :all:"),
        ("--index-url https://me:pass@example.invalid/simple", "a secret stands in a file"),
        ("a==1 --hash=sha256:00", "not a sha256 hash: sha256:00"),
        ("a==1 --hash md5:00", "not a sha256 hash: md5:00"),
        ("a==1 --global-option=x", "options of a requirement other than --hash are not supported"),
        ("--use-feature=x", "this option is not supported"),
        ("a==${VERSION}", "variable VERSION is not declared"),
        ("-r /etc/base.in", "/etc/base.in lies outside the workspace"),
        ("-c ../../limits.txt", "../limits.txt lies outside the workspace"),
        ("-r missing.in", "envs/missing.in is no file that Bazel was told of"),
        ("a==", "not a requirement: a=="),
        ("a b", "not a requirement: a b"),
        ("[x]", "not a requirement: [x]"),
        ("a; python_version >", "not a requirement: a; python_version >"),
        ("a>=1,,<2", "not a requirement"),
        ("=1.0", "not a requirement"),
        ("a; sys_platform ~= 'linux'", "its marker cannot be evaluated: Undefined <Op('~=')> on 'linux' and 'linux'."),
        ("a; 'x' in extras", "its marker names 'extras', which requirements do not have"),
        ("a; 'x' in dependency_groups", "its marker names 'dependency_groups', which"),
        ("a; " + "(" * 3000 + "python_version > '3'" + ")" * 3000, "its marker is nested too deep"),
    ],
)
def test_what_is_not_supported_is_refused_by_line(line: str, what: str) -> None:
    """The error has three parts and names file and line; nothing is skipped."""
    with pytest.raises(ToolError) as error:
        parse({"envs/r.in": f"ok\n{line}\n"})
    rendered = error.value.render()
    assert what in rendered
    assert "where: envs/r.in:2" in rendered
    assert "fix:   " in rendered


def test_all_faults_are_listed_together() -> None:
    """A person mends them in one go."""
    with pytest.raises(ToolError) as error:
        parse({"r.in": "a==\n-e a\n-r no.in\n"})
    assert [fault.where for fault in error.value.faults] == ["r.in:1", "r.in:2", "r.in:3"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("./libs/a", "alib @ ./envs/libs/a"),
        ("-e ../libs/a", "alib @ ./libs/a"),
        ("--editable ../libs/a[fast] ; sys_platform == 'linux'", 'alib[fast] @ ./libs/a ; sys_platform == "linux"'),
        ("b @ ../libs/a", "b @ ./libs/a"),
        ("b @ file:../libs/a", "b @ ./libs/a"),
        ("../w/b_c-1.0-py3-none-any.whl", "b-c @ ./w/b_c-1.0-py3-none-any.whl"),
        ("https://example.invalid/b-1.0.tar.gz", "b @ https://example.invalid/b-1.0.tar.gz"),
        ("git+https://example.invalid/b.git@v1#egg=b", "b @ git+https://example.invalid/b.git@v1#egg=b"),
        ("B @ git+ssh://git@example.invalid/b.git", "b @ git+ssh://git@example.invalid/b.git"),
    ],
)
def test_a_direct_reference_is_named(line: str, text: str) -> None:
    """The name comes from the line, the file's name, #egg= or the project; paths start at the workspace's root."""
    files = {"envs/r.in": line, "libs/a/pyproject.toml": "[project]\nname = 'Alib'\n"}
    files["envs/libs/a/pyproject.toml"] = files["libs/a/pyproject.toml"]
    assert [asked.text for asked in parse(files).requirements] == [text]


def test_a_direct_reference_is_taken_apart() -> None:
    """Repository, revision and folder of git; path and digest of a URL."""
    lines = "a @ git+ssh://git@h.invalid/a.git@v1.0#subdirectory=x/y\nb @ https://h.invalid/b-1.zip#sha256=" + "a" * 64
    git, url = (asked.direct for asked in parse({"r.in": lines}).requirements)
    assert git and (git.location, git.revision, git.subdirectory) == ("ssh://git@h.invalid/a.git", "v1.0", "x/y")
    assert url and (url.location, url.sha256) == ("https://h.invalid/b-1.zip", "a" * 64)


def test_declared_variables_are_filled_in() -> None:
    """Those that the target declares, and no others."""

    def read(name: str) -> str:
        return "a==${VERSION}"

    request = parse_request(["r.in"], [], read=read, variables={"VERSION": "2"})
    assert [asked.text for asked in request.requirements] == ["a==2"]


def test_options_that_hold_for_all_requirements() -> None:
    """--pre and --no-binary reach the policy, from whatever file."""
    policy = parse({"r.in": "-r o.in\na", "o.in": "--pre\n--no-binary B.c,d\n"}).policy
    assert (policy.prereleases, policy.no_binary) == ("allow", ("b-c", "d"))


def test_several_options_may_share_a_line() -> None:
    """As pip reads them, quoted values too."""
    request = parse({"r.in": "-i https://a.invalid/s  --extra-index-url='https://b.invalid/s' --pre --no-binary a\na"})
    assert [(line.option, line.value, line.where) for line in request.index_lines] == [
        ("--index-url", "https://a.invalid/s", "r.in:1"),
        ("--extra-index-url", "https://b.invalid/s", "r.in:1"),
    ]
    assert (request.policy.prereleases, request.policy.no_binary) == ("allow", ("a",))


def test_a_file_by_url_says_how_to_save_it() -> None:
    """The attribute of a constraint file, the line of a requirement file; a secret in the URL is not repeated."""
    with pytest.raises(ToolError) as error:
        parse({"r.in": "-c https://me:secret@h.invalid/c.txt\n-r https://h.invalid/r.txt?token=secret\n"})
    limits, more = (fault.fix for fault in error.value.faults)
    assert 'curl -o constraints.txt URL, and name the file: constraints = ["constraints.txt"]' in limits
    assert "curl -o requirements.txt URL, and name the file: -r requirements.txt" in more
    assert "secret" not in error.value.render()


def test_require_hashes_asks_for_a_hash_of_every_line() -> None:
    """All lines without one are listed."""
    with pytest.raises(ToolError) as error:
        parse({"r.in": f"--require-hashes\na==1\nb==1 --hash=sha256:{'a' * 64}\nc==1\n"})
    assert [fault.where for fault in error.value.faults] == ["r.in:2", "r.in:4"]


def test_a_file_may_be_for_some_platforms_only() -> None:
    """Its lines, and those that it reaches, say so."""
    files = {"r.in": "a", "win.in": "-r more.in", "more.in": "b"}
    request = parse_request(["r.in", "win.in"], [], read=files.__getitem__, for_platforms={"win.in": ["t2", "t1"]})
    assert [(asked.text, asked.platforms) for asked in request.requirements] == [("a", ()), ("b", ("t1", "t2"))]


@pytest.mark.parametrize("name", [".", "r.in/x", "a\0b", "a" * 300])
def test_a_name_that_no_file_can_have_is_refused_by_line(tmp_path: Path, name: str) -> None:
    """A folder, a path through a file, a null byte, a name that is too long."""
    (tmp_path / "r.in").write_text(f"ok\n-r {name}\n")
    with pytest.raises(ToolError) as error:
        parse_request(["r.in"], [], read=lambda source: (tmp_path / source).read_text(encoding="utf-8"))
    assert "cannot be read: " in error.value.render() and "where: r.in:2" in error.value.render()


def test_a_chain_of_includes_has_an_end() -> None:
    """600 files that each include the next one."""
    files = {f"{i}.in": f"-r {i + 1}.in" for i in range(600)} | {"600.in": "a"}
    with pytest.raises(ToolError, match="nested deeper than 50"):
        parse(files)
