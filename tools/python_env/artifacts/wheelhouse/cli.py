"""`artifacts wheelhouse`: writes `<env>.wheelhouse.zip` and its report."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from python_env.artifacts.cli_inputs import read_env, side_by_side, wheel_paths
from python_env.artifacts.contradictions import contradiction_warnings
from python_env.artifacts.locked_bytes import comparing
from python_env.artifacts.selection import without
from python_env.artifacts.wheelhouse.manifest import identity_file, manifest_file
from python_env.artifacts.wheelhouse.model import WHEELS, House, make_house
from python_env.artifacts.wheelhouse.report import Written, render_house_report, warnings
from python_env.artifacts.wheelhouse.texts import render_texts
from python_env.base.archive import FILE_MODE
from python_env.base.archive.content import read_content
from python_env.base.archive.output import Output, open_output
from python_env.base.archive.zip_read import STORED, ZipSource
from python_env.base.archive.zip_write import ZipWriter
from python_env.base.arguments import Parser
from python_env.base.documents import sha256_hex, write_atomically
from python_env.base.errors import ToolError
from python_env.base.param_file import read_words
from python_env.base.wheel_content import check_wheel
from python_env.base.wheel_metadata import read_metadata, requires_python
from python_env.env.model import Wheel
from python_env.wheels.check.model import Check, read_checks

MANIFEST = "manifest.json"
_PROGRAM = Path(__file__).parents[2] / "runtime" / "wheelhouse.py"


def with_requires_python(house: House, paths: Mapping[str, Path], checks: Mapping[str, Check]) -> House:
    """Return the house with what each wheel says of Python.

    A wheel that none of `checks` (by sha256) names is checked here, which reads all of it. Raises ToolError with every
    wheel that is not what it is said to be.
    """
    found = side_by_side(lambda wheel: _said(wheel, paths[wheel.file], checks), house.wheels)
    faults = [fault for each in found if isinstance(each, ToolError) for fault in each.faults]
    if faults:
        raise ToolError(faults)
    said = zip(house.wheels, found, strict=True)
    return replace(house, requires_python={wheel.file: each for wheel, each in said if isinstance(each, str)})


def _said(wheel: Wheel, path: Path, checks: Mapping[str, Check]) -> str | ToolError | None:
    """Return what the wheel says of Python, what is wrong with it, or nothing where its bytes are not the locked ones.

    Of those is told by whoever writes them.
    """
    if wheel.sha256 in checks:
        return checks[wheel.sha256].requires_python
    try:
        with contextlib.closing(ZipSource(path)) as source:
            check_wheel(source)
            return requires_python(source)
    except ToolError as error:
        content = read_content(path)
        return error if (content.sha256, content.size) == (wheel.sha256, wheel.size) else None


def metadata(path: Path) -> str:
    """Return a wheel's METADATA; raises ToolError for what is no wheel."""
    with contextlib.closing(ZipSource(path)) as source:
        return read_metadata(source)


def small_files(house: House) -> dict[str, bytes]:
    """Return everything but the wheels, by path from the archive's root."""
    files = {path: text.encode() for path, text in render_texts(house).items()}
    files |= {"__main__.py": _PROGRAM.read_bytes(), "python_env.json": identity_file(house)}
    listed = {path: (sha256_hex(data), len(data)) for path, data in files.items()}
    listed |= {f"{WHEELS}/{wheel.file}": (wheel.sha256, wheel.size) for wheel in house.wheels}
    return {**files, MANIFEST: manifest_file(house, listed)}


def write_house(output: Output, house: House, small: Mapping[str, bytes], paths: Mapping[str, Path]) -> str:
    """Write the archive, sorted, and return its sha256 (hex).

    Raises ToolError with every wheel whose bytes are not the locked ones.
    """
    archive = ZipWriter(output)
    wheels = {f"{WHEELS}/{wheel.file}": wheel for wheel in house.wheels}
    with comparing(house.first.name, house.wheels, paths) as contents:
        for name in sorted([*small, *wheels]):
            if name in small:
                archive.add_bytes(name, small[name])
            else:
                content = contents[wheels[name]].result()
                sizes = (content.size, content.size)
                # the header alone: the wheel's bytes do not pass through the writer
                archive.add_raw(name, (), method=STORED, crc=content.crc, sizes=sizes)
                output.copy_file(paths[wheels[name].file], size=content.size)
    return archive.finish()


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python_env artifacts wheelhouse", allow_abbrev=False)
    parser.add_argument("--env", type=Path, action="append", required=True, help="closure of one platform")
    parser.add_argument("--wheel", type=Path, action="append", default=[])
    parser.add_argument("--check", type=Path, action="append", default=[])
    parser.add_argument("--ignored", action="append", default=[], metavar="DISTRIBUTION")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    return parser.parse_args(read_words(argv))


def main(argv: Sequence[str]) -> int:
    """Write the archive that the arguments describe, or nothing."""
    options = _parse(argv)
    house = make_house(without([read_env(path) for path in options.env], options.ignored))
    paths = wheel_paths(house.first.name, house.wheels, options.wheel)
    house = with_requires_python(house, paths, read_checks(options.check))
    small = small_files(house)
    with open_output(options.output, mode=FILE_MODE) as output:
        digest = write_house(output, house, small, paths)
        size = output.tell()
    written = Written(
        file=options.output.name,
        sha256=digest,
        size=size,
        file_count=len(small) + len(house.wheels),
        unpacked_size=sum(map(len, small.values())) + sum(wheel.size for wheel in house.wheels),
    )
    for warning in warnings(written):
        print(f"warning: {warning}", file=sys.stderr)
    told = [text for env in house.envs for text in contradiction_warnings(env, lambda each: metadata(paths[each.file]))]
    write_atomically(options.report, render_house_report(house, written, told))
    return 0
