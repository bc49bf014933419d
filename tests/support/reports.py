"""Reports of artifacts, as tests of every stage have them: change what matters by `replace`."""

from __future__ import annotations

from dataclasses import replace

from python_env.artifacts.model import ArtifactKind, Container, InheritPath, Report

PLATFORM = "cp311-manylinux_2_28_x86_64"
VENV = Report(
    kind=ArtifactKind.VENV,
    container=Container.TAR_GZ,
    name="a",
    env_id="e",
    parent="f",
    platform=PLATFORM,
    python="3.11",
    distributions={"numpy": "2.0"},
    file="a.venv.tar.gz",
    sha256="a",
    size=7,
    file_count=1,
    unpacked_size=7,
    python_path="bin/python",
)
PEX = replace(
    VENV,
    kind=ArtifactKind.PEX,
    container=Container.FILE,
    file="a.pex",
    python_path="",
    inherit_path=InheritPath.FALLBACK,
    venv_mode=True,
)
PACKED = replace(PEX, container=Container.ZIP, file="a.pex.zip", python_path="__main__.py")
REPORTS = {"pex": PEX, "venv": VENV, "packed": PACKED}
