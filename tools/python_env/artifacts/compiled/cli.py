"""`artifacts compile`: the `.pyc` files of one wheel, or of an interpreter, as a zip of their places in a venv."""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from python_env.artifacts.compiled.codes import check_magic, compile_source
from python_env.artifacts.install.layout import Layout
from python_env.base.archive import FILE_MODE
from python_env.base.archive.deflate import deflated
from python_env.base.archive.output import open_output
from python_env.base.archive.zip_read import Entry, ZipSource
from python_env.base.archive.zip_write import ZipWriter
from python_env.base.arguments import Parser
from python_env.base.param_file import read_words
from python_env.base.platforms import parse_platform


def installed_path(name: str, layout: Layout) -> str | None:
    """Return where a source of a wheel lies in the venv; None for what is no module: scripts, other files."""
    folder, _, rest = name.partition("/")
    if not name.endswith(".py") or (not rest and folder.endswith(".data")):
        return None
    if not folder.endswith(".data"):
        return f"{layout.site_packages}/{name}"
    scheme, _, rest = rest.partition("/")
    place = layout.scheme(scheme, "")
    if place is None or scheme in ("scripts", "headers"):
        return None
    return f"{place}/{rest}" if place else rest


def modules(source: ZipSource, layout: Layout, *, is_wheel: bool) -> Iterator[tuple[str, Entry]]:
    """Yield place and member of every source, sorted by place."""
    places = {entry: installed_path(entry.name, layout) if is_wheel else entry.name for entry in source.entries}
    found = ((place, entry) for entry, place in places.items() if place and place.endswith(".py"))
    yield from sorted(found, key=lambda pair: pair[0])


def write_compiled(archive: ZipWriter, source: ZipSource, layout: Layout, *, is_wheel: bool) -> None:
    """Append the compiled form of every source that is code; what lies at one place twice is compiled once."""
    before = ""
    for place, entry in modules(source, layout, is_wheel=is_wheel):
        code = compile_source(source.read(entry), place) if place != before else None
        before = place
        if code is not None:
            raw, method = deflated(code)
            sizes = (len(raw), len(code))
            archive.add_raw(layout.compiled_path(place), [raw], method=method, crc=zlib.crc32(code), sizes=sizes)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python_env artifacts compile", allow_abbrev=False)
    parser.add_argument("--platform", required=True, metavar="TAG")
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--wheel", type=Path)
    given.add_argument("--interpreter", type=Path, help="zip whose members lie where they will lie in the venv")
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args(read_words(argv))


def main(argv: Sequence[str]) -> int:
    """Write the zip, or nothing."""
    options = _parse(argv)
    platform = parse_platform(options.platform)
    path = options.wheel or options.interpreter
    check_magic(platform, where=f"{path.name}, compile = True")
    source = ZipSource(path)
    with open_output(options.output, mode=FILE_MODE) as output:
        archive = ZipWriter(output)
        write_compiled(archive, source, Layout.of(platform), is_wheel=options.wheel is not None)
        archive.finish()
    return 0
