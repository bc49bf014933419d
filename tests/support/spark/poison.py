"""PATHs whose Pythons fail loudly: a job that still runs on them used none of the node's."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from support.spark import probe

_PROGRAM = "#!/bin/sh\necho 'poisoned: a Python of the node was used' >&2\nexit 97\n"


def poison(folder: Path, names: Iterable[str] = ("python", "python3")) -> Path:
    """Put programs that fail into a folder, and return it."""
    folder.chmod(0o755)  # containers of other users look into it
    for name in names:
        (folder / name).write_text(_PROGRAM)
        (folder / name).chmod(0o755)
    return folder


def without_pythons(folder: Path) -> str:
    """Return a PATH with the programs of this machine, but for its Pythons, each of which fails."""
    for program in (*Path("/usr/bin").iterdir(), *Path("/bin").iterdir()):
        if not program.name.startswith(("python", "pypy")) and not (folder / program.name).exists():
            (folder / program.name).symlink_to(program)
    poison(folder, probe.PYTHONS)
    assert shutil.which("python3.11", path=str(folder)) == str(folder / "python3.11")
    return str(folder)


def path_of_containers(path: str) -> dict[str, str]:
    """Return the properties that set PATH of executors, and of a driver on the cluster."""
    return {f"{key}.PATH": path for key in ("spark.executorEnv", "spark.yarn.appMasterEnv")}
