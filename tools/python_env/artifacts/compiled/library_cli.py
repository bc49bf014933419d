"""`artifacts library`: the standard library of the interpreter that runs this, compiled, as one importable zip."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from python_env.artifacts.compiled.codes import compile_source
from python_env.base.archive import FILE_MODE
from python_env.base.archive.output import open_output
from python_env.base.archive.zip_write import ZipWriter
from python_env.base.arguments import Parser
from python_env.base.param_file import read_words


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python_env artifacts library", allow_abbrev=False)
    parser.add_argument(
        "--root", required=True, help="end of the folder's path that holds the library, e.g. lib/python3.11"
    )
    parser.add_argument("--file", type=Path, action="append", default=[], help="a file of the library")
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args(read_words(argv))


def modules(root: str, files: Sequence[Path]) -> Mapping[str, Path]:
    """Return the library's sources by their paths below its folder, sorted."""
    named = {path.as_posix().partition(f"/{root}/")[2]: path for path in files if path.suffix == ".py"}
    return dict(sorted(named.items()))


def main(argv: Sequence[str]) -> int:
    """Write the zip; modules lie in it as `.pyc` without a source, stored, so that importing them inflates nothing."""
    options = _parse(argv)
    with open_output(options.output, mode=FILE_MODE) as output:
        archive = ZipWriter(output)
        for name, path in modules(options.root, options.file).items():
            code = compile_source(path.read_bytes(), name)
            if code is not None:
                archive.add_bytes(f"{name}c", code)
        archive.finish()
    return 0
