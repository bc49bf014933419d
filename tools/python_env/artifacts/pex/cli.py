"""`artifacts pex`: writes `<env>.pex` and its report."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_env.artifacts.cli_inputs import add_options, read_env, read_sources, read_wheels, settled
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.names import folded
from python_env.artifacts.install.plan import plan_install
from python_env.artifacts.install.wheel import WheelFile, is_dotted_name
from python_env.artifacts.model import (
    ArtifactKind,
    Container,
    Contents,
    InheritPath,
    Report,
    Source,
    identity_document,
    make_report,
    render_report,
)
from python_env.artifacts.pex.entry import check_entry_module
from python_env.artifacts.pex.info import (
    PexOptions,
    code_hash,
    is_bootstrap,
    pex_info,
    render_info,
    render_main,
)
from python_env.base.archive import EXECUTABLE_MODE
from python_env.base.archive.output import open_output
from python_env.base.archive.zip_read import STORED, Entry, ZipSource
from python_env.base.archive.zip_write import ZipWriter
from python_env.base.documents import render_document, write_atomically
from python_env.base.errors import Fault, ToolError
from python_env.base.param_file import read_words
from python_env.env.model import Env

_CHUNK = 1 << 20
_RESERVED = (".bootstrap", ".deps", "PEX-INFO", "__main__.py", "__pex__")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bootstrap:
    """The part of the pex distribution that every PEX carries."""

    source: ZipSource
    version: str
    entries: tuple[Entry, ...]
    boot: str

    @property
    def digest(self) -> str:
        """Return the key of the unpacked bootstrap below PEX_ROOT: over every name and content."""
        rows = "".join(f"{entry.name} {entry.size} {entry.crc}\n" for entry in self.entries)
        return hashlib.sha1(f"rules_python_env {self.version}\n{rows}".encode()).hexdigest()


def open_bootstrap(path: Path) -> Bootstrap:
    """Return the bootstrap that the pex distribution's wheel holds; raises ToolError for the wheel of another one."""
    source = ZipSource(path)
    entries = tuple(sorted(entry for entry in source.entries if is_bootstrap(entry.name)))
    boot = next((entry for entry in entries if entry.name == "pex/pex_boot.py"), None)
    if boot is None:
        raise ToolError.one("not a wheel of pex: there is no pex/pex_boot.py", where=path.name, fix="lock pex >= 2.60")
    version = path.name.split("-")[1]
    return Bootstrap(source=source, version=version, entries=entries, boot=source.read(boot).decode())


def check_options(env: Env, options: PexOptions, sources: Sequence[Source]) -> None:
    """Check what a person chose.

    Raises ToolError for an entry point that is none, or a source that would overwrite a part of the PEX.
    """
    module, _, function = options.entry_point.partition(":")
    parts = (module, function) if ":" in options.entry_point else (module,)
    if options.entry_point and not all(map(is_dotted_name, parts)):
        raise ToolError.one(
            f"{options.entry_point!r} is not an entry point",
            where=f"{env.name}_pex, entry_point",
            fix="write `module` or `module:function`",
        )
    reserved = {folded(name, env.platform.os) for name in _RESERVED}
    taken = [source for source in sources if folded(source.destination.split("/")[0], env.platform.os) in reserved]
    if taken:
        what = "first-party file {} would overwrite a part of the PEX"
        raise ToolError(
            Fault(what.format(source.destination), str(source.path), "rename or move the file") for source in taken
        )


def _code(env: Env, sources: Sequence[Source]) -> list[tuple[str, bytes]]:
    identity = render_document(identity_document(env))
    return sorted([("python_env.json", identity), *((s.destination, s.path.read_bytes()) for s in sources)])


def _write_wheels(pex: ZipWriter, wheels: Sequence[WheelFile]) -> None:
    """Store wheels as they are; a CRC stands before the bytes that it is of, so that they are read twice."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        for wheel, crc in zip(wheels, pool.map(_crc, wheels), strict=True):
            size = wheel.source.size
            name = f".deps/{wheel.wheel.file}"
            pex.add_raw(name, _pieces(wheel.source), method=STORED, crc=crc, sizes=(size, size))


def _crc(wheel: WheelFile) -> int:
    crc = 0
    for piece in _pieces(wheel.source):
        crc = zlib.crc32(piece, crc)
    return crc


def _pieces(source: ZipSource) -> Iterator[bytes]:
    for offset in range(0, source.size, _CHUNK):
        yield source.pread(_CHUNK, offset)


def write_pex(
    pex: ZipWriter,
    *,
    env: Env,
    info: dict[str, Any],
    bootstrap: Bootstrap,
    wheels: Sequence[WheelFile],
    code: Sequence[tuple[str, bytes]],
) -> str:
    """Write the PEX and return its sha256 (hex)."""
    shebang = f"#!/usr/bin/env python{env.platform.python_version}\n"
    main = render_main(bootstrap.boot, info["pex_hash"])
    pex.output.write(shebang.encode())
    for entry in bootstrap.entries:
        sizes = (entry.compressed, entry.size)
        pieces = bootstrap.source.raw(entry)
        pex.add_raw(f".bootstrap/{entry.name}", pieces, method=entry.method, crc=entry.crc, sizes=sizes)
    _write_wheels(pex, wheels)
    pex.add_bytes("PEX-INFO", render_info(info))
    pex.add_bytes("__main__.py", f"{shebang}\n{main}".encode(), executable=True)
    pex.add_bytes("__pex__/__init__.py", main.encode())
    for name, data in code:
        pex.add_bytes(name, data)
    return pex.finish()


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python_env artifacts pex", allow_abbrev=False)
    add_options(parser)
    parser.add_argument("--pex-wheel", type=Path, required=True)
    parser.add_argument("--entry-point", default="")
    parser.add_argument("--inherit-path", choices=list(InheritPath), type=InheritPath, default=InheritPath.FALLBACK)
    return parser.parse_args(read_words(argv))


def _with_options(report: Report, chosen: PexOptions) -> Report:
    return dataclasses.replace(
        report,
        entry_point=chosen.entry_point,
        hermetic_scripts=chosen.hermetic_scripts,
        inherit_path=chosen.inherit_path,
        venv_mode=True,
    )


def main(argv: Sequence[str]) -> int:
    """Write the artifact that the arguments describe, or nothing."""
    options = _parse(argv)
    env = read_env(options.env)
    chosen = PexOptions(entry_point=options.entry_point, inherit_path=options.inherit_path)
    sources = read_sources(options.source, options.source_path)
    check_options(env, chosen, sources)
    wheels = settled(read_wheels(env, options.wheel, options.check), options, env)
    for wheel in wheels:
        wheel.source.check_local_headers()
    bootstrap = open_bootstrap(options.pex_wheel)
    # the PEX installs the same wheels on its first start: what would clash there is refused here
    layout = Layout.of(env.platform)
    files = plan_install(wheels, sources, layout)
    if chosen.entry_point:
        where = f"{env.name}_pex, entry_point"
        check_entry_module(chosen.entry_point, files, sources, site_packages=layout.site_packages, where=where)
    code = _code(env, sources)
    inside = dataclasses.replace(env, wheels=tuple(wheel.wheel for wheel in wheels))
    info = pex_info(
        inside, chosen, bootstrap_hash=bootstrap.digest, code=code_hash(code), pex_version=bootstrap.version
    )
    with open_output(options.output, mode=EXECUTABLE_MODE) as output:
        digest = write_pex(ZipWriter(output), env=env, info=info, bootstrap=bootstrap, wheels=wheels, code=code)
        size = output.tell()
    contents = Contents(files=len(files), unpacked_size=sum(file.size for file in files))
    report = make_report(
        env,
        contents,
        kind=ArtifactKind.PEX,
        container=Container.FILE,
        file=options.output.name,
        sha256=digest,
        size=size,
    )
    write_atomically(options.report, render_report(_with_options(report, chosen)))
    return 0
