"""`wheels check`: every member is one whole stream of what the archive and RECORD say."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from python_env.__main__ import main
from support.wheels import deflated, make_wheel, record_line, sha256, smuggler, wheel_members, write_raw, write_zip

CONTENT = b"X = 1\n" * 100


def check(wheel: Path) -> int:
    """Run the tool as the rule does."""
    return main(["wheels", "check", "--wheel", str(wheel), "--output", str(wheel.parent / "check.json")])


def streamed(folder: Path, stream: bytes, claimed: bytes = CONTENT) -> Path:
    """Return a wheel whose module has these bytes in the archive, while all that is said of it fits `claimed`."""
    members = wheel_members("bad", "1.0", {"bad.py": claimed})
    return write_raw(folder / "bad-1.0-py3-none-any.whl", members, {"bad.py": (stream, claimed)})


def recorded(folder: Path, row: str) -> Path:
    """Return a wheel whose RECORD has this row for its module."""
    members = wheel_members("bad", "1.0", {"bad.py": CONTENT})
    place = "bad-1.0.dist-info/RECORD"
    members[place] = members[place].replace(record_line("bad.py", CONTENT).encode(), row.encode())
    return write_zip(folder / "bad-1.0-py3-none-any.whl", members)


LIES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a second gzip member": (smuggler, "does not fit its size and CRC"),
    "more bytes": (lambda f: streamed(f, deflated(CONTENT) + b"x"), "something follows the end of a member's stream"),
    "no end": (lambda f: streamed(f, deflated(CONTENT)[:-1]), "a member's stream has no end"),
    "other content": (lambda f: streamed(f, deflated(b"Y" * len(CONTENT))), "does not fit its size and CRC"),
    "longer content": (lambda f: streamed(f, deflated(CONTENT + b"\n")), "does not fit its size and CRC"),
    "no deflate": (lambda f: streamed(f, b"\xff" * 20), "a member cannot be inflated"),
    "other digest": (
        lambda f: recorded(f, record_line("bad.py", b"other")),
        "RECORD says sha256=",
    ),
    "other size": (
        lambda f: recorded(f, record_line("bad.py", CONTENT).replace(",600", ",601")),
        "RECORD says 601 bytes, the content has 600",
    ),
}


def test_a_wheel_that_fits_gets_a_document_that_names_it(tmp_path: Path) -> None:
    """By its digest, which is all that an artifact asks for."""
    wheel = make_wheel(tmp_path, "good")
    assert check(wheel) == 0
    assert json.loads((tmp_path / "check.json").read_text())["sha256"] == sha256(wheel)


@pytest.mark.parametrize("case", LIES)
def test_a_member_that_is_not_what_it_is_said_to_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """The member is named, and no document is written."""
    make, what = LIES[case]
    assert check(make(tmp_path)) == 2
    error = capsys.readouterr().err
    assert what in error and "where: bad-1.0-py3-none-any.whl: bad.py" in error
    assert not (tmp_path / "check.json").exists()


def test_all_members_that_lie_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run tells all of them."""
    names = {"one.py": CONTENT, "two.py": CONTENT}
    streams = {name: (deflated(CONTENT) + b"x", CONTENT) for name in names}
    assert check(write_raw(tmp_path / "bad-1.0-py3-none-any.whl", wheel_members("bad", "1.0", names), streams)) == 2
    assert capsys.readouterr().err.count("error: ") == 2


def test_content_that_needs_many_pieces_is_read_whole(tmp_path: Path) -> None:
    """Ten megabytes of zeros inflate in pieces of one, from a stream of a few kilobytes."""
    assert check(make_wheel(tmp_path, "large", files={"large.bin": bytes(10 << 20)})) == 0


def test_a_stream_of_many_blocks_is_one_stream(tmp_path: Path) -> None:
    """Flushes of a compressor do not end it."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [compressor.compress(CONTENT[at : at + 60]) + compressor.flush(zlib.Z_FULL_FLUSH) for at in (0, 60)]
    stream = b"".join(parts) + compressor.compress(CONTENT[120:]) + compressor.flush()
    assert check(streamed(tmp_path, stream)) == 0
