"""`deploy client`: unpacks the clients' wheels in an action; Python imports no compiled module out of a zip.

They are imported, not installed: what a wheel has below `<name>.data/` (scripts, headers) stays there. Nothing is
written outside the folder, whatever the names in a wheel: zipfile drops roots and `..` of them
(https://docs.python.org/3/library/zipfile.html#zipfile.ZipFile.extract). Their Python is run by who deploys, so that a
wheel that a user names by `clients` is trusted as its lock is.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from python_env.base.arguments import Parser
from python_env.base.errors import Fault, ToolError


def main(argv: Sequence[str]) -> int:
    """Unpack the wheels into one folder; their bytes were compared with the lock when they were fetched."""
    parser = Parser(prog="python_env deploy client")
    parser.add_argument("--wheel", type=Path, action="append", required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    faults = [fault for path in options.wheel if (fault := _unpack(path, options.output))]
    if faults:
        raise ToolError(faults)
    return 0


def _unpack(path: Path, output: Path) -> Fault | None:
    try:
        with zipfile.ZipFile(path) as wheel:
            wheel.extractall(output)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        what = f"the client's wheel cannot be unpacked: {error}"
        return Fault(what, str(path), "name a wheel that is there and whole: --wheel, `clients` of python_env_deploy")
    return None
