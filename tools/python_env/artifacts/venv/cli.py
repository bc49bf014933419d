"""`artifacts venv`: writes `<env>.venv.tar.gz`, `<env>.venv.zip` or the folder `<env>.venv`, and its report."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from python_env.artifacts.cli_inputs import add_options, open_wheels, read_sources, selected_env, settled, wheel_paths
from python_env.artifacts.contradictions import lock_warnings
from python_env.artifacts.identity import identity_document
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.plan import PlannedFile, plan_install
from python_env.artifacts.locked_bytes import comparing
from python_env.artifacts.model import ArtifactKind, Container, Contents, make_report, render_report
from python_env.artifacts.venv.bundle import Bundle, open_bundle
from python_env.artifacts.venv.compiled import (
    add_compiled_options,
    compiled_bundle,
    compiled_sources,
    compiled_wheels,
    not_compiled,
    read_compiled,
)
from python_env.artifacts.venv.containers import Written, write_container
from python_env.artifacts.venv.windows import windows_warnings
from python_env.base.arguments import Parser
from python_env.base.documents import render_document, write_atomically
from python_env.base.param_file import read_words
from python_env.env.model import Env

_PYVENV_CFG = "include-system-site-packages = false\nversion = {python}\n"
"""Without `home`: CPython then takes the folder that it was started from as sys.prefix, wherever that lies."""

_FORMATS = tuple(container for container in Container if container is not Container.FILE)


def own_files(env: Env, layout: Layout) -> tuple[PlannedFile, ...]:
    """Return the files that no wheel brings: what finds an interpreter, pyvenv.cfg and the environment's identity."""
    cfg = _PYVENV_CFG.format(python=env.platform.python_version).encode()
    identity = render_document(identity_document(env))
    files = [PlannedFile(path=path, owner="", executable=True, data=data) for path, data in layout.interpreter_files()]
    files.append(PlannedFile(path="pyvenv.cfg", owner="", data=cfg))
    files.append(PlannedFile(path="python_env.json", owner="", data=identity))
    return tuple(files)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python_env artifacts venv", allow_abbrev=False)
    add_options(parser)
    parser.add_argument("--interpreter", type=Path, help="zip of the interpreter that lies inside")
    parser.add_argument("--interpreter-document", type=Path)
    add_compiled_options(parser)
    parser.add_argument("--format", choices=list(_FORMATS), type=Container, default=Container.TAR_GZ)
    return parser.parse_args(read_words(argv))


def _report(
    env: Env, written: Written, options: argparse.Namespace, *, bundle: Bundle | None, warnings: Sequence[str]
) -> bytes:
    report = make_report(
        env,
        Contents(files=written.files, unpacked_size=written.unpacked_size),
        kind=ArtifactKind.VENV,
        container=options.format,
        file=options.output.name,
        sha256=written.sha256,
        size=written.size,
    )
    if bundle:
        inner = bundle.interpreter
        report = dataclasses.replace(
            report, bundled_interpreter=True, interpreter=inner.version, node_libraries=inner.node_libraries
        )
    python_path = Layout.of(env.platform).python_path
    return render_report(dataclasses.replace(report, python_path=python_path, warnings=(*report.warnings, *warnings)))


def main(argv: Sequence[str]) -> int:
    """Write the artifact that the arguments describe, or nothing."""
    options = _parse(argv)
    env = selected_env(options)
    compiled = read_compiled(options, env)
    bundle = open_bundle(options.interpreter, options.interpreter_document, env) if options.interpreter else None
    bundle = compiled_bundle(bundle, compiled, Layout.of(env.platform))
    layout = dataclasses.replace(Layout.of(env.platform), bundled=bundle.paths if bundle else frozenset())
    sources = read_sources(options.source, options.source_path)
    paths = wheel_paths(env.name, env.wheels, [*options.wheel, *options.additional])
    with comparing(env.name, env.wheels, paths):
        wheels = settled(open_wheels(env, paths, options.check), options, env)
        installed = compiled_sources(plan_install(compiled_wheels(wheels, compiled), sources, layout), compiled, layout)
    files = (*own_files(env, layout), *(bundle.files if bundle else ()), *installed)
    links = {**(bundle.interpreter.links if bundle else {}), **layout.interpreter_links()}
    written = write_container(options.format, options.output, files, links)
    warnings = (*lock_warnings(env, wheels), *not_compiled(files, compiled, layout), *windows_warnings(files, layout))
    write_atomically(options.report, _report(env, written, options, bundle=bundle, warnings=warnings))
    return 0
