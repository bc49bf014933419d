"""Which wheel uv and pip-tools get on each kind of platform tag, from an index that has one for each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.index_server import IndexServer
from support.index_workspace import Workspace

Update = Callable[..., int]

FITTING = {
    "cp311-musllinux_1_1_x86_64": "cp311-cp311-musllinux_1_1_x86_64",
    "cp310-macosx_11_0_universal2": "cp310-cp310-macosx_10_9_universal2",
    "cp312-macosx_14_0_arm64": "cp312-cp312-macosx_12_0_arm64",
    "cp312-macosx_14_0_x86_64": "cp312-cp312-macosx_10_13_x86_64",
    "cp312-win_arm64": "cp312-cp312-win_arm64",
    "cp312-win32": "cp312-cp312-win32",
    "cp312-manylinux_2_28_x86_64": "cp38-abi3-manylinux_2_28_x86_64",
    "cp39-manylinux2014_aarch64": "cp39-cp39-manylinux2014_aarch64",
    "cp311-manylinux_2_20_s390x": "cp311-cp311-manylinux_2_20_s390x",
    "cp311-manylinux_2_30_x86_64": "cp311-cp311-manylinux_2_29_x86_64",
    "cp313-manylinux_2_31_riscv64": "cp313-cp313-manylinux_2_31_riscv64",
}
"""By platform tag, the wheel tag that fits best, of those of the index."""

UNKNOWN_TO_UV = {
    "cp313-cp313t-manylinux_2_28_x86_64": "cp313-cp313t-manylinux_2_28_x86_64",
    "cp311-manylinux_2_17_i686": "cp311-cp311-manylinux_2_17_i686",
    "cp312-musllinux_1_2_armv7l": "cp312-cp312-musllinux_1_2_armv7l",
}

ABOVE = (
    "cp311-cp311-musllinux_1_2_x86_64",
    "cp310-cp310-macosx_11_0_arm64",
    "cp311-cp311-manylinux_2_28_s390x",
    "cp311-cp311-manylinux_2_31_x86_64",
    "cp313-cp313-manylinux_2_39_riscv64",
    "cp313-cp313-manylinux_2_28_x86_64",
)
"""What the newer versions have: it fits none of the platforms, but what uv is told of them (or a GIL build)."""


def _serve(workspace: Workspace, server: IndexServer) -> None:
    """Have ten versions that fit nowhere, and before them one that fits everywhere."""
    fitting = [workspace.wheel("n", "1.0", tag=tag) for tag in (FITTING | UNKNOWN_TO_UV).values()]
    above = [workspace.wheel("n", f"{version}.0", tag=tag) for version in range(2, 12) for tag in ABOVE]
    server.has("n", *fitting, *above)


@pytest.mark.parametrize(("resolver", "alias"), [("uv", "default"), ("uv", "inner"), ("pip-tools", "inner")])
def test_every_platform_gets_the_wheel_that_fits(
    workspace: Workspace, server: IndexServer, update: Update, resolver: str, alias: str
) -> None:
    """However many newer versions fit only nearly; what uv cannot be told, pip-tools locks."""
    _serve(workspace, server)
    wanted = FITTING if resolver == "uv" else FITTING | UNKNOWN_TO_UV
    assert update("n\n", alias, resolver, platforms=tuple(wanted)) == 0
    locked = {tag: [package.file for package in section.packages] for tag, section in workspace.lock().sections.items()}
    assert locked == {tag: [f"n-1.0-{wheel}.whl"] for tag, wheel in wanted.items()}


def test_tags_that_uv_does_not_know_are_told_at_once(
    workspace: Workspace, server: IndexServer, update: Update, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with the resolver that takes it, and no lock is written."""
    _serve(workspace, server)
    assert update("n\n", "default", "uv", platforms=("cp312-win_arm64", *UNKNOWN_TO_UV)) == 2
    said = capsys.readouterr().err
    assert all(tag in said for tag in UNKNOWN_TO_UV) and "win_arm64" not in said
    assert 'fix:   lock with resolver = "pip-tools"' in said and not workspace.written


@pytest.mark.parametrize("alias", ["default", "inner"])
def test_what_fits_in_no_version_is_told(
    workspace: Workspace, server: IndexServer, update: Update, capsys: pytest.CaptureFixture[str], alias: str
) -> None:
    """The distribution and the platform are named, when the rounds have refused all that uv would take."""
    server.has("n", *(workspace.wheel("n", f"{version}.0", tag=ABOVE[0]) for version in range(2, 12)))
    assert update("n\n", alias, "uv", platforms=("cp311-musllinux_1_1_x86_64",)) == 2
    said = capsys.readouterr().err
    assert "error: no wheel of n 11.0 fits cp311-musllinux_1_1_x86_64" in said and not workspace.written
    assert "more lines)" in said and len(said.splitlines()) < 30
