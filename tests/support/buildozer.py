"""buildozer for `bazel mod tidy`, which takes it from module buildozer: a stand-in is that without a download."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

_EXTENSION = """\
def _binary_repo_impl(rctx):
    rctx.symlink({program!r}, "buildozer.exe")
    rctx.file("BUILD", 'exports_files(["buildozer.exe"])')

_binary_repo = repository_rule(implementation = _binary_repo_impl)

def _buildozer_binary_impl(_mctx):
    _binary_repo(name = "buildozer_binary")

buildozer_binary = module_extension(implementation = _buildozer_binary_impl)
"""


def buildozer_module(folder: Path) -> str:
    """Write the stand-in and return the option that names it; the test is skipped without buildozer (npm)."""
    program = os.environ.get("BUILDOZER") or shutil.which("buildozer")
    if not program or not Path(program).exists():
        pytest.skip("no buildozer: BUILDOZER or PATH")
    folder.mkdir(parents=True)
    (folder / "MODULE.bazel").write_text('module(name = "buildozer")\n')
    (folder / "BUILD").write_text("")
    (folder / "buildozer_binary.bzl").write_text(_EXTENSION.format(program=str(Path(program).resolve())))
    return f"--override_module=buildozer={folder}"
