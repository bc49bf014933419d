"""RECORD: what every installer reads alike, and nothing else."""

from __future__ import annotations

import pytest

from python_env.base.wheel_record import RecordFault, Row, absent, parse_record, unlisted

DIGEST = "sha256=" + "A" * 43


def test_rows_are_read_by_path() -> None:
    """Quoted names, empty lines and either line end are what a csv reader takes."""
    found = parse_record(f'a.py,{DIGEST},3\r\n\n"b,""c"".py",,\nx.dist-info/RECORD,,\n'.encode())
    assert found == {"a.py": Row(DIGEST, "3"), 'b,"c".py': Row("", ""), "x.dist-info/RECORD": Row("", "")}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"a,b\n", "row 1 of RECORD has 2 columns"),
        (b"a,,\na,b,c,d\n", "row 2 of RECORD has 4 columns"),
        (b'a,,\n"b,,\n', "RECORD cannot be read"),
        (b"\xff,,\n", "RECORD cannot be read"),
        (b"../../evil.py,,\n", "'../../evil.py', which leaves the archive"),
        (b"/etc/x,,\n", "which is absolute"),
        (b"a,sha256=AAAA,3\n", "no digest of sha256"),
        (b"a,md5=" + b"A" * 22 + b",3\n", "no digest of sha256"),
        (b"a,,-1\n", "no size"),
        (b"a,,1\na,,2\n", "two rows for 'a' that differ"),
    ],
)
def test_a_row_that_two_readers_could_take_differently_is_refused(text: bytes, what: str) -> None:
    """The row or the path is named."""
    with pytest.raises(RecordFault, match=what):
        parse_record(text)


def test_every_member_but_record_itself_must_be_listed() -> None:
    """Signatures cannot be: they are made of RECORD."""
    names = ["a.py", "b.py", "x.dist-info/RECORD", "x.dist-info/RECORD.jws", "x.dist-info/RECORD.p7s"]
    assert unlisted(names, {"a.py": Row("", "")}, "x.dist-info") == ["b.py"]


def test_a_digest_of_a_file_that_is_not_there_is_a_lie() -> None:
    """A row without one claims nothing; compiled files and folders are an installer's."""
    row = Row(DIGEST, "3")
    rows = {"a.py": row, "gone.py": row, "gone.txt": Row("", ""), "a.pyc": row, "folder/": row}
    assert absent(["a.py"], rows) == ["gone.py"]
