"""Requirement files, as pip reads them."""

from __future__ import annotations

import pytest

from python_env.base.errors import ToolError
from python_env.requirements.model import Request
from python_env.requirements.parse import logical_lines, parse_request


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


@pytest.mark.parametrize("line", ["--only-binary :all:", "--only-binary=:all:", "--prefer-binary"])
def test_what_always_holds_may_be_said(line: str) -> None:
    """Only wheels are locked, so that these lines change nothing."""
    assert [asked.text for asked in parse({"r.in": f"{line}\na\n"}).requirements] == ["a"]


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


def test_an_include_cycle_names_the_chain() -> None:
    """The files of the cycle are listed in order."""
    with pytest.raises(ToolError, match=r"a\.in -> b\.in -> a\.in"):
        parse({"a.in": "-r b.in", "b.in": "-r a.in"})


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("name @ https://example.invalid/a.whl", "direct URLs are not supported"),
        ("https://example.invalid/a.whl", "direct URLs are not supported"),
        ("git+https://example.invalid/a.git", "version control requirements are not supported"),
        ("a @ git+https://example.invalid/a.git@main", "version control requirements are not supported"),
        ("-e .", "editable projects are not supported"),
        ("--editable=./lib", "editable projects are not supported"),
        ("./lib", "local paths are not supported"),
        ("lib/a-1.0-py3-none-any.whl", "local paths are not supported"),
        ("--index-url https://me:pass@example.invalid/simple", "a secret stands in a file"),
        ("a==1 --hash=sha256:00", "not a sha256 hash: sha256:00"),
        ("a==1 --hash md5:00", "not a sha256 hash: md5:00"),
        ("a==1 --global-option=x", "options of a requirement other than --hash are not supported"),
        ("--no-binary :all:", "this option is not supported"),
        ("--only-binary numpy", "this option is not supported"),
        ("a==${VERSION}", "environment variables are not supported"),
        ("-r missing.in", "there is no requirement file envs/missing.in"),
        ("a==", "not a requirement: a=="),
        ("a b", "not a requirement: a b"),
        ("[x]", "not a requirement: [x]"),
        ("a; python_version >", "not a requirement: a; python_version >"),
        ("a>=1,,<2", "not a requirement"),
        ("=1.0", "not a requirement"),
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
        parse({"r.in": "a==\n-e .\n-r no.in\n"})
    assert [fault.where for fault in error.value.faults] == ["r.in:1", "r.in:2", "r.in:3"]
