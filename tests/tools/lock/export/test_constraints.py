"""`constraints.txt`: one file for all platforms, where markers can tell them apart."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement

from python_env.base.platforms import marker_environment, parse_platform
from python_env.base.resolving import ResolverName
from python_env.lock.export.constraints import render_constraints
from python_env.lock.export.origin import Origin
from python_env.lock.model import Inputs, Lock, LockedPackage, Section

ORIGIN = Origin(label="//envs:a.lock.json", sha256="0" * 64, env_id="1" * 64)
LINUX, MUSL, MAC = "cp311-manylinux_2_28_x86_64", "cp311-musllinux_1_2_x86_64", "cp312-macosx_14_0_arm64"
TAGS = (LINUX, "cp311-manylinux_2_28_aarch64", "cp311-win_amd64", MAC, "cp312-manylinux_2_28_x86_64")


def lock_of(pins: dict[str, dict[str, str]]) -> Lock:
    """Return a lock with these versions by tag and name; its files do not matter here."""
    section = Section(tag="", python="", os="", cpu="", libc="", requirements=(), packages=())
    return Lock(
        inputs=Inputs(requirements=(), constraints=(), platforms=tuple(pins)),
        resolver=ResolverName.UV,
        resolver_version="1",
        sections={
            tag: replace(section, tag=tag, packages=tuple(package(*item) for item in sorted(versions.items())))
            for tag, versions in pins.items()
        },
    )


def package(name: str, version: str) -> LockedPackage:
    """Return a package without anything around it."""
    return LockedPackage(name=name, version=version, extras=(), file="", requires=(), why=())


def lines(text: str) -> list[str]:
    """Return the lines that are not comments."""
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_one_version_everywhere_needs_no_marker() -> None:
    """Also where only some platforms have the distribution."""
    files = render_constraints(lock_of({LINUX: {"a": "1"}, MUSL: {"a": "1", "b": "2"}}), origin=ORIGIN)
    assert list(files) == ["constraints.txt"]
    assert lines(files["constraints.txt"]) == ["a==1", "b==2"]


def test_another_version_has_the_marker_of_its_platforms() -> None:
    """A marker says where each holds."""
    files = render_constraints(lock_of({LINUX: {"a": "1"}, MAC: {"a": "2", "b": "2"}}), origin=ORIGIN)
    assert lines(files["constraints.txt"]) == [
        "a==1 ; sys_platform == 'linux'",
        "a==2 ; sys_platform == 'darwin'",
        "b==2",
    ]


def test_platforms_that_markers_cannot_tell_apart_get_a_file_each() -> None:
    """glibc and musl with different versions of one distribution."""
    files = render_constraints(lock_of({LINUX: {"a": "1", "b": "1"}, MUSL: {"a": "2", "b": "1"}}), origin=ORIGIN)
    assert {name: lines(text) for name, text in files.items()} == {
        f"constraints.{LINUX}.txt": ["a==1", "b==1"],
        f"constraints.{MUSL}.txt": ["a==2", "b==1"],
    }


NAMES = ("a", "b")
PINS = st.fixed_dictionaries(
    {tag: st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["1", "2"])) for tag in TAGS}
)


@settings(deadline=None)
@given(PINS)
def test_on_every_platform_the_file_says_the_locked_versions(pins: dict[str, dict[str, str]]) -> None:
    """By `packaging`'s reading of the markers, no more than one version of a distribution holds anywhere."""
    found = [Requirement(line) for line in lines(render_constraints(lock_of(pins), origin=ORIGIN)["constraints.txt"])]
    for tag, versions in pins.items():
        environment = marker_environment(parse_platform(tag))
        true = [each for each in found if each.marker is None or each.marker.evaluate(environment)]
        assert len({each.name for each in true}) == len(true)
        assert {each.name: str(each.specifier) for each in true if each.name in versions} == {
            name: f"=={version}" for name, version in versions.items()
        }
