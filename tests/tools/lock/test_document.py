"""Reading a lock: whole, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from python_env.base.documents import canonical_json, sha256_hex
from python_env.base.errors import ToolError
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.index import path_below_root
from python_env.lock.update.refresh import refresh
from support.fake_index import LINUX, FakeIndex, make_task

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def document(index: FakeIndex) -> dict[str, Any]:
    """Return a good lock as JSON."""
    index.add("app", "1.0", requires=("lib",))
    index.add("lib", "1.0")
    loaded: dict[str, Any] = json.loads(render_lock(refresh(make_task(index, "app"))))
    return loaded


def signed(document: dict[str, Any]) -> bytes:
    """Return the document with a digest that fits, as a careful forger would."""
    body = {key: value for key, value in document.items() if key != "content"}
    return json.dumps({**body, "content": sha256_hex(canonical_json(body))}).encode()


def packages(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the packages of the only platform."""
    found: list[dict[str, Any]] = document["platforms"][LINUX]["packages"]
    return found


def rename_file(document: dict[str, Any], name: str) -> None:
    """Give the first file another name everywhere."""
    old = packages(document)[0]["file"]
    document["files"][name] = document["files"].pop(old)
    packages(document)[0]["file"] = name


@pytest.mark.parametrize("data", [b"", b"{}", b" {}\n"])
def test_an_empty_file_means_nothing_locked(data: bytes) -> None:
    """It is valid, and no lock."""
    assert parse_lock(data, where="a", fix="b") is None


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"{", "not a JSON document"),
        (b"<<<<<<< ours\n{}", "not a JSON document"),
        (b'{"kind": "lock", "schema": 99}', "lock document of schema 99; these rules read up to schema 1"),
        (b'{"kind": "env", "schema": 1}', "expected a document of kind 'lock'"),
    ],
)
def test_what_is_no_lock_is_refused(data: bytes, what: str) -> None:
    """The error names the file and the command."""
    with pytest.raises(ToolError) as error:
        parse_lock(data, where="//envs:a.lock.json", fix="bazel run //envs:a.update")
    assert what in error.value.render()
    assert "where: //envs:a.lock.json" in error.value.render()


def test_a_hand_edit_is_noticed(document: dict[str, Any]) -> None:
    """One changed version makes the content digest wrong."""
    packages(document)[0]["version"] = "9.9"
    with pytest.raises(ToolError, match="edited by hand or merged"):
        parse_lock(json.dumps(document).encode(), where="a", fix="b")


EDITS: dict[str, tuple[Edit, str]] = {
    "a file name that leaves its folder": (lambda d: rename_file(d, "../x.whl"), "is not the name of a wheel"),
    "an absolute file name": (lambda d: rename_file(d, "/x.whl"), "is not the name of a wheel"),
    "a path with a host": (
        lambda d: next(iter(d["files"].values())).update(path="https://h/x"),
        "is not a path below an index's file root",
    ),
    "a path that climbs": (lambda d: next(iter(d["files"].values())).update(path="a/../../b"), "is not a path below"),
    "a short digest": (lambda d: next(iter(d["files"].values())).update(sha256="00"), "not a sha256"),
    "a size in words": (lambda d: next(iter(d["files"].values())).update(size="1"), "expected a number"),
    "a path with braces": (lambda d: next(iter(d["files"].values())).update(path="{a}/b"), "is not a path below"),
    "a path of two lines": (lambda d: next(iter(d["files"].values())).update(path="a\nb"), "is not a path below"),
    "a negative size": (lambda d: next(iter(d["files"].values())).update(size=-5), "not the size of a file"),
    "a size that no disk has": (
        lambda d: next(iter(d["files"].values())).update(size=10**30),
        "not the size of a file",
    ),
    "an index of its own": (lambda d: next(iter(d["files"].values())).update(index="evil"), "not among inputs.indexes"),
    "a name that climbs": (lambda d: packages(d)[0].update(name="../../x"), "is not a normalised name (PEP 503)"),
    "a name in TOML": (lambda d: packages(d)[0].update(name='x"\nbad'), "is not a normalised name (PEP 503)"),
    "a version of two lines": (lambda d: packages(d)[0].update(version="1\n"), "is not a normalised version (PEP 440)"),
    "a version with a return": (lambda d: packages(d)[0].update(version="1\rx"), "is not a normalised version"),
    "a version in words": (lambda d: packages(d)[0].update(version="not a version"), "is not a normalised version"),
    "a package without file": (lambda d: packages(d)[0].update(file="none.whl"), "none.whl is not in files"),
    "a package twice": (lambda d: packages(d).append(packages(d)[0]), "one stands twice"),
    "an open closure": (lambda d: packages(d).pop(1), "app requires lib, not in the closure"),
    "requires as text": (lambda d: packages(d)[0].update(requires="lib"), "expected an array"),
    "an unused file": (
        lambda d: d["files"].update({"z-1-py3-none-any.whl": dict(next(iter(d["files"].values())))}),
        "no platform uses z-1-py3-none-any.whl",
    ),
    "an unknown platform": (
        lambda d: d["platforms"].update({"cp311-beos": d["platforms"].pop(LINUX)}),
        "unknown platform tag 'cp311-beos'",
    ),
    "a platform that lies": (lambda d: d["platforms"][LINUX].update(os="windows"), "contradict the platform tag"),
    "a platform too few": (lambda d: d["inputs"]["platforms"].append("cp312-win_amd64"), "the sections are not those"),
    "a wrong env id": (lambda d: d.update(env_id="0" * 64), "env_id does not fit"),
    "a wrong request id": (lambda d: d.update(request_id="0" * 64), "request_id does not fit"),
    "no inputs": (lambda d: d.pop("inputs"), "expected an object"),
    "a requirement as text": (lambda d: d["inputs"].update(requirements=["app"]), "expected an array of objects"),
}


@pytest.mark.parametrize("case", EDITS)
def test_a_forged_lock_is_refused_by_field(document: dict[str, Any], case: str) -> None:
    """Even with a digest that fits, what does not hold together is refused with the field's path."""
    edit, what = EDITS[case]
    edit(document)
    with pytest.raises(ToolError) as error:
        parse_lock(signed(document), where="a.lock.json", fix="bazel run //envs:a.update")
    assert what in error.value.render()


def test_one_package_is_one_line(index: FakeIndex) -> None:
    """A reviewer sees a package or a file per line."""
    index.add("app", "1.0")
    lines = render_lock(refresh(make_task(index, "app"))).decode().splitlines()
    assert len([line for line in lines if '"version": "1.0"' in line]) == 1
    assert len([line for line in lines if line.startswith('  "app-1.0')]) == 1


@pytest.mark.parametrize("version", ["1!2.0rc1.post2.dev3+cu.124", "0", "2026.1.0", "1.0a0", "1.dev0", "1.post0"])
def test_every_canonical_version_is_read(document: dict[str, Any], version: str) -> None:
    """Epoch, pre-, post- and development releases and local versions (PEP 440)."""
    packages(document)[0]["version"] = version
    rows = [[LINUX, package["file"], document["files"][package["file"]]["sha256"]] for package in packages(document)]
    document["env_id"] = sha256_hex(canonical_json(rows))
    lock = parse_lock(signed(document), where="a", fix="b")
    assert lock is not None and lock.sections[LINUX].packages[0].version == version


def test_a_path_that_a_url_cannot_hold_is_escaped() -> None:
    """An index may link a file carelessly; what is escaped already stays so."""
    assert path_below_root("https://h.invalid/a b/{c}/d%2Be.whl#sha256=0") == "a%20b/%7Bc%7D/d%2Be.whl"
