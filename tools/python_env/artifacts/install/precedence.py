"""Of a module and a package of one name in one folder Python imports the package, and never the module.

The finder of importlib (`FileFinder.find_spec`) looks for a folder with `__init__` first. Between wheels that is the
packages' own business; first-party code that dies so, or kills a wheel's module, is a slip that nothing tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from python_env.base.errors import Fault

_INIT = "/__init__.py"
_MODULE = ".py"


def unimportable(owners: Mapping[str, str], ours: str) -> Iterator[Fault]:
    """Yield a fault for each module that a package hides, where one of the two is `ours` and the other a wheel's.

    `owners` are all paths of the tree with what brings them.
    """
    for path in sorted(path for path, owner in owners.items() if owner == ours):
        if path.endswith(_INIT):
            package, module = path, path.removesuffix(_INIT) + _MODULE
        else:
            package, module = path.removesuffix(_MODULE) + _INIT, path
        if package in owners and module in owners and owners[package] != owners[module]:
            yield _fault(path, module=(module, owners[module]), package=(package, owners[package]))


def _fault(where: str, *, module: tuple[str, str], package: tuple[str, str]) -> Fault:
    return Fault(
        f"{module[0]} of {module[1]} could never be imported: {package[1]} has a package of that name",
        where,
        "rename or move the first-party file, or drop the wheel from the requirements",
    )
