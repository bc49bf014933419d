"""`artifacts pex`: writes `<env>.pex` or `<env>.pex.zip`, and its report."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from python_env.artifacts.cli_inputs import add_options, open_wheels, read_sources, selected_env, settled, wheel_paths
from python_env.artifacts.contradictions import lock_warnings
from python_env.artifacts.identity import identity_document
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.names import folded
from python_env.artifacts.install.plan import PlannedFile, plan_install
from python_env.artifacts.install.wheel import WheelFile
from python_env.artifacts.locked_bytes import comparing
from python_env.artifacts.model import (
    OUR_FILES,
    ArtifactKind,
    Container,
    Contents,
    Report,
    Source,
    make_report,
    render_report,
)
from python_env.artifacts.pex.bootstrap import Bootstrap, open_bootstrap
from python_env.artifacts.pex.entry import check_entry_module
from python_env.artifacts.pex.entry_script import resolve_script
from python_env.artifacts.pex.info import code_hash, pex_info, render_info, render_main
from python_env.artifacts.pex.installed import InstalledTree, plan_tree
from python_env.artifacts.pex.interpreters import interpreter_constraints
from python_env.artifacts.pex.limits import check_size, render_warning
from python_env.artifacts.pex.options import PexLayout, PexOptions, parse_options
from python_env.artifacts.pex.resolving import excluded, overridden, root_requirements
from python_env.artifacts.pex.sh_boot import render_sh_boot
from python_env.artifacts.pex.write import Pex
from python_env.base.archive import EXECUTABLE_MODE, FILE_MODE
from python_env.base.archive.output import open_output
from python_env.base.arguments import Parser
from python_env.base.documents import render_document, write_atomically
from python_env.base.errors import Fault, ToolError
from python_env.base.param_file import read_words
from python_env.env.model import Env

_RESERVED = ("PEX-INFO", "PEX-LAYOUT", "__main__.py", "pex")
_RESERVED_STARTS = (".bootstrap", ".deps", "__pex__")
"""pex takes every root name that begins so for its own, in a zipapp."""


def check_sources(env: Env, sources: Sequence[Source]) -> None:
    """Raise ToolError for every first-party file that stands where a part of the PEX does, or that pex passes over."""
    reserved = {folded(name, env.platform.os) for name in (*_RESERVED, *OUR_FILES)}
    roots = {source.destination: folded(source.destination.split("/")[0], env.platform.os) for source in sources}
    taken = [
        source
        for source in sources
        if roots[source.destination] in reserved or roots[source.destination].startswith(_RESERVED_STARTS)
    ]
    if taken:
        what = "first-party file {} would overwrite a part of the PEX"
        raise ToolError(
            Fault(what.format(source.destination), str(source.path), "rename or move the file") for source in taken
        )


def _code(env: Env, sources: Sequence[Source]) -> list[tuple[str, bytes]]:
    identity = render_document(identity_document(env))
    return sorted([("python_env.json", identity), *((s.destination, s.data) for s in sources)])


def _distributions(wheels: Sequence[WheelFile], trees: Sequence[InstalledTree]) -> dict[str, str]:
    if trees:
        return {tree.name: tree.key for tree in trees}
    return {wheel.wheel.file: wheel.wheel.sha256 for wheel in wheels}


def _info(
    env: Env, options: PexOptions, code: Sequence[tuple[str, bytes]], *, bootstrap: Bootstrap, inside: dict[str, str]
) -> dict[str, Any]:
    return pex_info(
        options,
        bootstrap_hash=bootstrap.digest,
        code=code_hash(code),
        constraints=interpreter_constraints(options.interpreter_constraints, env.platform, where=f"{env.name}_pex"),
        distributions=inside,
        pex_version=bootstrap.version,
        requirements=root_requirements(env),
        excluded=excluded(env),
        overridden=overridden(env),
    )


def plan_pex(
    env: Env, options: PexOptions, *, bootstrap: Bootstrap, wheels: Sequence[WheelFile], code: list[tuple[str, bytes]]
) -> Pex:
    """Return all parts of the PEX; raises ToolError for constraints that do not admit the platform's Python."""
    trees = [plan_tree(wheel) for wheel in wheels] if options.pre_installed else []
    info = _info(env, options, code, bootstrap=bootstrap, inside=_distributions(wheels, trees))
    pex_hash = info["pex_hash"]
    python = f"python{env.platform.python_version}"
    return Pex(
        layout=options.layout,
        shebang="#!/bin/sh" if options.sh_boot else f"#!/usr/bin/env {python}",
        head=render_sh_boot(bootstrap, options, env.platform, pex_hash) if options.sh_boot else "",
        info=render_info(info),
        main=render_main(bootstrap.boot, options=options, os=env.platform.os, pex_hash=pex_hash),
        bootstrap=bootstrap,
        wheels=wheels,
        trees=trees,
        code=code,
        python=python,
    )


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python_env artifacts pex", allow_abbrev=False)
    add_options(parser)
    parser.add_argument("--pex-wheel", type=Path, required=True)
    parser.add_argument("--options", default="{}", metavar="JSON")
    parser.add_argument("--code-apart", action="store_true", help="first-party files lie in an archive of their own")
    return parser.parse_args(read_words(argv))


def _with_options(report: Report, chosen: PexOptions, warnings: Sequence[str]) -> Report:
    return dataclasses.replace(
        report,
        entry_point=chosen.entry_point,
        hermetic_scripts=chosen.venv and chosen.hermetic_scripts,
        inherit_path=chosen.inherit_path,
        python_path="" if chosen.layout is PexLayout.ZIPAPP else "__main__.py",
        script=chosen.script,
        venv_mode=chosen.venv,
        warnings=(*report.warnings, *warnings),
    )


def _check_entry(
    env: Env, options: PexOptions, files: Sequence[PlannedFile], sources: Sequence[Source], *, apart: bool
) -> None:
    if options.entry_point:
        site_packages = Layout.of(env.platform).site_packages
        where = f"{env.name}_pex, entry_point"
        check_entry_module(
            options.entry_point, files, None if apart else sources, site_packages=site_packages, where=where
        )


def _check_size(env: Env, options: PexOptions, *, size: int, members: int) -> tuple[Fault, ...]:
    if options.layout is PexLayout.PACKED:
        return ()
    return check_size(env.platform, size=size, members=members, where=f"{env.name}_pex")


def main(argv: Sequence[str]) -> int:
    """Write the artifact that the arguments describe, or nothing."""
    words = _parse(argv)
    env = selected_env(words)
    chosen = parse_options(words.options, where=f"{env.name}_pex")
    sources = read_sources(words.source, words.source_path)
    check_sources(env, sources)
    if not chosen.pre_installed:
        # what is too large by its wheels alone is told before they are read
        _check_size(env, chosen, size=sum(wheel.size for wheel in env.wheels), members=len(env.wheels))
    paths = wheel_paths(env.name, env.wheels, [*words.wheel, *words.additional])
    zipapp = chosen.layout is PexLayout.ZIPAPP
    mode = EXECUTABLE_MODE if zipapp else FILE_MODE
    with open_output(words.output, mode=mode) as output, comparing(env.name, env.wheels, paths) as contents:
        wheels = settled(open_wheels(env, paths, words.check), words, env)
        chosen = resolve_script(chosen, wheels, where=f"{env.name}_pex")
        # the PEX installs the same wheels on its first start: what would clash there is refused here
        files = plan_install(wheels, sources, Layout.of(env.platform), records=False)
        _check_entry(env, chosen, files, sources, apart=words.code_apart)
        bootstrap = open_bootstrap(words.pex_wheel, tools=chosen.include_tools)
        pex = plan_pex(env, chosen, bootstrap=bootstrap, wheels=wheels, code=_code(env, sources))
        warnings = _check_size(env, chosen, size=pex.size, members=pex.members)
        digest = pex.write(output, contents)
        size = output.tell()
    for warning in warnings:
        print(render_warning(warning), file=sys.stderr)
    report = make_report(
        env,
        Contents(files=len(files), unpacked_size=sum(file.size for file in files)),
        kind=ArtifactKind.PEX,
        container=Container.FILE if zipapp else Container.ZIP,
        file=words.output.name,
        sha256=digest,
        size=size,
    )
    told = (*lock_warnings(env, wheels), *(f"{warning.what}; {warning.fix}" for warning in warnings))
    write_atomically(words.report, render_report(_with_options(report, chosen, told)))
    return 0
