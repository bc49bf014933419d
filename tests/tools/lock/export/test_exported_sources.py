"""What is not a wheel of an index, exported."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from packaging.pylock import Pylock

from python_env.lock.export.cli import make_place
from python_env.lock.export.origin import Origin
from python_env.lock.export.pylock import render_pylock
from python_env.lock.export.requirements import render_requirements
from python_env.lock.model import Lock, LockedFile, LockedSource, SourceKind
from python_env.lock.update.refresh import refresh
from support.fake_index import LINUX, FakeIndex, make_task

ORIGIN = Origin(label="//e:a.lock.json", sha256="0" * 64, env_id="1" * 64)
COMMIT, DIGEST = "c" * 40, "d" * 64


def lock_with_sources(index: FakeIndex) -> Lock:
    """Return a lock of a wheel by URL, a local wheel, an sdist, a commit and a project."""
    for name in ("byurl", "local", "sdist", "commit", "project"):
        index.add(name, "1.0")
    lock = refresh(make_task(index, "byurl\nlocal\nsdist\ncommit\nproject", [LINUX]))
    files = {
        "byurl": LockedFile(name="", sha256=DIGEST, size=5, url="https://h.invalid/byurl-1.0-py3-none-any.whl"),
        "local": LockedFile(name="", sha256=DIGEST, size=5, local="w/local-1.0-py3-none-any.whl"),
        "sdist": LockedFile(name="", build="sdist-1.0.tar.gz"),
        "commit": LockedFile(name="", build="commit@cccc"),
        "project": LockedFile(name="", build="libs/project"),
    }
    sources = [
        LockedSource(
            key="sdist-1.0.tar.gz",
            kind=SourceKind.SDIST,
            name="sdist",
            version="1.0",
            sha256=DIGEST,
            size=7,
            index="default",
            path="p/sdist-1.0.tar.gz",
        ),
        LockedSource(
            key="commit@cccc",
            kind=SourceKind.GIT,
            name="commit",
            version="1.0",
            url="https://h.invalid/c.git",
            revision="v1",
            commit=COMMIT,
            subdirectory="sub",
        ),
        LockedSource(key="libs/project", kind=SourceKind.FOLDER, name="project", version="1.0", sha256=DIGEST),
    ]
    named = {name: replace(files[name.split("-")[0]], name=name) for name in lock.files}
    return replace(lock, files=named, sources={source.key: source for source in sources})


def test_the_pylock_names_each_kind_as_the_specification_does(index: FakeIndex) -> None:
    """`packaging` validates it: archive, sdist, vcs and directory."""
    lock = lock_with_sources(index)
    text = render_pylock(lock, lock.sections[LINUX], origin=ORIGIN, place=make_place(lock, folder="wheels/", roots={}))
    pylock = Pylock.from_dict(tomllib.loads(text))
    packages = {str(package.name): package for package in pylock.packages}
    assert packages["byurl"].archive and packages["byurl"].archive.url == "https://h.invalid/byurl-1.0-py3-none-any.whl"
    assert packages["local"].archive and packages["local"].archive.path == "wheels/local-1.0-py3-none-any.whl"
    assert packages["sdist"].sdist and packages["sdist"].sdist.hashes == {"sha256": DIGEST}
    assert packages["commit"].vcs and packages["commit"].vcs.commit_id == COMMIT
    assert packages["commit"].vcs.subdirectory == "sub"
    assert packages["project"].directory and packages["project"].directory.path == "libs/project"


def test_the_requirements_pin_each_kind(index: FakeIndex) -> None:
    """By digest, by commit, by path; where pip knows no digest, the head does not promise --require-hashes."""
    lock = lock_with_sources(index)
    text = render_requirements(lock, lock.sections[LINUX], origin=ORIGIN)
    assert "pip install --no-deps" in text
    assert f"commit @ git+https://h.invalid/c.git@{COMMIT}#subdirectory=sub\n" in text
    assert f"byurl @ https://h.invalid/byurl-1.0-py3-none-any.whl \\\n    --hash=sha256:{DIGEST}" in text
    assert f"sdist==1.0 \\\n    --hash=sha256:{DIGEST}" in text
    assert "./libs/project\n" in text
