"""The launch benchmark: what a job cost, and its tables."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path
from typing import Any

from bench_launch import Run, cells, costs, files_of, prices

from support.spark.forms import Form


def row(role: str, localized: str, start: float) -> dict[str, Any]:
    """Return what one process says of itself."""
    return {"role": role, "localized": localized, "start_seconds": start, "import_seconds": start / 10}


def ran(mode: str, hadoop: str, *, cold: bool, localisation: float) -> Run:
    """Return a run of the venv."""
    cell = {"form": "venv", "hadoop": hadoop, "mode": mode, "spark": "4.3.0"}
    return Run(**cell, cold=cold, job=20, localisation=localisation, start=0.5, imports=1)  # type: ignore[arg-type]


def test_a_job_costs_what_its_slowest_container_paid() -> None:
    """A worker of pandas is forked late and says nothing of a start; where Spark unpacks nobody counts."""
    rows = [row("executor", "9,0,1,0,1500", 2), row("driver", "9,0,1,0,9250", 3), row("pandas", "9,0,1,0,1500", 99)]
    assert costs(rows) == {"localisation": 9.25, "start": 3, "imports": 0.3}
    assert costs([row("executor", "", 2)])["localisation"] == 0


def test_the_first_job_on_a_node_is_told_apart_from_later_ones(tmp_path: Path) -> None:
    """Only jobs on YARN say what a NodeManager takes; two Hadoops give a median and a spread."""
    archive = tmp_path / "a.venv.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(__file__, "one")
    runs = [
        ran("yarn-cluster", "3.3.6", cold=True, localisation=80),
        ran("yarn-client", "3.3.6", cold=False, localisation=0.2),
        ran("yarn-cluster", "3.4.2", cold=True, localisation=100),
        ran("local-cluster", "", cold=True, localisation=0),
    ]
    last = prices(runs, {"venv": Form(archive, tmp_path)}).splitlines()[-1]
    assert last.startswith("| venv | 0 | 1 | 90.0 (80.0-100.0) | 0.2 | 0.5 (0.5-0.5) |")
    assert cells(runs).splitlines()[-1] == "| venv | local-cluster | 4.3.0 |  | 20.0 |  | 0.5 | 1.0 |"


def test_files_are_those_that_lie_on_the_node(tmp_path: Path) -> None:
    """A PEX stays one file, whatever is in it; a packed one is unpacked."""
    for name in ("a.pex", "a.pex.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("one", b"")
            archive.writestr("two", b"")
    assert [files_of(tmp_path / name) for name in ("a.pex", "a.pex.zip")] == [1, 2]
