"""Corpus of bad locks, wheels, indexes and requests, each given to the commands that people run.

The resolver is the real uv where a case needs its words, against a local directory that is an index; no network.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from python_env.base.documents import canonical_json, sha256_hex
from python_env.lock.document import render_lock
from python_env.lock.update.refresh import refresh
from support.bad_input import COMMAND, refused
from support.fake_index import LINUX, FakeIndex, make_task
from support.wheels import make_wheel, sha256, wheel_members, write_zip

Edit = Callable[[dict[str, Any]], object]
Raw = Callable[[bytes], bytes]


def good_lock() -> bytes:
    """Return a good lock of two packages."""
    index = FakeIndex()
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "1.0")
    return render_lock(refresh(make_task(index, "app")))


def signed(edit: Edit) -> bytes:
    """Return the good lock after an edit, with a digest that fits, as a careful forger would write it."""
    document = json.loads(good_lock())
    edit(document)
    body = {key: value for key, value in document.items() if key != "content"}
    return json.dumps({**body, "content": sha256_hex(canonical_json(body))}).encode()


def file_of(document: dict[str, Any], name: str = "app") -> dict[str, Any]:
    """Return the file entry of a distribution."""
    found: dict[str, Any] = document["files"][f"{name}-1.0-py3-none-any.whl"]
    return found


def package(document: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """Return a package of the only platform."""
    found: dict[str, Any] = document["platforms"][LINUX]["packages"][number]
    return found


def renamed(document: dict[str, Any], name: str) -> None:
    """Give the first file another name everywhere."""
    document["files"][name] = document["files"].pop(package(document)["file"])
    package(document)["file"] = name


FORGED: dict[str, tuple[Edit, str]] = {
    "a digest that fits another file": (
        lambda d: file_of(d).update(sha256=file_of(d, "lib")["sha256"]),
        "the digest is that of app-1.0-py3-none-any.whl",
    ),
    "a file of another distribution": (
        lambda d: package(d).update(file=package(d, 1)["file"]),
        "is not a wheel of app",
    ),
    "a package twice": (lambda d: d["platforms"][LINUX]["packages"].append(package(d)), "one stands twice"),
    "packages out of order": (lambda d: d["platforms"][LINUX]["packages"].reverse(), "not sorted by name"),
    "an unknown platform": (
        lambda d: d["platforms"].update({"cp311-beos": d["platforms"].pop(LINUX)}),
        "unknown platform tag 'cp311-beos'",
    ),
    "an absolute file name": (lambda d: renamed(d, "/app-1.0-py3-none-any.whl"), "is not the name of a wheel"),
    "a file name that climbs": (lambda d: renamed(d, "../app-1.0-py3-none-any.whl"), "is not the name of a wheel"),
    "a Windows path as a file name": (
        lambda d: renamed(d, "C:\\app-1.0-py3-none-any.whl"),
        "is not the name of a wheel",
    ),
    "a file that is no wheel": (lambda d: renamed(d, "app-1.0.tar.gz"), "is not the name of a wheel"),
    "an absolute path": (lambda d: file_of(d).update(path="/etc/passwd"), "is not a path below"),
    "a path that climbs": (lambda d: file_of(d).update(path="a/../../b"), "is not a path below"),
    "a path that climbs in escapes": (lambda d: file_of(d).update(path="a/%2e%2e/b"), "is not a path below"),
    "a path that climbs with backslashes": (lambda d: file_of(d).update(path="a\\..\\b"), "is not a path below"),
    "a path with a host": (lambda d: file_of(d).update(path="https://h/x"), "is not a path below"),
    "an empty path": (lambda d: file_of(d).update(path=""), "a file has an index and a path below it"),
    "a negative size": (lambda d: file_of(d).update(size=-1), "not the size of a file"),
    "a size that no reader keeps": (lambda d: file_of(d).update(size=10**400), "not the size of a file"),
    "a size with a fraction": (lambda d: file_of(d).update(size=1.5), "expected a number"),
    "a size that is true": (lambda d: file_of(d).update(size=True), "expected a number"),
    "a digest in capitals": (lambda d: file_of(d).update(sha256="A" * 64), "not a sha256"),
    "a digest of another length": (lambda d: file_of(d).update(sha256="0" * 40), "not a sha256"),
    "no digest": (lambda d: file_of(d).pop("sha256"), "not a sha256"),
    "a package whose file is missing": (lambda d: d["files"].pop("lib-1.0-py3-none-any.whl"), "is not in files"),
    "a requirement outside of the closure": (lambda d: package(d).update(requires=["gone"]), "not in the closure"),
    "a platform as a list": (lambda d: d["platforms"].update({LINUX: []}), "expected an object"),
    "packages as an object": (lambda d: d["platforms"][LINUX].update(packages={}), "expected an array"),
    "a package as text": (lambda d: d["platforms"][LINUX].update(packages=["app"]), "expected an array of objects"),
    "platforms that nobody asked for": (lambda d: d["inputs"].update(platforms=[]), "the sections are not those"),
    "a policy as text": (lambda d: d["inputs"].update(policy="none"), "expected an object"),
    "a resolver that nobody knows": (lambda d: d["inputs"].update(resolver="guess"), "expected one of uv, pip-tools"),
    "a maker that nobody knows": (lambda d: d["resolver"].update(name="guess"), "expected one of uv, pip-tools"),
    "pre-releases at times": (
        lambda d: d["inputs"].update(policy={"prereleases": "often"}),
        "expected one of an empty string, allow, disallow; found 'often'",
    ),
    "no resolver": (lambda d: d.pop("resolver"), "expected an object"),
    "a null for everything": (lambda d: d.update(files=None, platforms=None), "expected an object"),
}

GOOD = good_lock()
RAW: dict[str, tuple[bytes, str]] = {
    "a lock of a newer version": (signed(lambda d: d.update(schema=2)), "lock document of schema 2"),
    "a lock of a far newer version": (signed(lambda d: d.update(schema=10**300)), "lock document of schema 1000"),
    "a schema that is text": (signed(lambda d: d.update(schema="1")), "schema must be a positive integer"),
    "a schema that is infinite": (
        GOOD.replace(b'"schema": 1', b'"schema": 1e999'),
        "schema must be a positive integer",
    ),
    "a schema of zero": (signed(lambda d: d.update(schema=0)), "schema must be a positive integer"),
    "another kind of document": (signed(lambda d: d.update(kind="env")), "expected a document of kind 'lock'"),
    "a hand edit": (GOOD.replace(b'"version": "1.0"', b'"version": "1.1"'), "edited by hand or merged"),
    "no digest of the content": (GOOD.replace(b'"content"', b'"comment"'), "edited by hand or merged"),
    "a key that stands twice": (
        GOOD.replace(b'"kind":', b'"schema": 1,\n "kind":'),
        "'schema' stands twice in one object",
    ),
    "a file that stands twice": (
        GOOD.replace(b' "files": {', b' "files": {\n  "app-1.0-py3-none-any.whl": {},'),
        "'app-1.0-py3-none-any.whl' stands twice",
    ),
    "NaN": (GOOD.replace(b'"schema": 1', b'"schema": NaN'), "NaN is no number of JSON"),
    "Infinity": (GOOD.replace(b'"schema": 1', b'"schema": -Infinity'), "-Infinity is no number of JSON"),
    "a number of 5000 digits": (GOOD.replace(b'"schema": 1', b'"schema": ' + b"9" * 5000), "not a JSON document"),
    "half of a surrogate pair": (GOOD.replace(b'"uv"', b'"\\ud800"'), "not a JSON document"),
    "bytes that are not UTF-8": (GOOD.replace(b'"uv"', b'"\xff"'), "not a JSON document"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "not a JSON document"),
    "a null byte": (GOOD.replace(b'"uv"', b'"\0"'), "not a JSON document"),
    "a merge conflict": (b"<<<<<<< ours\n" + GOOD, "not a JSON document"),
    "a cut file": (GOOD[: len(GOOD) // 2], "not a JSON document"),
    "two documents": (GOOD + GOOD, "not a JSON document"),
    "deep nesting": (b"[" * 100_000, "nested too deeply"),
    "an array": (b"[]", "expected a JSON object, found an array"),
    "null": (b"null", "expected a JSON object, found null"),
}


@pytest.mark.parametrize("name", [*FORGED, *RAW])
def test_a_bad_lock_is_refused_in_three_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """By `.lock_test`, with the command that mends it; the file stays."""
    data, what = (signed(FORGED[name][0]), FORGED[name][1]) if name in FORGED else RAW[name]
    assert data != GOOD
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.in").write_text("app\n")
    (tmp_path / "a.lock.json").write_bytes(data)
    words = ["--lock", "a.lock.json", "--update-command", COMMAND, "--requirements", "r.in=r.in"]
    said = refused(["lock", "test", *words, "--locked-platform", LINUX], folder=tmp_path, capsys=capsys)
    assert what in said


@dataclass(frozen=True)
class Wheel:
    """A wheel on the local index; its members and what the page says of it may lie."""

    name: str
    version: str = "1.0"
    tag: str = "py3-none-any"
    requires: tuple[str, ...] = ()
    metadata: bytes | None = None
    more: Mapping[str, bytes] = field(default_factory=dict)
    sha256: str = ""
    bytes_: bytes | None = None


@dataclass(frozen=True)
class Case:
    """What is asked of which wheels, and what the error must say."""

    requirements: str
    wheels: tuple[Wheel, ...]
    says: tuple[str, ...]
    words: tuple[str, ...] = ()
    constraints: str = ""


def write_index(folder: Path, wheels: tuple[Wheel, ...]) -> str:
    """Write an index (PEP 503) as a directory, and return its URL."""
    links: dict[str, list[str]] = {}
    for wheel in wheels:
        (folder / "simple" / wheel.name).mkdir(parents=True, exist_ok=True)
        place = make_wheel(
            folder / "simple" / wheel.name, wheel.name, wheel.version, requires=wheel.requires, tag=wheel.tag
        )
        if wheel.metadata is not None or wheel.more:
            members = wheel_members(wheel.name, wheel.version, {}, requires=wheel.requires)
            info = f"{wheel.name}-{wheel.version}.dist-info/METADATA"
            write_zip(place, {**members, info: wheel.metadata or members[info], **wheel.more})
        if wheel.bytes_ is not None:
            place.write_bytes(wheel.bytes_)
        digest = wheel.sha256 or sha256(place)
        links.setdefault(wheel.name, []).append(f'<a href="{place.name}#sha256={digest}">{place.name}</a>')
    for name, found in links.items():
        (folder / "simple" / name / "index.html").write_text("\n".join(found))
    return (folder / "simple").as_uri()


A = Wheel("aaa", requires=("bbb<2",))
NO_ZIP = "the metadata of bbb-1.0-py3-none-any.whl cannot be read: BadZipFile: File is not a zip file"
REAL: dict[str, Case] = {
    "two requirements that exclude each other": Case(
        "bbb<1.5\nbbb>1.5\n",
        (Wheel("bbb"), Wheel("bbb", "2.0")),
        ("cannot be satisfied together", "bbb<1.5", "bbb>1.5", "where: r.in", "fix:   loosen"),
    ),
    "a requirement against a dependency": Case(
        "aaa\nbbb>=2\n",
        (A, Wheel("bbb"), Wheel("bbb", "2.0")),
        ("cannot be satisfied together", "aaa", "bbb<2", "bbb>=2"),
    ),
    "a stated marker value that uv cannot be told": Case(
        "aaa\nbbb; platform_release == '5'\n",
        (Wheel("aaa", requires=("gone; platform_release == '5'",)), Wheel("bbb"), Wheel("gone")),
        (
            f'gone; platform_release == "5" is not satisfied on {LINUX}: '
            "uv cannot be told platform_release = '5', and pinned nothing",
            "where: METADATA of aaa-1.0-py3-none-any.whl",
            'fix:   lock with resolver = "pip-tools"',
        ),
        words=("--marker-value=platform_release=5",),
    ),
    "a requirement against a constraint": Case(
        "bbb>=2\n",
        (Wheel("bbb"), Wheel("bbb", "2.0")),
        ("cannot be satisfied together", "bbb>=2", "where: c.txt, r.in"),
        constraints="bbb<2\n",
    ),
    "a distribution that the index does not have": Case(
        "gone\n", (A,), ("gone is not on index alias default", "where: r.in:1")
    ),
    "a version that the index does not have": Case(
        "bbb>=9\n", (Wheel("bbb"),), ("cannot be satisfied together", "bbb>=9")
    ),
    "a dependency that the index does not have": Case("aaa\n", (A,), ("bbb is not on index alias default",)),
    "a wheel for other platforms only": Case(
        "bbb\n",
        (Wheel("bbb", tag="cp311-cp311-win_amd64"),),
        (f"no wheel of bbb fits {LINUX}", "fix:   drop that platform"),
    ),
    "a wheel for a newer floor only": Case(
        "bbb\n", (Wheel("bbb", tag="cp311-cp311-manylinux_2_39_x86_64"),), (f"no wheel of bbb fits {LINUX}",)
    ),
    "a cut-off with no candidate": Case(
        "bbb\n",
        (Wheel("bbb"),),
        ("no versions of bbb", "no file of 2001-01-01 or later is seen"),
        ("--exclude-newer=2001-01-01",),
    ),
    "overrides that exclude a version of the requirements": Case(
        "aaa\n", (A, Wheel("bbb")), ("cannot be satisfied together", "bbb>=9"), ("--override=bbb>=9",)
    ),
    "an override that changes nothing": Case(
        "bbb\n", (Wheel("bbb"),), ("override gone>1 changes nothing",), ("--override=gone>1",)
    ),
    "an exclude that changes nothing": Case(
        "bbb\n", (Wheel("bbb"),), ("exclude gone changes nothing",), ("--exclude=gone",)
    ),
    "a constraint that changes nothing": Case(
        "bbb\n", (Wheel("bbb"),), ("constraint gone<2 changes nothing", "where: c.txt:1"), constraints="gone<2\n"
    ),
    "a hash that no wheel has": Case(
        f"bbb==1.0 --hash=sha256:{'0' * 64}\n", (Wheel("bbb"),), ("has one of the hashes", "where: r.in:1")
    ),
    "a wheel whose bytes are not those of the page": Case(
        "bbb\n", (Wheel("bbb", sha256="0" * 64),), ("its bytes have another sha256 than the index says",)
    ),
    "a wheel that says another name": Case(
        "bbb\n",
        (Wheel("bbb", metadata=b"Metadata-Version: 2.1\nName: other\nVersion: 1.0\n"),),
        ("metadata name `other` does not match given name `bbb`",),
    ),
    "a wheel that says another version": Case(
        "bbb\n",
        (Wheel("bbb", metadata=b"Metadata-Version: 2.1\nName: bbb\nVersion: 9.0\n"),),
        ("the wheel of bbb 1.0 says that it is bbb 9.0",),
    ),
    "a wheel that says no name": Case(
        "bbb\n", (Wheel("bbb", metadata=b"Metadata-Version: 2.1\nVersion: 1.0\n"),), ("Metadata field Name not found",)
    ),
    "a wheel whose metadata is not UTF-8": Case(
        "bbb\n",
        (Wheel("bbb", metadata=b"Metadata-Version: 2.1\nName: bbb\nVersion: 1.0\nSummary: \xff\n"),),
        ("bbb-1.0-py3-none-any.whl on index alias default", "UnicodeDecodeError"),
    ),
    "a wheel with two dist-infos": Case(
        "bbb\n",
        (Wheel("bbb", more={"ccc-1.0.dist-info/METADATA": b"Name: ccc\nVersion: 1.0\n"}),),
        ("the metadata of bbb-1.0-py3-none-any.whl cannot be read: BadZipFile: 2 files *.dist-info/METADATA",),
    ),
    "a wheel that is no zip": Case("bbb\n", (Wheel("bbb", bytes_=b"<html></html>"),), (NO_ZIP,)),
    "an empty wheel": Case("bbb\n", (Wheel("bbb", bytes_=b""),), (NO_ZIP,)),
    "a requirement of a wheel that is none": Case(
        "bbb\n", (Wheel("bbb", requires=("lib==",)),), ("invalid metadata", "lib==")
    ),
    "a wheel that needs a newer Python": Case(
        "bbb\n",
        (Wheel("bbb", metadata=b"Metadata-Version: 2.1\nName: bbb\nVersion: 1.0\nRequires-Python: >=3.99\n"),),
        ("bbb==1.0 requires Python >=3.99",),
    ),
}


def uv() -> str:
    """Return the locked uv in Bazel, else the one on PATH."""
    found = os.environ.get("UV_PROGRAM") or shutil.which("uv")
    if not found:
        pytest.skip("uv is neither in UV_PROGRAM nor on PATH")
    return found


@pytest.mark.parametrize("name", REAL)
def test_a_refresh_of_bad_wheels_or_wishes_fails_in_three_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Through the real resolver and index: its reason is readable, and the old lock stays as it was."""
    case, work = REAL[name], tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("PIP_INDEX_URL", write_index(tmp_path, case.wheels))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)
    monkeypatch.chdir(work)
    (work / "r.in").write_text(case.requirements)
    (work / "c.txt").write_text(case.constraints)
    (work / "a.lock.json").write_bytes(GOOD)
    words = ["--lock", "a.lock.json", "--name", "a", "--update-command", COMMAND, "--uv", uv()]
    words += ["--requirements", "r.in=r.in", "--locked-platform", LINUX, *case.words]
    words += ["--constraints", "c.txt=c.txt"] if case.constraints else []
    said = refused(["lock", "update", *words], folder=work, capsys=capsys)
    for part in case.says:
        assert part in said
    assert "hint:" not in said and "╰" not in said and "Traceback" not in said
