"""What a person chose of a PEX, under pex's own names.

What contradicts itself is refused before, by rules/private/artifacts/pex_checks.bzl.
"""

from __future__ import annotations

import difflib
import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from python_env.artifacts.install.wheel import is_dotted_name
from python_env.artifacts.model import InheritPath
from python_env.base.documents import Reader
from python_env.base.errors import Fault, ToolError

_FIX = "give python_env_pex its options; it writes them"


class PexLayout(enum.StrEnum):
    """How a PEX lies on a disk, in pex's own words."""

    ZIPAPP = "zipapp"
    """One file, which is run as it is."""
    PACKED = "packed"
    """A folder with a zip for each part; shipped as one archive, which the cluster unpacks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PexOptions:
    """The options of one PEX, with the rule's defaults."""

    layout: PexLayout = PexLayout.ZIPAPP
    pre_installed: bool = False
    """Whether installed trees are inside, not wheels."""
    entry_point: str = ""
    script: str = ""
    inherit_path: InheritPath = InheritPath.FALLBACK
    strip_pex_env: bool = True
    venv: bool = True
    sh_boot: bool = False
    interpreter_constraints: tuple[str, ...] = ()
    pex_root: str = ""
    inject_env: Mapping[str, str] = field(default_factory=dict)
    inject_args: tuple[str, ...] = ()
    include_tools: bool = True

    @property
    def hermetic_scripts(self) -> bool:
        """Return whether PYTHONPATH is dropped; in venv mode `inherit_path` alone hides nothing."""
        return self.inherit_path is InheritPath.FALSE


def parse_options(text: str, *, where: str) -> PexOptions:
    """Return the options in a JSON object; what is not named has the rule's default.

    Raises ToolError for an option that is unknown or of another type, and for an entry point that is none.
    """
    reader = Reader(where, _FIX)
    found = reader.take({"options": json.loads(text)}, "options", dict)
    known = [each.name for each in fields(PexOptions)]
    unknown = [name for name in found if name not in known]
    if unknown:
        raise ToolError(_unknown(name, known, where) for name in unknown)
    defaults = PexOptions()
    lists: dict[str, Any] = {"interpreter_constraints": [], "inject_args": []}
    given: dict[str, Any] = {name: getattr(defaults, name) for name in known} | lists | found
    variables = reader.take(given, "inject_env", dict)
    options = PexOptions(
        layout=reader.choice(given, "layout", PexLayout),
        pre_installed=reader.take(given, "pre_installed", bool),
        entry_point=reader.take(given, "entry_point", str),
        script=reader.take(given, "script", str),
        inherit_path=reader.choice(given, "inherit_path", InheritPath),
        strip_pex_env=reader.take(given, "strip_pex_env", bool),
        venv=reader.take(given, "venv", bool),
        sh_boot=reader.take(given, "sh_boot", bool),
        interpreter_constraints=reader.strings(given, "interpreter_constraints"),
        pex_root=reader.take(given, "pex_root", str),
        inject_env={name: reader.take(variables, name, str, "inject_env") for name in variables},
        inject_args=reader.strings(given, "inject_args"),
        include_tools=reader.take(given, "include_tools", bool),
    )
    _check_entry_point(options.entry_point, where)
    _check_texts(options, where)
    return options


def _unknown(name: str, known: list[str], where: str) -> Fault:
    similar = difflib.get_close_matches(name, known, n=1) or [", ".join(known)]
    return Fault(f"there is no option {name!r} of a PEX", where, f"write {similar[0]}")


def _check_texts(options: PexOptions, where: str) -> None:
    """Refuse what no system takes as an argument or as a variable: the PEX would not start."""
    texts = [("inject_args", text) for text in options.inject_args]
    texts += [("inject_env", value) for value in options.inject_env.values()]
    what = "{!r} has a NUL, which ends an argument or a variable"
    faults = [Fault(what.format(text), f"{where}, {name}", "leave it out") for name, text in texts if "\0" in text]
    if faults:
        raise ToolError(faults)


def _check_entry_point(entry_point: str, where: str) -> None:
    module, _, function = entry_point.partition(":")
    parts = (module, function) if ":" in entry_point else (module,)
    if entry_point and not all(map(is_dotted_name, parts)):
        raise ToolError.one(
            f"{entry_point!r} is not an entry point",
            where=f"{where}, entry_point",
            fix="write `module` or `module:function` as it is imported from src_root on, e.g. training_job.main",
        )
