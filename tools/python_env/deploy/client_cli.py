"""`deploy client`: unpacks a client's wheel in an action; Python imports no compiled module out of a zip."""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str]) -> int:
    """Unpack the wheel; its bytes were compared with the lock when it was fetched."""
    parser = argparse.ArgumentParser(prog="python_env deploy client")
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    with zipfile.ZipFile(options.wheel) as wheel:
        wheel.extractall(options.output)
    return 0
