"""`wheels check`: reads every byte of one wheel, once, so that artifacts may copy them unread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from python_env.base.archive.content import file_sha256
from python_env.base.archive.zip_read import ZipSource
from python_env.base.arguments import Parser
from python_env.base.documents import render_document, write_atomically
from python_env.base.errors import ToolError
from python_env.base.wheel_content import check_wheel
from python_env.base.wheel_metadata import requires_python
from python_env.wheels.check.model import Check, check_document

UNFETCHED = "not fetched: --repo_env=PYTHON_ENV_FETCH=no\n"
"""What a repository has in the place of its file where nothing is fetched (rules/private/base/unfetched.bzl)."""


def _refuse_stand_in(path: Path) -> None:
    if path.stat().st_size == len(UNFETCHED) and path.read_bytes() == UNFETCHED.encode():
        raise ToolError.one(
            f"{path.name} was not fetched, as PYTHON_ENV_FETCH=no asks",
            where=path.name,
            fix="build without --repo_env=PYTHON_ENV_FETCH=no, which serves cquery and aquery",
        )


def main(argv: Sequence[str]) -> int:
    """Write the document that names the wheel, or nothing when a member is not what it is said to be."""
    parser = Parser(prog="python_env wheels check")
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    _refuse_stand_in(options.wheel)
    source = ZipSource(options.wheel)
    check_wheel(source)
    check = Check(sha256=file_sha256(options.wheel), requires_python=requires_python(source))
    write_atomically(options.output, render_document(check_document(check)))
    return 0
