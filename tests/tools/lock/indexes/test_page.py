"""Pages of an index, as values."""

from __future__ import annotations

import json

import pytest

from python_env.lock.index import Index
from python_env.lock.indexes.page import Link, of_project, parse_page
from python_env.lock.indexes.places import Place, find_places, parse_place, variable
from python_env.lock.indexes.web import Answer
from python_env.requirements.model import Indexes

BASE = "https://h.invalid/simple/torch/"
DIGEST = "ab" * 32
FILE = "torch-2.4.0+cpu-cp311-cp311-linux_x86_64.whl"


def html(text: str, kind: str = "text/html") -> tuple[Link, ...]:
    """Return the links of an HTML page."""
    return parse_page(Answer(text.encode(), kind, BASE))


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("torch-2.4.0%2Bcpu-cp311-cp311-linux_x86_64.whl", f"{BASE}torch-2.4.0%2Bcpu-cp311-cp311-linux_x86_64.whl"),
        (f"../../f/{FILE}", f"https://h.invalid/f/{FILE}"),
        (f"/f/{FILE}", f"https://h.invalid/f/{FILE}"),
        (f"//cdn.invalid/f/{FILE}", f"https://cdn.invalid/f/{FILE}"),
        (f"https://u:p@cdn.invalid/{FILE}#sha256={DIGEST}", f"https://cdn.invalid/{FILE}"),
    ],
)
def test_links_become_absolute(href: str, url: str) -> None:
    """Relative ones too; escapes are undone in the file's name only, users and passwords are cut out."""
    (link,) = html(f"<a href='{href}'>x</a>")
    assert (link.file, link.url) == (FILE, url)


def test_a_base_element_counts() -> None:
    """As HTML says."""
    (link,) = html(f'<head><base href="/files/"></head><a href="{FILE}">x</a>')
    assert link.url == f"https://h.invalid/files/{FILE}"


def test_what_html_says_of_a_file() -> None:
    """Digest, requires-python with entities, yanked with a reason, upload time, metadata in both spellings."""
    (link,) = html(
        f'<a href="{FILE}#sha256={DIGEST.upper()}" data-requires-python="&gt;=3.9" data-yanked="bad"'
        f' data-dist-info-metadata="sha256={DIGEST}" data-upload-time="2026-01-01T00:00:00Z">x</a>'
    )
    assert link.upload_time == "2026-01-01T00:00:00Z"
    assert (link.sha256, link.requires_python, link.yanked, link.metadata) == (DIGEST, ">=3.9", "bad", True)
    (plain,) = html(f'<a href="{FILE}#md5=00" data-core-metadata="false">x</a>')
    assert (plain.sha256, plain.requires_python, plain.yanked, plain.metadata) == ("", "", None, False)
    (empty,) = html(f'<a href="{FILE}" data-yanked>x</a>')
    assert empty.yanked == ""


def test_what_json_says_of_a_file() -> None:
    """PEP 691 with the fields of PEP 700 and 714."""
    file = {
        "filename": FILE,
        "url": "../../f/" + FILE,
        "hashes": {"sha256": DIGEST},
        "requires-python": ">=3.9",
        "yanked": "bad",
        "core-metadata": {"sha256": DIGEST},
        "size": 7,
        "upload-time": "2026-01-01T00:00:00Z",
    }
    text = json.dumps({"meta": {"api-version": "1.1"}, "files": [file, {"filename": "x", "url": "x"}]})
    (link,) = html(text, "application/vnd.pypi.simple.v1+json")
    assert link == Link(
        file=FILE,
        url=f"https://h.invalid/f/{FILE}",
        sha256=DIGEST,
        requires_python=">=3.9",
        yanked="bad",
        metadata=True,
        size=7,
        upload_time="2026-01-01T00:00:00Z",
    )


def test_a_flat_page_is_searched_by_name() -> None:
    """Names are compared as PEP 503 does; what is no distribution is passed over."""
    page = html("".join(f'<a href="{file}">x</a>' for file in ("A_b-1.0-py3-none-any.whl", "a.b-1.0.tar.gz", "ab.txt")))
    assert [link.file for link in of_project(page, "a-b")] == ["A_b-1.0-py3-none-any.whl", "a.b-1.0.tar.gz"]


def place(text: str) -> Place:
    """Return what a variable's text means."""
    from pathlib import Path

    return parse_place("inner", text, Path("/w"))


def test_places_are_urls_or_folders() -> None:
    """Credentials are taken out of the URL; paths are those of the workspace."""
    assert place("https://h.invalid/simple/").url == "https://h.invalid/simple"
    private = place("https://me%40x:p%2Fw@h.invalid:8443/simple")
    assert (private.url, private.login, private.password) == ("https://h.invalid:8443/simple", "me@x", "p/w")
    assert "p/w" not in repr(private)
    assert place("flat+http://h.invalid/dir/").flat
    assert place("wheels/my own").url == "file:///w/wheels/my%20own"
    assert place("/srv/wheels").folder.as_posix() == "/srv/wheels"
    assert place("file:///srv/a%2Bb").folder.as_posix() == "/srv/a+b"


def test_a_machine_wins_over_a_checked_in_place() -> None:
    """Variable, then pip.conf, then the file."""
    from pathlib import Path

    indexes = Indexes(order=("a", "b", "c"), urls=tuple((alias, f"http://{alias}.file") for alias in "abc"))
    default = Index("default", "http://d", "", others=(("a", "http://a.conf"), ("b", "http://b.conf")))
    found = find_places(indexes, default, {"PYTHON_ENV_INDEX_A": "http://a.env"}, Path("/w"))
    assert [each.url for each in found.values()] == ["http://a.env", "http://b.conf", "http://c.file"]


def test_variables_are_upper_case() -> None:
    """A dash becomes an underscore."""
    assert variable("extra-1") == "PYTHON_ENV_INDEX_EXTRA_1"
