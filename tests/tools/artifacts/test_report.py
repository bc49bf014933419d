"""The artifact's report: what is rendered is what is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from python_env.artifacts.largest import Largest
from python_env.artifacts.model import ArtifactKind, Container, InheritPath, Report, parse_report, render_report
from python_env.base.documents import sha256_hex

VENV = Report(
    kind=ArtifactKind.VENV,
    container=Container.TAR_GZ,
    name="small",
    env_id="e" * 64,
    parent="f" * 64,
    platform="cp311-manylinux_2_28_x86_64",
    python="3.11",
    distributions={"app": "1.0"},
    largest=(Largest(name="app", version="1.0", file="app-1.0-py3-none-any.whl", size=5),),
    warnings=("large",),
    file="small.venv.tar.gz",
    sha256="a" * 64,
    size=7,
    file_count=2,
    unpacked_size=11,
    python_path="bin/python",
)
PEX = replace(
    VENV,
    kind=ArtifactKind.PEX,
    container=Container.FILE,
    python_path="",
    entry_point="app:main",
    inherit_path=InheritPath.FALLBACK,
    venv_mode=True,
    hermetic_scripts=True,
    bundled_interpreter=True,
)


@pytest.mark.parametrize("report", [VENV, PEX], ids=["venv", "pex"])
def test_what_is_written_is_what_is_read(report: Report) -> None:
    """Every field comes back, and the digest is that of the bytes."""
    data = render_report(report)
    read = parse_report(data, where="small.json")
    assert read == report
    assert read.digest == sha256_hex(data)
