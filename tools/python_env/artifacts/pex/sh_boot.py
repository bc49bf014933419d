"""The /bin/sh head of a PEX (`sh_boot`): pex's own script, taken from the distribution whose bootstrap is inside."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from textwrap import dedent

from python_env.artifacts.pex.bootstrap import Bootstrap, read_source
from python_env.artifacts.pex.info import runtime_root
from python_env.artifacts.pex.options import PexLayout, PexOptions
from python_env.base.errors import ToolError
from python_env.base.platforms import Platform

_MODULE = "pex/sh_boot.py"
_MARK = "INSTALLED_PEX="
_SLOW_PATH_VARIABLES = "vars_for_no_fast_path"
_VENV_KEY = hashlib.sha1(json.dumps({"PEX_PYTHON_PATH": None, "pex_path": {}}, sort_keys=True).encode()).hexdigest()
"""Name of the venv below PEX_ROOT where no variable chooses an interpreter (pex.variables.venv_dir)."""

_REDIRECT = "'''': pshprs\n{script}\n'''\n"
"""Shell and Python at once: a string to Python; to the shell empty quotes before a command, `:` (pex.executables)."""


def render_sh_boot(bootstrap: Bootstrap, options: PexOptions, platform: Platform, pex_hash: str) -> str:
    """Return what stands between `#!/bin/sh` and the PEX itself; it ends in `exec` or `exit`.

    Raises ToolError when the locked pex writes another script than the one known here.
    """
    template, variables = _parts(read_source(bootstrap.source, _MODULE), bootstrap.source.name)
    place = f"venvs/4/{pex_hash}/{_VENV_KEY}" if options.venv else f"unzipped_pexes/4/{pex_hash}"
    try:
        script = dedent(template).format(
            venv="1" if options.venv else "",
            venv_python_args="-I" if options.hermetic_scripts else "",
            pex_root=runtime_root(options, platform.os),
            python="",
            python_args="",
            pythons=" \\\n".join(f'"{name}"' for name in python_names(platform)),
            pex_installed_relpath=place,
            pex="$0" if options.layout is PexLayout.ZIPAPP else '$(dirname "$0")',
            check_no_fast_path=" -a ".join(f'-z "${{{name}:-}}"' for name in variables),
        )
    except (KeyError, IndexError):
        raise _another(bootstrap.source.name) from None
    return script if options.layout is PexLayout.ZIPAPP else _REDIRECT.format(script=script.rstrip())


def python_names(platform: Platform) -> tuple[str, ...]:
    """Return the programs that may start the PEX: of the target first; from any other the boot code finds it."""
    threads = "t" if platform.abi.endswith("t") else ""
    names = (f"python{platform.python_version}{threads}", f"python{platform.python_version}", "python3", "python")
    return tuple(dict.fromkeys(names))


def _parts(source: str, where: str) -> tuple[str, list[str]]:
    """Return the script with its placeholders, and the variables under which it does not start the venv itself."""
    template, variables = "", []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _MARK in node.value:
            template = node.value
        elif isinstance(node, ast.Assign) and _is_name(node.targets[0]):
            variables = ast.literal_eval(node.value)
    if not template or not all(re.fullmatch("[A-Z_]+", name) for name in variables) or not variables:
        raise _another(where)
    return template, variables


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == _SLOW_PATH_VARIABLES


def _another(where: str) -> ToolError:
    return ToolError.one(
        "this pex has another /bin/sh head than is known", where=f"{where}: {_MODULE}", fix="leave out sh_boot"
    )
