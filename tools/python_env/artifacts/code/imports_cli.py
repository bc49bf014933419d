"""`artifacts imports`: writes what the wheels can be imported by, which code that lies apart must not hide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from python_env.artifacts.additional import additional_row
from python_env.artifacts.cli_inputs import read_env, wheel_paths
from python_env.artifacts.code.model import Imports, Unit, import_units, imports_document
from python_env.artifacts.install.layout import Layout
from python_env.artifacts.install.plan import member_files
from python_env.artifacts.install.wheel import WheelFile, open_wheel
from python_env.base.arguments import Parser
from python_env.base.documents import render_document, write_atomically
from python_env.base.param_file import read_words
from python_env.env.model import Env


def _paths(wheel: WheelFile, layout: Layout) -> Iterator[str]:
    """Yield the paths of a wheel's installed files below site-packages."""
    prefix = layout.site_packages + "/"
    for entry in wheel.entries:
        for file in member_files(wheel, entry, layout):
            if file.path.startswith(prefix):
                yield file.path[len(prefix) :]


def plan_imports(env: Env, paths: Sequence[Path], additional: Sequence[Path] = ()) -> Imports:
    """Return the units of all wheels, sorted; raises ToolError with every wheel that was not given.

    `additional` are wheels that some artifact holds beside the closure. Contents are compared with nothing here: that
    is for the artifacts, which hold them.
    """
    places = wheel_paths(env.name, env.wheels, paths)
    layout = Layout.of(env.platform)
    opened = [open_wheel(wheel, places[wheel.file]) for wheel in env.wheels]
    opened += [open_wheel(additional_row(path), path) for path in additional]
    units = {(unit, each.wheel.file) for each in opened for unit, _ in import_units(_paths(each, layout))}
    return Imports(parent=env.digest, units=tuple(Unit(path=path, owner=file) for path, file in sorted(units)))


def main(argv: Sequence[str]) -> int:
    """Write the document of the environment that the arguments name."""
    parser = Parser(prog="python_env artifacts imports", allow_abbrev=False)
    parser.add_argument("--env", type=Path, required=True)
    parser.add_argument("--wheel", type=Path, action="append", default=[])
    parser.add_argument("--additional", type=Path, action="append", default=[], help="wheel beside the closure")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(read_words(argv))
    imports = plan_imports(read_env(options.env), options.wheel, options.additional)
    write_atomically(options.output, render_document(imports_document(imports)))
    return 0
