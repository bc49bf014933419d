"""Reports of artifacts, as the launcher's tests have them."""

from __future__ import annotations

from dataclasses import replace

from python_env.artifacts.model import ArtifactKind, Container, InheritPath, Report

VENV = Report(
    kind=ArtifactKind.VENV,
    container=Container.TAR_GZ,
    name="a",
    env_id="e",
    parent="f",
    platform="cp311-manylinux_2_28_x86_64",
    python="3.11",
    distributions={"numpy": "2.0"},
    file="a.venv.tar.gz",
    sha256="a",
    size=7,
    file_count=1,
    unpacked_size=7,
    python_path="bin/python",
)
REPORTS = {
    "pex": replace(
        VENV,
        kind=ArtifactKind.PEX,
        container=Container.FILE,
        file="a.pex",
        python_path="",
        inherit_path=InheritPath.FALLBACK,
        venv_mode=True,
    ),
    "venv": VENV,
}
REPORTS["packed"] = replace(REPORTS["pex"], container=Container.ZIP, file="a.pex.zip", python_path="__main__.py")
