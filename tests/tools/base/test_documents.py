"""Documents and errors: what all stages hand to each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from python_env.base.documents import Reader, parse_document, render_document, write_atomically
from python_env.base.errors import Fault, ToolError


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"{", "not a JSON document"),
        (b"[" * 100_000, "not a JSON document: nested too deep"),
        (b'{"kind": "env", "schema": 1, "a": "\\ud800"}', "not a JSON document: 'utf-8' codec can't encode"),
        (b'{"kind": "env", "schema": 9, "schema": 1}', "not a JSON document: 'schema' stands twice in one object"),
        (b'{"kind": "env", "schema": 1, "a": [{"b": 1, "b": 1}]}', "not a JSON document: 'b' stands twice"),
        (b"[]", "expected a JSON object, found an array"),
        (b'{"kind": "lock"}', "expected a document of kind 'env', found 'lock'"),
        (b'{"kind": "env"}', "schema must be a positive integer"),
        (b'{"kind": "env", "schema": true}', "schema must be a positive integer"),
        (b'{"kind": "env", "schema": 9}', "env document of schema 9; these rules read up to schema 1"),
    ],
)
def test_a_document_that_is_none_is_refused(data: bytes, what: str) -> None:
    """Kind and schema are checked before any field is read."""
    with pytest.raises(ToolError) as error:
        parse_document(data, where="a.json", kind="env", schema=1, fix="build again")
    assert what in error.value.render()
    assert "where: a.json" in error.value.render()


@pytest.mark.parametrize(
    ("value", "kind", "what"),
    [
        (True, int, "expected a number, found true or false"),
        (1, bool, "expected true or false, found a number"),
        (1.5, int, "expected a number, found a fraction"),
        (None, dict, "expected an object, found null"),
        ("text", list, "expected an array, found a string"),
    ],
)
def test_a_field_of_another_type_is_named_by_its_path(value: Any, kind: type, what: str) -> None:
    """Types are JSON's, in words."""
    with pytest.raises(ToolError) as error:
        Reader("a.json", "build again").take({"key": value}, "key", kind, "rows[0]")
    assert error.value.faults == (Fault(what, "a.json: rows[0].key", "build again"),)


def test_an_item_of_another_type_is_named_by_its_number() -> None:
    """In an array of strings each item is looked at."""
    reader = Reader("a.json", "build again")
    assert reader.strings({"names": ["a", "b"]}, "names") == ("a", "b")
    with pytest.raises(ToolError) as error:
        reader.strings({"names": ["a", 1]}, "names")
    assert error.value.faults == (Fault("expected a string, found a number", "a.json: names[1]", "build again"),)


def test_rendering_is_canonical() -> None:
    """Keys are sorted and the text ends with a newline."""
    assert render_document({"b": 1, "a": {"d": 2, "c": 3}}) == b'{\n "a": {\n  "c": 3,\n  "d": 2\n },\n "b": 1\n}\n'


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old bytes stay, and no temporary file is left behind."""
    place = tmp_path / "a.json"
    place.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_atomically(place, b"new")
    assert place.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_all_faults_are_shown_in_three_parts() -> None:
    """Several faults stand below each other, continuation lines indented."""
    text = ToolError([Fault("one\nmore", "here", "this"), Fault("two", "there", "that")]).render()
    assert text == "error: one\n       more\n  where: here\n  fix:   this\nerror: two\n  where: there\n  fix:   that"
