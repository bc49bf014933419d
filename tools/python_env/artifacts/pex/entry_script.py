"""`script` of a PEX, looked up as pex does it: a console script is its entry point, any other runs as it is."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence

from python_env.artifacts.install.wheel import WheelFile
from python_env.artifacts.pex.options import PexOptions
from python_env.base.errors import ToolError


def resolve_script(options: PexOptions, wheels: Sequence[WheelFile], *, where: str) -> PexOptions:
    """Return the options with a console script as `entry_point`; a wheel's own script stays `script`.

    Raises ToolError when no wheel has the script, or when it cannot take the arguments that are to be injected.
    """
    if not options.script:
        return options
    points = {script.name: f"{script.module}:{script.attribute}" for wheel in wheels for script in wheel.scripts}
    if options.script in points:
        return dataclasses.replace(options, entry_point=points[options.script], script="")
    folders = [f"{wheel.data}/scripts/" for wheel in wheels]
    files = {
        entry.name.removeprefix(folder)
        for wheel, folder in zip(wheels, folders, strict=True)
        for entry in wheel.entries
        if entry.name.startswith(folder)
    }
    if options.script not in files:
        similar = difflib.get_close_matches(options.script, [*points, *files], n=3)
        fix = f"write {' or '.join(similar)}" if similar else "name a script of a locked wheel, or use entry_point"
        raise ToolError.one(f"no locked wheel has a script {options.script!r}", where=f"{where}, script", fix=fix)
    if options.inject_args and options.venv:
        raise ToolError.one(
            f"{options.script!r} is no console script: in venv mode pex hands it no inject_args",
            where=f"{where}, inject_args",
            fix="set venv = False, leave out inject_args, or name an entry_point",
        )
    return options
