"""Does native code that was built here fit the target?"""

from __future__ import annotations

import pytest

from python_env.base.platforms import parse_platform
from python_env.wheels.build.native import Host, glibc_fault, host_fault, is_pure, libc_fault, tag_fault

HERE = Host(system="linux", machine="x86_64", python=(3, 11))
LINUX = parse_platform("cp311-manylinux_2_28_x86_64")


@pytest.mark.parametrize(
    ("host", "tag", "reason"),
    [
        (HERE, "cp311-manylinux_2_28_x86_64", ""),
        (HERE, "cp311-manylinux_2_28_aarch64", "it was built for linux x86_64"),
        (HERE, "cp311-macosx_14_0_x86_64", "it was built for linux x86_64"),
        (HERE, "cp312-manylinux_2_28_x86_64", "it was built by CPython 3.11"),
        (Host(system="darwin", machine="arm64", python=(3, 11)), "cp311-macosx_14_0_arm64", ""),
        (Host(system="darwin", machine="arm64", python=(3, 11)), "cp311-macosx_14_0_universal2", ""),
        (Host(system="win32", machine="AMD64", python=(3, 11)), "cp311-win_amd64", ""),
        (Host(system="win32", machine="AMD64", python=(3, 11)), "cp311-win_arm64", "it was built for win32 AMD64"),
    ],
)
def test_only_a_host_like_the_target_builds_for_it(host: Host, tag: str, reason: str) -> None:
    """System, processor and Python must be the target's."""
    assert host_fault(host, parse_platform(tag)) == reason


def test_the_host_in_words() -> None:
    """For messages."""
    assert HERE.words == "CPython 3.11 on linux x86_64"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", ""),
        (b"\0GLIBC_2.2.5\0GLIBC_2.28\0", ""),
        (b"\0GLIBC_2.9\0GLIBC_2.34\0", "x.so needs glibc 2.34"),
        (b"\0GLIBC_PRIVATE\0GLIBCXX_3.4.30\0", ""),
        (b"\0GLIBC_2.4\0GLIBC_ABI_DT_RELR\0", "x.so needs glibc 2.36"),
    ],
)
def test_the_newest_symbol_decides_the_glibc(data: bytes, reason: str) -> None:
    """Versions are compared as numbers; what is no version of glibc's counts for nothing."""
    assert glibc_fault({"x.so": data}, LINUX) == reason


def test_the_first_library_that_does_not_fit_is_named() -> None:
    """Sorted, so that the message is the same everywhere."""
    libraries = {"b.so": b"GLIBC_2.35", "a.so": b"GLIBC_2.30", "0.so": b"GLIBC_2.17"}
    assert glibc_fault(libraries, LINUX) == "a.so needs glibc 2.30"
    assert glibc_fault(libraries, parse_platform("cp311-win_amd64")) == ""


def test_the_other_libc_is_refused() -> None:
    """A library of glibc is none of musl, nor the other way round."""
    musl = parse_platform("cp311-musllinux_1_2_x86_64")
    assert libc_fault({"x.so": b"\0libc.so.6\0GLIBC_2.4"}, musl) == "x.so needs glibc"
    assert libc_fault({"x.so": b"\0libc.musl-x86_64.so.1\0"}, LINUX) == "x.so needs musl"
    assert libc_fault({"x.so": b"\0libc.musl-x86_64.so.1\0"}, musl) == ""
    assert libc_fault({"x.so": b"\0libc.so.6\0GLIBC_2.34"}, LINUX) == "x.so needs glibc 2.34"


@pytest.mark.parametrize(
    ("built", "tag", "reason"),
    [
        ("cp311-cp311-linux_x86_64", "cp311-manylinux_2_28_x86_64", ""),
        ("cp38-abi3-linux_x86_64", "cp311-manylinux_2_28_x86_64", ""),
        ("py3-none-linux_x86_64", "cp311-manylinux_2_28_x86_64", ""),
        ("cp313-cp313-linux_x86_64", "cp313-cp313t-manylinux_2_28_x86_64", "it was built for the ABI cp313"),
        ("cp313-cp313t-linux_x86_64", "cp313-manylinux_2_28_x86_64", "it was built for the ABI cp313t"),
        ("cp311-cp311-macosx_11_0_arm64", "cp311-macosx_14_0_arm64", ""),
        ("cp311-cp311-macosx_14_0_arm64", "cp311-macosx_11_0_arm64", "it was built for macosx_14_0_arm64"),
    ],
)
def test_the_backends_own_tag_must_fit(built: str, tag: str, reason: str) -> None:
    """The ABI (with or without the lock of free-threaded builds), and the macOS that it was built for."""
    assert tag_fault([built], parse_platform(tag)) == reason


def test_pure_is_what_fits_any_platform() -> None:
    """All tags, not one of them."""
    assert is_pure(["py2-none-any", "py3-none-any"])
    assert not is_pure(["py3-none-any", "cp311-cp311-linux_x86_64"])
    assert not is_pure(["py3-none-linux_x86_64"])
