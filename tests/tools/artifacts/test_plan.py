"""Where files go is decided without reading any: what that needs was read when the wheels were opened."""

from __future__ import annotations

import hashlib
import re
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from artifacts.conftest import Builder

from python_env.artifacts.cli_inputs import open_wheels, read_env, read_sources, wheel_paths
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.plan import PlannedFile, plan_install
from python_env.artifacts.install.wheel import WheelFile
from python_env.base.errors import ToolError
from support.wheels import make_wheel, write_zip

INIT = b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"


def opened(builder: Builder) -> tuple[WheelFile, ...]:
    """Return the builder's wheels as a command opens them."""
    env = read_env(builder.env_json())
    return open_wheels(env, wheel_paths(env.name, env.wheels, builder.wheels), [])


def planned(builder: Builder) -> dict[str, PlannedFile]:
    """Return the plan by path."""
    layout = Layout.of(read_env(builder.env_json()).platform)
    return {file.path: file for file in plan_install(opened(builder), (), layout)}


def with_record(folder: Path, name: str, algorithm: str) -> Path:
    """Return a wheel of a namespace whose RECORD has digests of another algorithm, or none (empty)."""
    plain = make_wheel(folder, name, files={"space/__init__.py": INIT})
    with zipfile.ZipFile(plain) as archive:
        members = {entry: archive.read(entry) for entry in archive.namelist()}
    record = next(entry for entry in members if entry.endswith("/RECORD"))
    rows = []
    for row in members[record].decode().splitlines():
        member = row.split(",")[0]
        digest = urlsafe_b64encode(hashlib.new(algorithm, members[member]).digest()) if algorithm else b""
        said = f"{algorithm}={digest.rstrip(b'=').decode()},{len(members[member])}" if algorithm else ","
        rows.append(f"{member},," if member == record else f"{member},{said}")
    return write_zip(plain, {**members, record: ("\n".join(rows) + "\n").encode()})


def test_planning_without_records_reads_no_wheel_and_no_source(builder: Builder) -> None:
    """All of them are closed, the first-party file is gone, and there is a script to be rewritten."""
    wheels = opened(builder)
    words = builder.source("mine.py")
    path = Path(words[1].partition("=")[2])
    sources = read_sources(["mine.py"], [path])
    path.unlink()
    for wheel in wheels:
        wheel.source.close()
    layout = Layout.of(read_env(builder.env_json()).platform)
    tree = {file.path: file for file in plan_install(wheels, sources, layout, records=False)}
    assert tree[f"{layout.site_packages}/mine.py"].data == b"X = 1\n"
    assert tree["bin/hello"].data.endswith(b"print('hello', app.VALUE)\n")


@pytest.mark.parametrize("algorithm", ["", "sha512"])
def test_equal_files_of_two_wheels_are_one_whatever_record_says(builder: Builder, algorithm: str) -> None:
    """Their bytes are digested where RECORD has no sha256 to compare."""
    (builder.folder / "more").mkdir()
    builder.wheels += [make_wheel(builder.folder / "more", "one", files={"space/__init__.py": INIT})]
    builder.wheels += [with_record(builder.folder / "more", "two", algorithm)]
    tree = planned(builder)
    assert [path for path in tree if path.endswith("/space/__init__.py")]
    record = next(tree[path] for path in tree if re.search(r"/two-1.0.dist-info/RECORD$", path)).data.decode()
    assert f"space/__init__.py,{algorithm or 'sha256'}=" in record


def test_different_files_of_equal_size_clash(builder: Builder) -> None:
    """By their bytes: their sizes and, in the plan, all else is equal."""
    (builder.folder / "more").mkdir()
    for name, content in (("one", b"A = 1\n"), ("two", b"A = 2\n")):
        builder.wheels.append(make_wheel(builder.folder / "more", name, files={"space/__init__.py": content}))
    with pytest.raises(ToolError, match=r"two owners of \S+/space/__init__\.py with different content: one-1\.0"):
        planned(builder)
