"""Facts of a wheel, read from a real HTTP server."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from python_env.base.errors import ToolError
from python_env.lock.facts import FactSource, parse_metadata
from python_env.lock.indexes.wheel_file import MOST_WHOLE
from support.wheels import make_wheel, sha256


class Server(ThreadingHTTPServer):
    """Serves one folder, with ranges unless told otherwise, and remembers what it was asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.ranges = True
        self.failures = 0
        self.asked: list[str] = []

    def url(self, name: str) -> str:
        """Return a file's URL."""
        return f"http://127.0.0.1:{self.server_port}/packages/{name}"


class Handler(BaseHTTPRequestHandler):
    """Answers GET."""

    server: Server

    def do_GET(self) -> None:
        """Send a file, a range of it, or an error."""
        self.server.asked.append(self.headers.get("Range") or "")
        place = self.server.folder / self.path.rsplit("/", 1)[-1]
        if self.server.failures:
            self.server.failures -= 1
            self.send_error(503)
            return
        if not place.exists():
            self.send_error(404)
            return
        data = place.read_bytes()
        start, end = 0, len(data)
        if self.server.ranges and (found := re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")):
            start = int(found[1]) if found[1] else max(0, len(data) - int(found[2]))
            end = min(len(data), int(found[2]) + 1) if found[1] and found[2] else len(data)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        self.wfile.write(data[start:end])

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Give a running server of `tmp_path / "files"`."""
    (tmp_path / "files").mkdir()
    made = Server(tmp_path / "files")
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def wheel(server: Server) -> Path:
    """Return a served wheel that is larger than one range."""
    noise = bytes((i * i * 31 + i // 7) % 251 for i in range(400_000))
    files = {"app/__init__.py": b"", "app/data.bin": noise + bytes(reversed(noise)), "app/more.bin": noise}
    return make_wheel(server.folder, "app", "1.0.0", files=files, requires=("lib>=1", 'fast; extra == "x"'))


def test_only_the_end_of_a_wheel_is_read(server: Server, wheel: Path, tmp_path: Path) -> None:
    """One range request, and the size of the whole file."""
    source = FactSource(tmp_path / "cache", {})
    facts = source.get(url=server.url(wheel.name), sha256=sha256(wheel), file=wheel.name)
    assert (facts.name, facts.version, facts.size) == ("app", "1.0.0", wheel.stat().st_size)
    assert facts.requires == ("lib>=1", 'fast; extra == "x"')
    assert server.asked == ["bytes=-131072"]


def test_a_wheel_of_very_many_files_is_read_by_ranges(server: Server, tmp_path: Path) -> None:
    """Its central directory alone is larger than a wheel that would be read whole; no range is asked for twice."""
    names = {f"app/{'n' * 150}{number}.py": b"" for number in range(6000)}
    wheel = make_wheel(server.folder, "app", "1.0", files=names)
    assert wheel.stat().st_size > 2 * MOST_WHOLE
    FactSource(tmp_path / "cache", {}).get(url=server.url(wheel.name), sha256=sha256(wheel), file=wheel.name)
    assert len(server.asked) == len(set(server.asked)) > 1


def test_a_server_without_ranges_sends_the_whole_file(server: Server, wheel: Path, tmp_path: Path) -> None:
    """The facts are the same."""
    server.ranges = False
    facts = FactSource(tmp_path / "cache", {}).get(url=server.url(wheel.name), sha256=sha256(wheel), file=wheel.name)
    assert (facts.name, facts.size) == ("app", wheel.stat().st_size)


def test_facts_are_remembered_by_digest(server: Server, wheel: Path, tmp_path: Path) -> None:
    """A second source asks nobody; a damaged memory, or one of an older release, is read anew."""
    words = {"url": server.url(wheel.name), "sha256": sha256(wheel), "file": wheel.name}
    first = FactSource(tmp_path / "cache", {}).get(**words)
    assert FactSource(tmp_path / "cache", {}).get(**words) == first
    assert len(server.asked) == 1
    remembered = tmp_path / f"cache/{sha256(wheel)}.json"
    older = {key: value for key, value in json.loads(remembered.read_text()).items() if key != "extras"}
    for reads, damaged in enumerate(['{"name": 1', json.dumps(older)], start=2):
        remembered.write_text(damaged)
        assert FactSource(tmp_path / "cache", {}).get(**words) == first
        assert len(server.asked) == reads


def test_a_passing_fault_of_the_server_is_tried_again(server: Server, wheel: Path, tmp_path: Path) -> None:
    """503 twice, then the file."""
    server.failures = 2
    assert (
        FactSource(tmp_path / "cache", {}).get(url=server.url(wheel.name), sha256=sha256(wheel), file=wheel.name).name
        == "app"
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [("missing.whl", None), ("empty.whl", b""), ("html.whl", b"<html></html>"), ("cut.whl", b"PK\x05\x06")],
)
def test_what_is_no_wheel_is_said_in_three_parts(server: Server, tmp_path: Path, name: str, data: bytes | None) -> None:
    """Nothing is remembered, and no host is named."""
    if data is not None:
        (server.folder / name).write_bytes(data)
    with pytest.raises(ToolError) as error:
        FactSource(tmp_path / "cache", {}).get(url=server.url(name), sha256="0", file=name)
    assert f"the metadata of {name} cannot be read" in error.value.render()
    assert "127.0.0.1" not in error.value.render()
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("field", "value"), [("flag_bits", 1), ("compress_type", 99)])
def test_metadata_that_is_encrypted_or_packed_otherwise_is_refused(
    server: Server, tmp_path: Path, field: str, value: int
) -> None:
    """The two numbers of a zip that Python's reader raises other errors for."""
    path = make_wheel(server.folder, "app", "1.0")
    data = bytearray(path.read_bytes())
    place, width = {"flag_bits": (8, 1), "compress_type": (10, 2)}[field]
    entry = data.find(b"PK\x01\x02")
    while entry >= 0:
        data[entry + place : entry + place + width] = value.to_bytes(width, "little")
        entry = data.find(b"PK\x01\x02", entry + 1)
    path.write_bytes(data)
    with pytest.raises(ToolError, match=f"the metadata of {path.name} cannot be read"):
        FactSource(tmp_path / "cache", {}).get(url=server.url(path.name), sha256="0", file=path.name)


def test_metadata_that_is_not_utf8_is_refused(server: Server, tmp_path: Path) -> None:
    """As core metadata demands."""
    from support.wheels import wheel_members, write_zip

    members = {**wheel_members("app", "1.0", {}), "app-1.0.dist-info/METADATA": b"Name: \xff\xfe\n"}
    path = write_zip(server.folder / "app-1.0-py3-none-any.whl", members)
    with pytest.raises(ToolError, match="UnicodeDecodeError"):
        FactSource(tmp_path / "cache", {}).get(url=server.url(path.name), sha256=sha256(path), file=path.name)


def test_versions_are_normalised() -> None:
    """A wheel may state 1.0-post1."""
    assert parse_metadata("Name: A_b\nVersion: 1.0-post1\n", size=1).version == "1.0.post1"


def test_extras_are_those_that_are_stated_or_used() -> None:
    """Old metadata names an extra only in a marker."""
    text = "Name: a\nVersion: 1\nProvides-Extra: Fast_IO\nRequires-Dist: b; extra == 'old' and os_name == 'nt'\n"
    assert parse_metadata(text, size=1).extras == ("fast-io", "old")
