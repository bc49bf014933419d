"""`wheels check`: writes the document that says that a wheel was read whole."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from python_env.base.documents import render_document, write_atomically
from python_env.wheels.check.examine import examine
from python_env.wheels.check.model import check_document


def main(argv: Sequence[str]) -> int:
    """Write the document that names the wheel, or nothing when a member is not what it is said to be."""
    parser = argparse.ArgumentParser(prog="python_env wheels check")
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    write_atomically(options.output, render_document(check_document(examine(options.wheel))))
    return 0
