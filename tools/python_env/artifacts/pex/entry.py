"""Whether what a PEX shall run is inside it: the entry point's module, looked up among the installed files."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from python_env.artifacts.install.plan import PlannedFile
from python_env.artifacts.model import Source
from python_env.base.errors import ToolError

_CLUSTERS = frozenset({"pyspark", "py4j"})
"""Packages that a node's PYTHONPATH brings (docs/launcher.md)."""

_APART_FIX = (
    "leave the entry point out and name the module when it is started (-m), name one of a wheel, or leave out split"
)

_NATIVE = re.compile(r"\.[^/]*(so|pyd)")


def check_entry_module(
    entry_point: str, files: Sequence[PlannedFile], sources: Sequence[Source] | None, *, site_packages: str, where: str
) -> None:
    """Check that the module of an entry point is among the installed files; `sources` is None where they lie apart.

    Raises ToolError, which names similar modules. The standard library and the cluster's pyspark are taken unseen.
    """
    module, _, function = entry_point.partition(":")
    if module.partition(".")[0] in sys.stdlib_module_names | _CLUSTERS:
        return
    names = frozenset(file.path for file in files)
    stems = [f"{root}/{module.replace('.', '/')}" for root in _import_roots(files, site_packages)]
    if any(_is_module(stem, names, runnable=not function) for stem in stems):
        return
    what = f"the entry point's module {module} is neither in srcs nor in a locked wheel"
    if not function and any(f"{stem}/__init__.py" in names for stem in stems):
        what = f"the entry point {module} is a package without __main__.py, which cannot be run"
    if sources is None:
        what += "\n(split = True leaves srcs out of the PEX, which by itself could not start there)"
    raise ToolError.one(what, where=where, fix=_APART_FIX if sources is None else _fix(module, sources))


def _import_roots(files: Iterable[PlannedFile], site_packages: str) -> Iterator[str]:
    """Yield the folders that an interpreter searches: site-packages, and those that its .pth files name."""
    yield site_packages
    for file in files:
        if file.path.startswith(site_packages) and re.fullmatch(r"/[^/]+\.pth", file.path[len(site_packages) :]):
            for line in file.content().decode("utf-8", errors="replace").splitlines():
                if line.strip() and not line.startswith(("#", "import ", "import\t")):
                    yield f"{site_packages}/{line.strip().strip('/')}"


def _is_module(stem: str, names: frozenset[str], *, runnable: bool) -> bool:
    package = "__main__" if runnable else "__init__"
    if any(f"{stem}{end}" in names for end in (".py", ".pyc", f"/{package}.py", f"/{package}.pyc")):
        return True
    return any(name.startswith(stem) and _NATIVE.fullmatch(name, len(stem)) for name in names)


def _fix(module: str, sources: Sequence[Source]) -> str:
    """Return what to write: modules of srcs of that name, or of a similar one, as they are imported."""
    known = [source.destination.removesuffix(".py").replace("/", ".") for source in sources]
    known = [name.removesuffix(".__init__") for name in known]
    last = module.rpartition(".")[2]
    similar = [name for name in known if name.rpartition(".")[2] == last] or difflib.get_close_matches(module, known)
    if similar:
        return f"write {' or '.join(similar)}; src_root says where imports begin"
    return "mend the name, or add the module's file to srcs; src_root says where imports begin"
