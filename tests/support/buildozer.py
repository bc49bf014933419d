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


def buildozer() -> Path:
    """Return the program; the test is skipped without one (npm install @bazel/buildozer)."""
    program = os.environ.get("BUILDOZER") or shutil.which("buildozer")
    if not program or not Path(program).exists():
        pytest.skip("no buildozer: BUILDOZER or PATH")
    return Path(program).resolve()


def buildozer_module(folder: Path, program: Path) -> str:
    """Write the stand-in and return the option that names it; every `bazel mod` wants its extension."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "MODULE.bazel").write_text('module(name = "buildozer")\n')
    (folder / "BUILD").write_text("")
    (folder / "buildozer_binary.bzl").write_text(_EXTENSION.format(program=str(program)))
    return f"--override_module=buildozer={folder}"
