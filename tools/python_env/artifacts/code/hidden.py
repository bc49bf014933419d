"""What first-party code would hide, or be hidden by, where it lies in a folder of its own on the path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from python_env.artifacts.code.model import Unit, import_units
from python_env.artifacts.code.standard_library import stdlib_modules
from python_env.artifacts.install.names import folded, name_faults
from python_env.artifacts.install.plan import FIRST_PARTY
from python_env.artifacts.model import Source
from python_env.base.errors import Fault, ToolError
from python_env.base.platforms import Os, Platform


def check_code(sources: Sequence[Source], wheels: Sequence[Unit], platform: Platform) -> None:
    """Check that all code can be imported beside the wheels, and lies well on the target's file system.

    The standard library is that of the target's Python.

    Raises ToolError with every unit that a wheel or the standard library has, too, and with every unusable path.
    """
    names = [source.destination for source in sources]
    faults = list(name_faults(dict.fromkeys(names, FIRST_PARTY), platform.os))
    units = [Unit(path=path, owner=file) for path, file in import_units(names)]
    faults += [fault for unit in units for fault in _shared(unit, wheels, platform.os)]
    library = stdlib_modules(platform.python)
    faults += [fault for unit in units if (fault := _of_the_library(unit, library))]
    if faults:
        raise ToolError(faults)


def _shared(code: Unit, wheels: Sequence[Unit], os: Os) -> Iterator[Fault]:
    ours = folded(code.path, os)
    for wheel in wheels:
        theirs = folded(wheel.path, os)
        if ours == theirs or ours.startswith(theirs + "/") or theirs.startswith(ours + "/"):
            name = min(code.path, wheel.path, key=len).replace("/", ".")
            what = f"{name} is in {FIRST_PARTY} ({code.owner}) and in {wheel.owner}: in two folders one hides the other"
            fix = "rename or move the first-party file, or drop the wheel from the requirements"
            yield Fault(
                what, code.owner, fix + ";\nparts of one package that differ in all files go with split = False"
            )


def _of_the_library(code: Unit, library: Set[str]) -> Fault | None:
    name = code.path.partition("/")[0]
    if name not in library:
        return None
    what = f"{FIRST_PARTY} ({code.owner}) hides {name} of the standard library, before which PYTHONPATH comes"
    return Fault(what, code.owner, "rename or move the file; src_root says where imports begin")
