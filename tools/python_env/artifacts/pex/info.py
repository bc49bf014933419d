"""PEX-INFO, and the code that starts a PEX: the format's owner is the pex distribution, whose bootstrap is inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from python_env.artifacts.model import InheritPath
from python_env.env.model import Env

_BOOTSTRAP_PACKAGES = frozenset(
    {"cache", "commands", "fetcher", "fs", "repl", "third_party", "tools", "venv", "windows"}
)
"""Sub-packages of pex that its own builder puts into a bootstrap (pex.pex_builder, _prepare_bootstrap)."""

_VENDORED = frozenset(
    {"appdirs", "appdirs.py", "attr", "colors", "packaging", "pkg_resources", "pyparsing", "pyparsing.py"}
)
"""What of pex's vendored distributions runs at boot time (pex.vendor.vendor_runtime)."""

_MAIN = """
result, should_exit, is_globals = boot(
    bootstrap_dir='.bootstrap',
    pex_root='~/.cache/pex',
    pex_hash={pex_hash!r},
    hermetic_boot=False,
    has_interpreter_constraints=True,
    pex_path=(),
    is_venv=True,
    inject_python_args=(),
)
if should_exit:
    sys.exit(0 if is_globals else result)
elif is_globals:
    globals().update(result)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class PexOptions:
    """What a person chose, under pex's own names."""

    entry_point: str
    inherit_path: InheritPath

    @property
    def hermetic_scripts(self) -> bool:
        """Return whether PYTHONPATH is dropped; in venv mode `inherit_path` alone hides nothing."""
        return self.inherit_path is InheritPath.FALSE


def is_bootstrap(name: str) -> bool:
    """Return whether a member of the pex wheel belongs to the bootstrap."""
    parts = name.split("/")
    if parts[0] != "pex" or name.endswith(".pyc"):
        return False
    if parts[1] == "vendor":
        return _is_vendored(parts[2:])
    return len(parts) == 2 or parts[1] in _BOOTSTRAP_PACKAGES


def _is_vendored(parts: Sequence[str]) -> bool:
    if parts in (["__init__.py"], ["_vendored", "__init__.py"]):
        return True
    if len(parts) < 3 or parts[0] != "_vendored":
        return False
    return parts[2] in _VENDORED or (len(parts) == 3 and parts[2] == "__init__.py")


def code_hash(sources: Iterable[tuple[str, bytes]]) -> str:
    """Return pex's digest of user code: all names, then all contents, in the order of the names."""
    ordered = sorted(sources)
    digest = hashlib.sha1("".join(name for name, _ in ordered).encode())
    for _, data in ordered:
        digest.update(data)
    return digest.hexdigest()


def pex_info(env: Env, options: PexOptions, *, bootstrap_hash: str, code: str, pex_version: str) -> dict[str, Any]:
    """Return PEX-INFO: a venv-mode PEX of raw wheels whose scripts see PYTHONPATH.

    Hermetic scripts would drop PYTHONPATH, and with it the cluster's pyspark.
    """
    info: dict[str, Any] = {
        "bind_resource_paths": {},
        "bootstrap_hash": bootstrap_hash,
        "build_properties": {"pex_version": pex_version},
        "code_hash": code,
        "deps_are_wheel_files": True,
        "distributions": {wheel.file: wheel.sha256 for wheel in env.wheels},
        "emit_warnings": True,
        "excluded": [],
        "ignore_errors": False,
        "includes_tools": True,
        "inherit_path": options.inherit_path,
        "inject_args": [],
        "inject_env": {},
        "inject_python_args": [],
        "interpreter_constraints": [f"CPython=={env.platform.python_version}.*"],
        "interpreter_selection_strategy": "oldest",
        "max_install_jobs": 1,
        "overridden": [],
        "pex_path": "",
        "pex_paths": [],
        "requirements": sorted(env.requirements),
        "strip_pex_env": True,
        "venv": True,
        "venv_bin_path": "false",
        "venv_copies": False,
        "venv_hermetic_scripts": options.hermetic_scripts,
        "venv_site_packages_copies": False,
        "venv_system_site_packages": False,
    }
    if options.entry_point:
        info["entry_point"] = options.entry_point
    return {**info, "pex_hash": hashlib.sha1(json.dumps(info, sort_keys=True).encode()).hexdigest()}


def render_info(info: dict[str, Any]) -> bytes:
    """Return PEX-INFO as pex itself dumps it."""
    return json.dumps(info, sort_keys=True).encode()


def render_main(pex_boot: str, pex_hash: str) -> str:
    """Return the code of `__pex__/__init__.py`; `__main__.py` is the same behind the shebang."""
    return pex_boot + "\n" + _MAIN.format(pex_hash=pex_hash)
