"""The matrix of the tools: every artifact of examples/hello and of difficult wheels, without Bazel's help."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from python_env.lock.document import parse_lock
from support.bazel import ROOT, Workspace
from support.determinism.commands import COLUMNS, FOLDERS, commands
from support.determinism.inputs import OTHER_TAG, TAG, make_inputs
from support.determinism.matrix import Matrix
from support.determinism.running import Job, run_matrix
from support.determinism.variations import MEMORY, is_writable, variations


def tools_matrix() -> Matrix:
    """Return the whole matrix; about a minute."""
    matrix = Matrix(COLUMNS)
    with public_folder() as folder:
        inputs = make_inputs(
            folder / "inputs",
            wheels=hello_wheels(folder / "hello"),
            lock=ROOT / "examples/hello/hello.lock.json",
            pex_wheel=pex_wheel(),
        )
        job = Job(commands=commands, inputs=inputs, program=ROOT / "tools/run.py", folders=FOLDERS)
        run_matrix(matrix, job, variations(folder), folder)
    return matrix


@contextmanager
def public_folder() -> Iterator[Path]:
    """Give a folder in memory, where there is some, that other users may read; pytest's are for one user."""
    folder = Path(tempfile.mkdtemp(prefix="determinism_", dir=MEMORY if is_writable(MEMORY) else None))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        subprocess.run(["chmod", "-R", "u+w", folder], check=True)
        shutil.rmtree(folder)


def hello_wheels(folder: Path) -> list[Path]:
    """Return the wheels of two platforms of examples/hello, out of the wheelhouse that Bazel makes."""
    Workspace(ROOT).bazel("build", "//examples/hello:hello_wheelhouse", "@python_env_tools_lock//exec:pex")
    where = "examples/hello/hello.lock.json"
    lock = parse_lock((ROOT / where).read_bytes(), where=where, fix="")
    assert lock
    names = {package.file for tag in (TAG, OTHER_TAG) for package in lock.sections[tag].packages}
    with zipfile.ZipFile(ROOT / "bazel-bin/examples/hello/hello.wheelhouse.zip") as house:
        return [Path(house.extract(f"wheels/{name}", folder)) for name in sorted(names)]


def pex_wheel() -> Path:
    """Return the wheel of pex that the rules take their bootstrap from."""
    base = Workspace(ROOT).bazel("info", "output_base").stdout.splitlines()[-1]
    return next(Path(base, "external").glob("*whl_pex_*/pex-*.whl"))
