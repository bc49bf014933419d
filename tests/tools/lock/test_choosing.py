"""Which wheel a pin gets, where it is not one of an index."""

from __future__ import annotations

from dataclasses import replace

from python_env.lock.facts import Facts
from python_env.lock.model import LockedSource, SourceKind
from python_env.lock.resolvers.model import Candidate
from python_env.lock.sources.model import Origin
from python_env.lock.update.refresh import refresh
from python_env.requirements.model import Direct
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task

COMMIT = "c" * 40


class OneRepository:
    """A repository with several projects."""

    def reference(self, name: str, direct: Direct) -> str:
        """Return the reference as it is."""
        return f"git+{direct.location}"

    def direct(self, name: str, direct: Direct) -> Origin:
        """Return the project of the reference's folder, all of one commit."""
        source = LockedSource(
            key=f"{name}@c",
            kind=SourceKind.GIT,
            name=name,
            version="1.0",
            url=direct.location,
            commit=COMMIT,
            subdirectory=direct.subdirectory,
        )
        facts = Facts(name=name, version="1.0", requires=(), requires_python="", size=0)
        return Origin(facts=facts, file=f"{name}-1.0-py3-none-any.whl", source=source)

    def sdist(self, name: str, version: str, sdist: Candidate) -> Origin:
        """Is not asked for."""
        raise AssertionError(name)


def test_two_projects_of_one_commit_are_told_apart(index: FakeIndex) -> None:
    """Each has its own metadata, though the commit is the same."""
    index.add("one", "1.0")
    index.add("two", "1.0")
    url = "git+https://h.invalid/r.git@v1#subdirectory="
    task = make_task(index, f"one @ {url}one\ntwo @ {url}two\n", [LINUX, WINDOWS])
    lock = refresh(replace(task, sources=OneRepository()))
    assert [package.name for package in lock.sections[LINUX].packages] == ["one", "two"]
    assert {file.build for file in lock.files.values()} == {"one@c", "two@c"}
    assert {source.subdirectory for source in lock.sources.values()} == {"one", "two"}
