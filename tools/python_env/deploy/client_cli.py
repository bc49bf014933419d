"""`deploy client`: unpacks the clients' wheels in an action; Python imports no compiled module out of a zip.

They are imported, not installed: what a wheel has below `<name>.data/` (scripts, headers) stays there. Nothing is
written outside the folder, whatever the names in a wheel: zipfile drops roots and `..` of them
(https://docs.python.org/3/library/zipfile.html#zipfile.ZipFile.extract). Their Python is run by who deploys, so that a
wheel that a user names by `clients` is trusted as its lock is.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from python_env.base.arguments import Parser


def main(argv: Sequence[str]) -> int:
    """Unpack the wheels into one folder; their bytes were compared with the lock when they were fetched."""
    parser = Parser(prog="python_env deploy client")
    parser.add_argument("--wheel", type=Path, action="append", required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    for path in options.wheel:
        with zipfile.ZipFile(path) as wheel:
            wheel.extractall(options.output)
    return 0
