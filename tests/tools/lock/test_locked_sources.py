"""Sources in a lock: written and read back, forged, kept, and merged with those of other platforms."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from python_env.__main__ import main
from python_env.base.documents import canonical_json, sha256_hex
from python_env.base.errors import ToolError
from python_env.lock.document import parse_lock, render_lock
from python_env.lock.facts import Facts
from python_env.lock.model import Lock, LockedFile, LockedSource, SourceKind
from python_env.lock.sources.model import Kept, Origin
from python_env.lock.update import open_task
from python_env.lock.update.diff import diff_locks
from python_env.lock.update.kept import kept_sources, kept_tools, tool_names
from python_env.lock.update.merge import merge
from python_env.lock.update.refresh import lock_tools, refresh
from python_env.lock.update.upgrades import parse_upgrades
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task

DIGEST, COMMIT = "d" * 64, "c" * 40
REPOSITORY = "https://h.invalid/c.git"
TOOL = "tool-5.0-py3-none-any.whl"
SDIST, GIT, FOLDER, URL = "sdist-1.0.tar.gz", "commit@cccccccccccc", "libs/project", "byurl-1.0.zip"


def source(key: str, kind: SourceKind, tags: tuple[str, ...], **more: Any) -> LockedSource:
    """Return a source that one tool builds."""
    name = {SDIST: "sdist", GIT: "commit", FOLDER: "project", URL: "byurl"}[key]
    tools = dict.fromkeys(sorted(tags), (TOOL,))
    return LockedSource(key=key, kind=kind, name=name, version="1.0", requires=("tool",), tools=tools, **more)


def make_lock(*tags: str) -> Lock:
    """Return a lock of a source of each kind."""
    index = FakeIndex()
    for name in ("sdist", "commit", "project", "byurl", "tool"):
        index.add(name, "5.0" if name == "tool" else "1.0")
    lock = refresh(make_task(index, "sdist\ncommit\nproject\nbyurl", tags))
    tool = refresh(make_task(index, "tool", tags)).files[TOOL]
    sources = [
        source(SDIST, SourceKind.SDIST, tags, sha256=DIGEST, size=7, index="default", path=f"p/{SDIST}"),
        source(GIT, SourceKind.GIT, tags, url=REPOSITORY, revision="v1", commit=COMMIT, subdirectory="sub"),
        source(FOLDER, SourceKind.FOLDER, tags, sha256=DIGEST),
        source(URL, SourceKind.SDIST, tags, sha256="e" * 64, size=9, url=f"https://h.invalid/{URL}"),
    ]
    by_name = {each.name: each for each in sources}
    files = {name: LockedFile(name=name, build=by_name[name.split("-")[0]].key) for name in lock.files}
    files[TOOL] = tool
    return replace(
        lock, files=dict(sorted(files.items())), sources={each.key: each for each in sorted(sources, key=_key)}
    )


def _key(each: LockedSource) -> str:
    return each.key


def document(*tags: str) -> dict[str, Any]:
    """Return the lock as JSON."""
    loaded: dict[str, Any] = json.loads(render_lock(make_lock(*(tags or (LINUX,)))))
    return loaded


def read(found: dict[str, Any]) -> Lock | None:
    """Read a document whose digest is made to fit."""
    body = {key: value for key, value in found.items() if key != "content"}
    data = json.dumps({**body, "content": sha256_hex(canonical_json(body))}).encode()
    return parse_lock(data, where="a.lock.json", fix="bazel run //envs:a.update")


def test_sources_are_written_and_read_back() -> None:
    """Every field, byte for byte."""
    lock = make_lock(LINUX, WINDOWS)
    assert parse_lock(render_lock(lock), where="a", fix="b") == lock


def test_the_content_of_a_source_is_in_the_env_id() -> None:
    """Another commit is another environment."""
    lock = make_lock(LINUX)
    moved = {**lock.sources, GIT: replace(lock.sources[GIT], commit="b" * 40)}
    assert replace(lock, sources=moved).env_id != lock.env_id


def test_a_source_that_moved_is_a_change() -> None:
    """A commit, with its version or without; what did not move is none."""
    lock = make_lock(LINUX)
    moved = replace(lock, sources={**lock.sources, GIT: replace(lock.sources[GIT], commit="b" * 40)})
    assert [(change.word, change.name) for change in diff_locks(lock, moved)] == [("file", "commit")]
    section = lock.sections[LINUX]
    packages = tuple(replace(each, version="1.1") if each.name == "commit" else each for each in section.packages)
    newer = replace(moved, sections={LINUX: replace(section, packages=packages)})
    assert [(change.word, change.old, change.new) for change in diff_locks(lock, newer)] == [("up", "1.0", "1.1")]
    assert diff_locks(lock, lock) == ()


Edit = Callable[[dict[str, Any]], object]


def change(key: str, **values: object) -> Edit:
    """Return an edit of a source."""
    return lambda sources: sources[key].update(values)


def rename(old: str, new: str) -> Edit:
    """Return an edit of a source's key."""
    return lambda sources: sources.update({new: sources.pop(old)})


FORGED: dict[str, tuple[Edit, str]] = {
    "an unknown kind": (change(SDIST, kind="svn"), "unknown kind of source 'svn'"),
    "a kind that is no text": (change(SDIST, kind=1), "expected a string"),
    "a short digest": (change(SDIST, sha256="00"), "not a sha256"),
    "no digest of a folder": (change(FOLDER, sha256=""), "not a sha256"),
    "a short commit": (change(GIT, commit="c" * 7), "not a commit"),
    "a branch for a commit": (change(GIT, commit="main"), "not a commit"),
    "git without a URL": (change(GIT, url=""), "of index, path, url and commit a git has url and commit"),
    "git with a path": (change(GIT, path="x"), "a git has url and commit"),
    "an sdist of two places": (change(SDIST, url="https://h.invalid/x"), "a sdist has index and path or url"),
    "an sdist of no place": (change(SDIST, index="", path=""), "a sdist has index and path or url"),
    "a folder with a URL": (change(FOLDER, url="https://h.invalid/x"), "a folder has none of them"),
    "an option for a URL": (change(GIT, url="--upload-pack=x"), "is not the URL of a source"),
    "a program for a URL": (change(GIT, url="ext::sh -c x"), "is not the URL of a source"),
    "an option for a host": (change(GIT, url="ssh://-oProxyCommand=x/y"), "is not the URL of a source"),
    "a URL of two lines": (change(GIT, url="https://h.invalid/x\n"), "is not the URL of a source"),
    "a file for an sdist": (change(URL, url="file:///etc/passwd"), "is not the URL of a source"),
    "a path that climbs": (change(SDIST, path="../x"), "is not a path below"),
    "a subdirectory that climbs": (change(GIT, subdirectory="a/../../x"), "is not a path below"),
    "an absolute subdirectory": (change(GIT, subdirectory="/etc"), "is not a path below"),
    "a subdirectory in quotes": (change(GIT, subdirectory='a"b'), "is not a path below"),
    "an index of its own": (change(SDIST, index="evil"), "not among inputs.indexes"),
    "a size in words": (change(SDIST, size="7"), "expected a number"),
    "a negative size": (change(SDIST, size=-1), "not the size of a file"),
    "a name that is none": (change(SDIST, name="../x"), "is not a normalised name (PEP 503)"),
    "a version of two lines": (change(SDIST, version="1\n2"), "is not a normalised version (PEP 440)"),
    "requires as text": (change(SDIST, requires="tool"), "expected an array"),
    "tools as a list": (change(SDIST, tools=[]), "expected an object"),
    "tools of numbers": (change(SDIST, tools={LINUX: [1]}), "expected a string, found a number"),
    "an unknown tool": (change(SDIST, tools={LINUX: ["x.whl"]}), "not in files: x.whl"),
    "tools of another platform": (change(SDIST, tools={WINDOWS: [TOOL]}), "no such platform: cp311-win_amd64"),
    "a source of nothing": (
        lambda sources: sources.update(other=sources[SDIST]),
        "no source, or no wheel that is built",
    ),
    "a source that is gone": (lambda sources: sources.pop(SDIST), "no source, or no wheel that is built"),
    "a key with a quote": (rename(GIT, 'x"'), "not the key of a source"),
    "a key of two lines": (rename(GIT, "x\ny"), "not the key of a source"),
    "no key": (rename(GIT, ""), "not the key of a source"),
    "a folder that climbs": (rename(FOLDER, "../x"), "is not a path below"),
    "a source that is a list": (lambda sources: sources.update({SDIST: []}), "expected an object"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_source_is_refused_by_field(case: str) -> None:
    """Even with a digest that fits."""
    edit, what = FORGED[case]
    found = copy.deepcopy(document())
    edit(found["sources"])
    with pytest.raises(ToolError) as error:
        read(found)
    assert what in error.value.render() and "where: a.lock.json: " in error.value.render()


def test_a_long_key_is_read_in_no_time() -> None:
    """Whatever it holds."""
    found = document()
    rename(GIT, "a#" * 5000 + '"')(found["sources"])
    with pytest.raises(ToolError, match="not the key of a source"):
        read(found)


def test_what_the_old_lock_pinned_stays() -> None:
    """Commits by repository and revision, digests by URL, tools by requirements and platform."""
    kept = kept_sources(make_lock(LINUX), moving=())
    assert kept == Kept(commits={(REPOSITORY, "v1"): COMMIT}, digests={f"https://h.invalid/{URL}": "e" * 64})
    assert kept_tools(make_lock(LINUX)) == {("tool",): {LINUX: {"tool": "5.0"}}}
    assert (kept_sources(None, moving=()), kept_tools(None)) == (Kept(), {})


def test_an_upgraded_distribution_may_move() -> None:
    """`--upgrade-package commit` asks its branch again, and nothing else."""
    kept = kept_sources(make_lock(LINUX), moving={"commit"})
    assert not kept.commits and kept.digests
    assert not kept_sources(make_lock(LINUX), moving={"byurl"}).digests


def test_an_upgraded_build_requirement_may_move() -> None:
    """It alone: the others of the same source stay."""
    lock = make_lock(LINUX)
    more = "more-1.0-py3-none-any.whl"
    lock = replace(
        lock, sources={key: replace(each, tools={LINUX: (TOOL, more)}) for key, each in lock.sources.items()}
    )
    assert tool_names(lock) == {"tool", "more"} and tool_names(None) == frozenset()
    assert kept_tools(lock, moving={"tool"}) == {("tool",): {LINUX: {"more": "1.0"}}}


def test_an_upgraded_build_requirement_takes_the_version_that_is_named() -> None:
    """Its pin is a constraint on what builds, not on the environment."""
    upgrades = parse_upgrades(["tool==6.0", "both==1"], known={"both"}, tools={"tool", "both"})
    assert [pin.text for pin in upgrades.pins] == ["both==1"]
    assert [pin.text for pin in upgrades.tool_pins] == ["tool==6.0", "both==1"]
    index = FakeIndex()
    index.add("tool", "5.0")
    task = replace(make_task(index, "app"), tool_constraints=upgrades.tool_pins)
    facts = Facts(name="x", version="1.0", requires=(), requires_python="", size=1, extras=())
    origin = Origin(file="", facts=facts, source=make_lock(LINUX).sources[SDIST])
    with pytest.raises(ToolError, match=r"constraint tool==6\.0 is not kept"):
        lock_tools(task, [origin])
    index.add("tool", "6.0")
    del index.wheels["tool", "5.0"]
    sources, _ = lock_tools(task, [origin])
    assert sources[SDIST].tools == {LINUX: ("tool-6.0-py3-none-any.whl",)}


def test_a_person_may_name_a_build_requirement(
    tmp_path: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is in the lock; what is nowhere in it is still refused."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)
    monkeypatch.setattr(open_task, "UvResolver", lambda *_: index)
    monkeypatch.setattr(open_task, "FactSource", lambda *_: index)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.invalid/simple")
    index.add("app", "1.0")
    (tmp_path / "r.in").write_text("app\n")
    (tmp_path / "a.lock.json").write_bytes(render_lock(make_lock(LINUX)))
    rule = ["--lock", "a.lock.json", "--name", "a", "--update-command", "u", "--uv", "uv"]
    words = ["lock", "update", *rule, "--requirements", "r.in=r.in", "--locked-platform", LINUX, "--upgrade-package"]
    assert main([*words, "nonsuch"]) == 2
    assert "nonsuch is not in the lock" in capsys.readouterr().err
    assert main([*words, "tool==6.0"]) == 0


def test_a_refresh_of_one_platform_keeps_the_tools_of_the_others() -> None:
    """Sources are joined by key; what no platform uses any more is gone."""
    old, new = make_lock(LINUX, WINDOWS), make_lock(LINUX)
    newer = TOOL.replace("5.0", "6.0")
    tools = {key: replace(each, tools={LINUX: (newer,)}) for key, each in new.sources.items()}
    files = {**new.files, newer: replace(new.files[TOOL], name=newer, sha256="6" * 64)}
    merged = merge(replace(new, sources=tools, files=files), old, old.inputs)
    assert merged.sources[GIT].tools == {LINUX: (newer,), WINDOWS: (TOOL,)}
    assert {TOOL, newer} < set(merged.files)
    assert parse_lock(render_lock(merged), where="a", fix="b") == merged


def test_one_file_name_is_one_file() -> None:
    """A wheel that is built on one platform and lies on the other under the same name is refused, not exchanged."""
    old, new = make_lock(LINUX, WINDOWS), make_lock(LINUX)
    name = "commit-1.0-py3-none-any.whl"
    files = {**new.files, name: LockedFile(name=name, sha256="9" * 64, size=3, url=f"https://h.invalid/{name}")}
    with pytest.raises(ToolError) as error:
        merge(replace(new, files=files), old, old.inputs)
    assert f"{name} is not the same file on {LINUX} and on {WINDOWS}" in error.value.render()
