"""`artifacts venv`: writes `<env>.venv.tar.gz` and its report."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence

from python_env.artifacts.cli_inputs import add_options, read_env, read_sources, read_wheels, settled
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.plan import PlannedFile, plan_install
from python_env.artifacts.model import ArtifactKind, Container, Contents, identity_document, make_report, render_report
from python_env.base.archive import FILE_MODE
from python_env.base.archive.output import open_output
from python_env.base.archive.tar_gzip import TarGzipWriter
from python_env.base.archive.zip_read import DEFLATED
from python_env.base.param_file import read_words
from python_env.base.documents import render_document, write_atomically
from python_env.env.model import Env

_PYVENV_CFG = "include-system-site-packages = false\nversion = {python}\n"
"""Without `home`: CPython then takes the folder that it was started from as sys.prefix, wherever that lies."""


def own_files(env: Env, layout: Layout) -> tuple[PlannedFile, ...]:
    """Return the files that no wheel brings: the interpreter, pyvenv.cfg and the environment's identity."""
    cfg = _PYVENV_CFG.format(python=env.platform.python_version).encode()
    identity = render_document(identity_document(env))
    files = [PlannedFile(path=path, owner="", executable=True, data=data) for path, data in layout.interpreter_files()]
    files.append(PlannedFile(path="pyvenv.cfg", owner="", data=cfg))
    files.append(PlannedFile(path="python_env.json", owner="", data=identity))
    return tuple(files)


def write_venv(files: Sequence[PlannedFile], links: dict[str, str], tar: TarGzipWriter) -> str:
    """Write the tree and return the archive's sha256 (hex)."""
    for path, target in sorted(links.items()):
        tar.add_link(path, target)
    for file in files:
        if file.source is None or file.entry is None:
            tar.add_bytes(file.path, file.data, executable=file.executable)
            continue
        entry = file.entry
        add = tar.add_deflated if entry.method == DEFLATED else tar.add_stored
        add(file.path, file.source.raw(entry), crc=entry.crc, size=entry.size, executable=file.executable)
    return tar.finish()


def main(argv: Sequence[str]) -> int:
    """Write the artifact that the arguments describe, or nothing."""
    parser = argparse.ArgumentParser(prog="python_env artifacts venv", allow_abbrev=False)
    add_options(parser)
    options = parser.parse_args(read_words(argv))
    env = read_env(options.env)
    layout = Layout.of(env.platform)
    sources = read_sources(options.source, options.source_path)
    wheels = settled(read_wheels(env, options.wheel, options.check), options, env)
    installed = plan_install(wheels, sources, layout)
    files = (*own_files(env, layout), *installed)
    with open_output(options.output, mode=FILE_MODE) as output:
        digest = write_venv(files, layout.interpreter_links(), TarGzipWriter(output))
        size = output.tell()
    contents = Contents(files=len(files), unpacked_size=sum(file.size for file in files))
    report = make_report(
        env,
        contents,
        kind=ArtifactKind.VENV,
        container=Container.TAR_GZ,
        file=options.output.name,
        sha256=digest,
        size=size,
    )
    write_atomically(options.report, render_report(dataclasses.replace(report, python_path=layout.python_path)))
    return 0
