"""PEX-INFO, and the code that starts a PEX: the format's owner is the pex distribution, whose bootstrap is inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from python_env.artifacts.pex.options import PexOptions
from python_env.base.platforms import Os

_DEFAULT_ROOT = {Os.MACOS: "~/Library/Caches/pex", Os.WINDOWS: "~\\AppData\\Local\\pex\\Cache"}
"""Where pex keeps what it unpacks, by the target's os; elsewhere below ~/.cache (pex.cache.root)."""

_MAIN = """
result, should_exit, is_globals = boot(
    bootstrap_dir='.bootstrap',
    pex_root={pex_root!r},
    pex_hash={pex_hash!r},
    hermetic_boot={hermetic_boot!r},
    has_interpreter_constraints=True,
    pex_path=(),
    is_venv={is_venv!r},
    inject_python_args=(),
)
if should_exit:
    sys.exit(0 if is_globals else result)
elif is_globals:
    globals().update(result)
"""


def code_hash(sources: Iterable[tuple[str, bytes]]) -> str:
    """Return pex's digest of user code: all names, then all contents, in the order of the names."""
    ordered = sorted(sources)
    digest = hashlib.sha1("".join(name for name, _ in ordered).encode())
    for _, data in ordered:
        digest.update(data)
    return digest.hexdigest()


def pex_info(
    options: PexOptions,
    *,
    bootstrap_hash: str,
    code: str,
    constraints: Iterable[str],
    distributions: Mapping[str, str],
    pex_version: str,
    requirements: Iterable[str],
    excluded: Iterable[str] = (),
    overridden: Iterable[str] = (),
) -> dict[str, Any]:
    """Return PEX-INFO as pex itself would write it for these options; build properties hold pex's version only.

    `distributions` are the names below `.deps` with their keys below PEX_ROOT, `excluded` what these require and is not
    inside, `overridden` what stands in place of other requirements of theirs. Scripts are hermetic only where nothing
    of the outside is to be seen: hermetic ones drop PYTHONPATH, and with it the cluster's pyspark.
    """
    info: dict[str, Any] = {
        "bind_resource_paths": {},
        "bootstrap_hash": bootstrap_hash,
        "build_properties": {"pex_version": pex_version},
        "code_hash": code,
        "deps_are_wheel_files": not options.pre_installed,
        "distributions": dict(distributions),
        "emit_warnings": True,
        "excluded": sorted(excluded),
        "ignore_errors": False,
        "includes_tools": options.include_tools,
        "inherit_path": options.inherit_path,
        "inject_args": list(options.inject_args),
        "inject_env": dict(options.inject_env),
        "inject_python_args": [],
        "interpreter_constraints": sorted(constraints),
        "interpreter_selection_strategy": "oldest",
        "max_install_jobs": 1,
        "overridden": sorted(overridden),
        "pex_path": "",
        "pex_paths": [],
        "requirements": sorted(requirements),
        "strip_pex_env": options.strip_pex_env,
        "venv": options.venv,
        "venv_bin_path": "false",
        "venv_copies": False,
        "venv_hermetic_scripts": options.hermetic_scripts,
        "venv_site_packages_copies": False,
        "venv_system_site_packages": False,
    }
    chosen = {"entry_point": options.entry_point, "pex_root": options.pex_root, "script": options.script}
    info |= {key: value for key, value in chosen.items() if value}
    return {**info, "pex_hash": hashlib.sha1(_dump(info)).hexdigest()}


def render_info(info: Mapping[str, Any]) -> bytes:
    """Return PEX-INFO as pex itself dumps it."""
    return _dump(info)


def _dump(info: Mapping[str, Any]) -> bytes:
    return json.dumps(info, sort_keys=True, separators=(",", ":")).encode()


def runtime_root(options: PexOptions, os: Os) -> str:
    """Return the PEX_ROOT of a PEX that no variable tells another one."""
    return options.pex_root or _DEFAULT_ROOT.get(os, "~/.cache/pex")


def render_main(pex_boot: str, *, options: PexOptions, os: Os, pex_hash: str) -> str:
    """Return the code of `__pex__/__init__.py`; `__main__.py` is the same behind the shebang."""
    # without a venv it is the boot code that hides PYTHONPATH, with one its scripts; both where nothing is inherited
    call = _MAIN.format(
        pex_root=runtime_root(options, os),
        pex_hash=pex_hash,
        hermetic_boot=options.hermetic_scripts,
        is_venv=options.venv,
    )
    return pex_boot + "\n" + call
