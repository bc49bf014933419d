"""Which wheel a pin gets, where it is not one of an index."""

from __future__ import annotations

from dataclasses import replace

from python_env.base.platforms import parse_platform
from python_env.base.wheel_tags import supported_tags
from python_env.lock.choice import unfit_versions
from python_env.lock.facts import Facts
from python_env.lock.model import LockedSource, SourceKind
from python_env.lock.resolvers.model import Candidate
from python_env.lock.sources.model import Origin
from python_env.lock.update.refresh import refresh
from python_env.requirements.model import Direct
from support.fake_index import LINUX, WINDOWS, FakeIndex, make_task

COMMIT = "c" * 40
VERSIONS = {"one": "1.0", "two": "1.0", "win": "3.0", "arm": "4.0"}
"""By the folder of a project."""


class OneRepository:
    """A repository with several projects."""

    def reference(self, name: str, direct: Direct) -> str:
        """Return the reference as it is."""
        return f"git+{direct.location}"

    def direct(self, name: str, direct: Direct) -> Origin:
        """Return the project of the reference's folder, all of one commit."""
        version = VERSIONS[direct.subdirectory]
        source = LockedSource(
            key=f"{name}@c#{direct.subdirectory}",
            kind=SourceKind.GIT,
            name=name,
            version=version,
            url=direct.location,
            commit=COMMIT,
            subdirectory=direct.subdirectory,
        )
        facts = Facts(name=name, version=version, requires=(), requires_python="", size=0)
        return Origin(facts=facts, file=f"{name}-{version}-py3-none-any.whl", source=source)

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
    assert {file.build for file in lock.files.values()} == {"one@c#one", "two@c#two"}
    assert {source.subdirectory for source in lock.sources.values()} == {"one", "two"}


def test_a_version_with_a_fitting_local_one_is_not_unfit() -> None:
    """To refuse 2.0 would refuse 2.0+cpu; what has no wheel, or none that can be read, is not judged."""
    tags = supported_tags(parse_platform(LINUX))
    names = ("3.0-cp311-cp311-win_amd64", "2.0-cp311-cp311-win_amd64", "2.0+cpu-py3-none-any", "1.0-py3-none-any")
    files = [*(f"n-{name}.whl" for name in names), "n-1.0-cp311-cp311-win_amd64.whl", "n-0.1.tar.gz", "n-x.whl"]
    assert unfit_versions(files, tags) == {"3.0"}


def test_a_reference_counts_where_its_marker_holds(index: FakeIndex) -> None:
    """Two projects of one name by platform: each platform has its own; where none holds, the index has the word."""
    index.add("one", "9.0")
    url = "git+https://h.invalid/r.git@v1#subdirectory="
    lines = f'one @ {url}win ; sys_platform == "win32"\none @ {url}arm ; platform_machine == "aarch64"\none\n'
    arm = "cp311-manylinux_2_28_aarch64"
    lock = refresh(replace(make_task(index, lines, [LINUX, WINDOWS, arm]), sources=OneRepository()))
    versions = {tag: section.packages[0].version for tag, section in lock.sections.items()}
    assert versions == {LINUX: "9.0", WINDOWS: "3.0", arm: "4.0"}
