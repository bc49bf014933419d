"""The uv adapter's pure parts: names of platforms, arguments, answers, explanations."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from python_env.base.platforms import parse_platform
from python_env.lock.index import Index
from python_env.lock.resolvers.model import Question, Unresolvable
from python_env.lock.resolvers.uv import UvResolver
from python_env.lock.resolvers.uv_answer import parse_pylock
from python_env.lock.resolvers.uv_command import unknown_to_uv, uv_platform
from python_env.lock.resolvers.uv_faults import conflict
from python_env.lock.resolvers.uv_files import asked_text, seed_text
from python_env.requirements.parse import parse_request


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("cp311-manylinux_2_28_x86_64", "x86_64-manylinux_2_28"),
        ("cp311-manylinux_2_30_aarch64", "aarch64-manylinux_2_31"),
        ("cp311-manylinux_2_18_x86_64", "x86_64-manylinux_2_28"),
        ("cp311-manylinux_2_99_x86_64", "x86_64-manylinux_2_40"),
        ("cp311-manylinux_2_17_s390x", "s390x-manylinux_2_17"),
        ("cp311-manylinux_2_31_riscv64", "riscv64-unknown-linux"),
        ("cp311-manylinux_2_5_x86_64", "x86_64-manylinux_2_17"),
        ("cp311-musllinux_1_2_x86_64", "x86_64-unknown-linux-musl"),
        ("cp312-macosx_14_0_arm64", "aarch64-apple-darwin"),
        ("cp312-macosx_11_0_universal2", "aarch64-apple-darwin"),
        ("cp312-win32", "i686-pc-windows-msvc"),
        ("cp312-win_amd64", "x86_64-pc-windows-msvc"),
        ("cp312-win_arm64", "aarch64-pc-windows-msvc"),
    ],
)
def test_a_tag_has_a_platform_of_uv(tag: str, name: str) -> None:
    """Between uv's floors the next higher one answers, so that no wheel is missed."""
    assert unknown_to_uv(parse_platform(tag)) is None
    assert uv_platform(parse_platform(tag)) == name


CPUS = ("x86_64", "aarch64", "i686", "armv7l", "ppc64le", "s390x", "riscv64")
TAGS = [
    *(f"cp311-{name}_{cpu}" for name in ("manylinux_2_17", "manylinux_2_30", "manylinux_2_40") for cpu in CPUS),
    *(f"cp311-musllinux_1_2_{cpu}" for cpu in CPUS),
    *("cp311-win_amd64", "cp311-win32", "cp311-win_arm64"),
    *(f"cp311-macosx_14_0_{cpu}" for cpu in ("arm64", "x86_64", "universal2")),
]


@pytest.mark.parametrize("tag", [tag for tag in TAGS if unknown_to_uv(parse_platform(tag)) is None])
def test_every_name_is_one_that_uv_takes(tag: str, tmp_path: Path) -> None:
    """The real uv is asked for nothing at all, on each platform of the grammar that it is said to know."""
    program = os.environ.get("UV_PROGRAM") or shutil.which("uv")
    if not program:
        pytest.skip("uv is given by Bazel: UV_PROGRAM")
    (tmp_path / "r.in").write_text("")
    words = ["pip", "compile", "r.in", "--offline", "--no-cache", "--python", sys.executable]
    words += ["--python-platform", uv_platform(parse_platform(tag))]
    done = subprocess.run([Path(program).absolute(), *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("tag", "what"),
    [
        ("cp313-cp313t-manylinux_2_28_x86_64", "uv cannot be asked for a free-threaded Python, as {} is"),
        ("cp311-manylinux_2_28_i686", "uv knows no platform for {}"),
        ("cp311-manylinux_2_31_armv7l", "uv knows no platform for {}"),
        ("cp311-musllinux_1_2_ppc64le", "uv knows no platform for {}"),
        ("cp311-musllinux_1_2_s390x", "uv knows no platform for {}"),
    ],
)
def test_a_tag_that_uv_does_not_know_is_refused_before_it_is_asked(tag: str, what: str, tmp_path: Path) -> None:
    """The tag and the resolver that takes it are named; uv is run for its version only."""
    program = tmp_path / "uv"
    program.write_text('#!/bin/sh\ntest "$1" = --version && echo uv 1.0\n')
    program.chmod(0o755)
    resolver = UvResolver(program, Index(alias="default", url="http://127.0.0.1:9/simple", cert=""), tmp_path)
    request = parse_request(["r.in"], [], read=lambda _: "a")
    with pytest.raises(Unresolvable) as error:
        resolver.resolve(Question(request=request, platform=parse_platform(tag), preferred={}))
    assert [fault.what for fault in error.value.faults] == [what.format(tag)]
    assert error.value.faults[0].where == f"platforms: {tag}"
    assert 'resolver = "pip-tools"' in error.value.faults[0].fix


def test_an_answer_is_read() -> None:
    """Names are normalised, the file name is that of the URL, escapes undone."""
    text = """
lock-version = "1.0"
[[packages]]
name = "Torch"
version = "2.0+cpu"
wheels = [{ url = "https://h.invalid/p/torch-2.0%2Bcpu-cp311-cp311-win_amd64.whl", hashes = { sha256 = "ab" } }]
[[packages]]
name = "only-sdist"
version = "1"
"""
    torch, sdist = parse_pylock(text)
    assert (torch.name, torch.candidates[0].file) == ("torch", "torch-2.0+cpu-cp311-cp311-win_amd64.whl")
    assert sdist.candidates == ()


def test_a_conflict_keeps_the_resolvers_words() -> None:
    """Labels and hints are gone, the explanation is there, and the files are named."""
    question = Question(
        request=parse_request(["envs/r.in"], [], read=lambda _: "a<2\na>3"),
        platform=parse_platform("cp311-win_amd64"),
        preferred={},
    )
    said = (
        "error: No solution found when resolving dependencies\n  cause: Because you require a<2 and a>3, no.\n\nhint: x"
    )
    fault = conflict(question, said)
    assert fault.what.endswith("No solution found when resolving dependencies\nBecause you require a<2 and a>3, no.")
    assert "cp311-win_amd64" in fault.what and fault.where == "envs/r.in"


def test_pins_are_exact() -> None:
    """`==1.0` would also take 1.0+cpu; a marker's comparison is none."""
    request = parse_request(["r.in"], [], read=lambda _: "a==1.0\nb===2\nc==3+cpu")
    question = Question(request=request, platform=parse_platform("cp311-win_amd64"), preferred={}, pinned=True)
    assert asked_text(question) == "a===1.0\nb===2\nc===3+cpu\n"
    assert asked_text(replace(question, pinned=False)) == "a==1.0\nb===2\nc==3+cpu\n"
    fault = conflict(question, "error: No solution found\n  cause: there is no version of a===1.0")
    assert fault.what.startswith("the index does not have what is pinned for cp311-win_amd64")


@pytest.mark.parametrize(
    ("cause", "what", "where"),
    [
        (
            "Because reqests was not found in the package registry and you require reqests, we can conclude",
            "the index has no distribution named reqests",
            "r.in:2",
        ),
        (
            "Because there is no version of numpy==99 and you require numpy==99, we",
            "there is no version numpy==99",
            "r.in:3",
        ),
    ],
)
def test_what_the_index_does_not_have_is_no_conflict(cause: str, what: str, where: str) -> None:
    """One line of the person's is wrong, and that one is named."""
    question = Question(
        request=parse_request(["r.in"], [], read=lambda _: "ok\nReqests\nnumpy==99"),
        platform=parse_platform("cp311-win_amd64"),
        preferred={},
    )
    fault = conflict(question, f"error: No solution found when resolving dependencies\n  cause: {cause}")
    assert (fault.what, fault.where) == (what, where)


def test_what_another_distribution_asks_for_in_vain_stays_a_conflict() -> None:
    """No line of the person's names it."""
    question = Question(
        request=parse_request(["r.in"], [], read=lambda _: "ok"),
        platform=parse_platform("cp311-win_amd64"),
        preferred={},
    )
    said = "error: No solution found\n  cause: Because gone was not found in the package registry and ok needs it"
    assert "cannot be satisfied together" in conflict(question, said).what


def test_the_seed_states_versions_only() -> None:
    """uv reads it as preferences."""
    assert '[[packages]]\nname = "a"\nversion = "1"\n' in seed_text({"a": "1"})
