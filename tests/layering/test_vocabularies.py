"""Words that stand in both languages: what Starlark has a copy of is what the models say."""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path
from typing import Any

from python_env.artifacts.model import ArtifactKind, Container, InheritPath
from python_env.artifacts.pex.options import PexLayout, PexOptions
from python_env.base.platforms import CPUS, LIBCS, Os
from python_env.base.resolving import Prereleases, ResolverName
from python_env.lock.model import SCHEMA, SourceKind
from python_env.wheels.check.cli import UNFETCHED

PRIVATE = Path(__file__).parents[2] / "rules" / "private"


def constant(file: str, name: str) -> Any:
    """Return what a .bzl file assigns to a name at its top."""
    for node in ast.parse((PRIVATE / file).read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{file} has no {name}")


def lists_beside(file: str, word: str) -> list[list[str]]:
    """Return the lists of texts in a .bzl file that hold a word."""
    nodes = (node for node in ast.walk(ast.parse((PRIVATE / file).read_text())) if isinstance(node, ast.List))
    texts = ([str(each.value) for each in node.elts if isinstance(each, ast.Constant)] for node in nodes)
    return [row for row in texts if word in row]


def default_of(call: ast.Call) -> Any:
    """Return the default of a declared attribute: what it says, or what Bazel takes."""
    said = {each.arg: ast.literal_eval(each.value) for each in call.keywords if each.arg == "default"}
    kinds: dict[str, Any] = {"bool": False, "string": "", "string_dict": {}, "string_list": []}
    assert isinstance(call.func, ast.Attribute)
    return said.get("default", kinds[call.func.attr])


def test_artifact_kinds() -> None:
    """What the rules make is what a report can be of."""
    assert constant("artifacts/artifact_info.bzl", "ARTIFACT_KINDS") == list(ArtifactKind)


def test_unfetched() -> None:
    """What stands in the place of a wheel is what its check knows."""
    assert constant("base/unfetched.bzl", "UNFETCHED") == UNFETCHED


def test_inherit_path() -> None:
    """The attribute takes what the tool does."""
    assert lists_beside("artifacts/pex_options.bzl", "fallback") == [list(InheritPath)]


def test_pex_options() -> None:
    """Rule and tool know the same options, with the same defaults and layouts."""
    assert lists_beside("artifacts/pex_options.bzl", "packed") == [list(PexLayout)]
    tree = ast.parse((PRIVATE / "artifacts/pex_options.bzl").read_text())
    table = next(node for node in ast.walk(tree) if isinstance(node, ast.Dict))
    calls = {ast.literal_eval(key): value for key, value in zip(table.keys, table.values, strict=True) if key}
    found = {name: default_of(call) for name, call in calls.items() if isinstance(call, ast.Call)}
    defaults = {each.name: getattr(PexOptions(), each.name) for each in fields(PexOptions)}
    assert found == {name: list(value) if value == () else value for name, value in defaults.items()}


def test_how_versions_are_chosen() -> None:
    """The attributes `prereleases` and `resolver` take what the tools do; the default is the first."""
    assert lists_beside("lock/requirement_attrs.bzl", "allow") == [list(Prereleases)]
    assert lists_beside("lock/requirement_attrs.bzl", "uv") == [list(ResolverName)]


def test_formats_of_a_venv() -> None:
    """The attribute takes what the tool does: every container that holds a tree."""
    trees = sorted(set(Container) - {Container.FILE})
    assert [sorted(row) for row in lists_beside("artifacts/venv.bzl", "tar.gz")] == [trees]
    assert sorted(constant("artifacts/venv.bzl", "_SUFFIXES")) == trees


def test_cpus_of_interpreters() -> None:
    """Every cpu that a tag of Linux or macOS can name is one that an interpreter is looked for by."""
    known = {{"arm64": "aarch64"}.get(cpu, cpu) for cpu in constant("interpreters.bzl", "_CPUS")}
    assert known == CPUS - {"universal2", "x86_32"}


def test_operating_systems() -> None:
    """A lock that the tools write is one that the repository rules read, and turn into constraints."""
    assert constant("base/lock_reader.bzl", "_OSES") == list(Os)
    assert sorted(constant("lock/lock_build.bzl", "_OS")) == list(Os)


def test_cpus() -> None:
    """Every cpu of a tag can stand in a lock."""
    assert constant("base/lock_reader.bzl", "_CPUS") == sorted(CPUS)


def test_libcs() -> None:
    """Every libc of a tag can stand in a lock."""
    assert constant("base/lock_reader.bzl", "_LIBCS") == list(LIBCS)


def test_the_locks_schema() -> None:
    """Both languages read the same locks."""
    assert constant("base/lock_reader.bzl", "_SCHEMA") == SCHEMA


def test_kinds_of_sources() -> None:
    """A source that the tools lock is one that the repository rules know."""
    assert [sorted(row) for row in lists_beside("base/lock_reader.bzl", "sdist")] == [sorted(SourceKind)]
    assert lists_beside("wheels/source_wheel.bzl", "sdist") == [[SourceKind.SDIST, SourceKind.GIT]]
