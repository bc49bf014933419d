"""`artifacts code`: writes `<env>.code.tar.gz`, the first-party files of an environment, and its report."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from python_env.artifacts.cli_inputs import read_env, read_sources
from python_env.artifacts.code.hidden import check_code
from python_env.artifacts.code.model import Imports, parse_imports
from python_env.artifacts.identity import Layer, identity_document
from python_env.artifacts.model import (
    ArtifactKind,
    Container,
    Contents,
    make_report,
    render_report,
)
from python_env.base.archive import FILE_MODE
from python_env.base.archive.output import open_output
from python_env.base.archive.tar_gzip import TarGzipWriter
from python_env.base.arguments import Parser
from python_env.base.documents import render_document, write_atomically
from python_env.base.errors import ToolError
from python_env.base.param_file import read_words
from python_env.env.model import Env


def write_tarball(path: Path, files: Mapping[str, bytes]) -> tuple[str, int]:
    """Write the files, sorted by path, and return the archive's sha256 (hex) and its size in bytes."""
    with open_output(path, mode=FILE_MODE) as output:
        tar = TarGzipWriter(output)
        for name, data in sorted(files.items()):
            tar.add_bytes(name, data)
        return tar.finish(), output.tell()


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python_env artifacts code", allow_abbrev=False)
    parser.add_argument("--env", type=Path, required=True)
    parser.add_argument("--imports", type=Path, required=True, help="what the environment's wheels are imported by")
    parser.add_argument("--source", action="append", default=[], metavar="DESTINATION")
    parser.add_argument("--source-path", type=Path, action="append", default=[], metavar="PATH")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    return parser.parse_args(read_words(argv))


def _check_same_env(env: Env, imports: Imports, where: str) -> None:
    if imports.parent != env.digest:
        raise ToolError.one(
            "the document of import names is of another environment",
            where=where,
            fix="build the code again; both are written from one closure",
        )


def main(argv: Sequence[str]) -> int:
    """Write the archive that the arguments describe, or nothing."""
    options = _parse(argv)
    env = read_env(options.env)
    imports = parse_imports(options.imports.read_bytes(), where=options.imports.name)
    _check_same_env(env, imports, options.imports.name)
    sources = read_sources(options.source, options.source_path)
    check_code(sources, imports.units, env.platform)
    files = {source.destination: source.data for source in sources}
    files["python_env.json"] = render_document(identity_document(env, Layer.CODE))
    digest, size = write_tarball(options.output, files)
    report = make_report(
        env,
        Contents(files=len(files), unpacked_size=sum(map(len, files.values()))),
        kind=ArtifactKind.CODE,
        container=Container.TAR_GZ,
        file=options.output.name,
        sha256=digest,
        size=size,
    )
    write_atomically(options.report, render_report(dataclasses.replace(report, distributions={}, largest=())))
    return 0
