"""Index options of requirement files, and the index attributes."""

from __future__ import annotations

import pytest

from python_env.base.errors import ToolError
from python_env.requirements.indexes import make_indexes
from python_env.requirements.model import Indexes
from python_env.requirements.parse import parse_request

URL = "https://one.example.invalid/simple"
TWO = "https://two.example.invalid/simple"


def indexes(text: str, **words: list[str]) -> Indexes:
    """Return the indexes of a file's text and of attributes."""
    request = parse_request(["envs/r.in"], [], read=lambda _: text)
    return make_indexes(request.index_lines, **words)


@pytest.mark.parametrize(
    "line", [f"-i {URL}", f"-i{URL}", f"--index-url {URL}/", f"--index-url={URL}", f"--index-url='{URL}'"]
)
def test_an_index_url_takes_the_place_of_default(line: str) -> None:
    """In every spelling of pip."""
    assert indexes(line) == Indexes(order=("index",), urls=(("index", URL),))


def test_what_files_name_is_asked_before_the_default() -> None:
    """Links, then extra indexes by position, then pip's index; the same URL twice is one index."""
    text = f"--extra-index-url {URL}\n--extra-index-url {TWO}\n--extra-index-url {URL}/\n-f {URL}\n-f ../wheels\n"
    found = indexes(text)
    assert found.order == ("links-1", "links-2", "extra-1", "extra-2", "default")
    assert found.urls == (
        ("extra-1", URL),
        ("extra-2", TWO),
        ("links-1", f"flat+{URL}"),
        ("links-2", "wheels"),
    )


def test_no_index_leaves_the_links() -> None:
    """Whatever else is named."""
    assert indexes(f"-i {URL}\n--extra-index-url {TWO}\n--no-index\n-f wheels\n") == Indexes(
        order=("links-1",), urls=(("links-1", "envs/wheels"),)
    )


def test_attributes_say_the_order_of_what_files_name() -> None:
    """An alias that an attribute names keeps its place there; one that only has bindings is asked for those alone."""
    line = f"--extra-index-url {URL}"
    assert indexes(line, order=["default", "extra-1"]).order == ("default", "extra-1")
    bound = indexes(line, bindings=["extra-1=Torch", "extra-1=nvidia-*"])
    assert bound.order == ("default",)
    assert bound.bindings == (("nvidia-*", "extra-1"), ("torch", "extra-1"))
    assert bound.urls == (("extra-1", URL),)


def test_without_options_there_is_only_the_default() -> None:
    """What locks always had."""
    assert indexes("a\n") == Indexes()


def test_a_name_finds_its_index() -> None:
    """Exact, else the longest prefix, else the order."""
    found = Indexes(order=("default", "x"), bindings=(("a-*", "y"), ("a-b", "x"), ("a-b-*", "z")))
    asked = [found.asked_for(name) for name in ("a-b", "a-b-c", "a-c", "a", "q")]
    assert asked == [("x",), ("z",), ("y",), ("default", "x"), ("default", "x")]
    assert found.aliases == ("default", "x", "y", "z")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"-i {URL}\n-i {TWO}", "the files name two different indexes"),
        ("--extra-index-url https://me@h.invalid/simple", "a secret stands in a file: https://***@h.invalid/simple"),
        ("--extra-index-url https://h.invalid/simple?token=1", "a secret stands in a file: https://h.invalid/simple"),
        ("-f /srv/wheels", "names one machine"),
        ("-f file:///srv/wheels", "names one machine"),
        ("-f C:\\wheels", "names one machine"),
        ("-i ftp://h.invalid/simple", "names one machine"),
        ("-i https://", "not a URL: https://"),
        ("-i https://h.invalid:port/", "not a URL"),
        ("-i https://[::1/simple", "not a URL"),
        ("--no-index", "--no-index leaves no place to look"),
        ("-i https://${HOST}/simple", "variable HOST is not declared"),
    ],
)
def test_a_bad_index_line_is_refused(text: str, what: str) -> None:
    """In three parts, with its line; the secret is not repeated."""
    with pytest.raises(ToolError) as error:
        indexes(text)
    said = error.value.render()
    assert what in said and "where: envs/r.in:" in said and "fix:   " in said
    assert "token=1" not in said


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ({"order": ["Default"]}, "not an index alias: 'Default'"),
        ({"order": ["a", "a"]}, "index alias a stands twice"),
        ({"order": [""]}, "not an index alias: ''"),
        ({"bindings": ["a=x", "b=X"]}, "x is bound to two indexes: a and b"),
        ({"bindings": ["a="]}, "not the name of a distribution: ''"),
        ({"bindings": ["a=*"]}, "not the name of a distribution: '*'"),
        ({"bindings": ["a=x*y"]}, "not the name of a distribution: 'x*y'"),
        ({"urls": [f"default={URL}"]}, "the index alias default has no URL of its own"),
        ({"urls": ["a=https://me:pass@h.invalid/"]}, "a secret stands in a file: https://***@h.invalid/"),
    ],
)
def test_a_bad_attribute_is_refused(words: dict[str, list[str]], what: str) -> None:
    """In three parts; no secret."""
    with pytest.raises(ToolError) as error:
        make_indexes((), **words)
    assert what in error.value.render() and "me:pass" not in error.value.render()
