"""The artifact's report: what is rendered is what is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from python_env.artifacts.largest import Largest
from python_env.artifacts.model import Report, parse_report, render_report
from python_env.base.documents import sha256_hex
from support import reports

LARGEST = Largest(name="app", version="1.0", file="app-1.0-py3-none-any.whl", size=5)
VENV = replace(reports.VENV, largest=(LARGEST,), warnings=("large",), file_count=2, unpacked_size=11)
PEX = replace(reports.PEX, entry_point="app:main", hermetic_scripts=True, bundled_interpreter=True)


@pytest.mark.parametrize("report", [VENV, PEX], ids=["venv", "pex"])
def test_what_is_written_is_what_is_read(report: Report) -> None:
    """Every field comes back, and the digest is that of the bytes."""
    data = render_report(report)
    read = parse_report(data, where="small.json")
    assert read == report
    assert read.digest == sha256_hex(data)
