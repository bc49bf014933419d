"""cluster-pack's applications of Skein, with the results of its release 0.3.17; standard library only.

    from python_env.compat import skein as yarn_launcher
    yarn_launcher.submit(skein.Client(), "package.module", ["word"], package_path="hdfs:///envs/training-1f3a.pex")

Three differences: an archive is named, never packed and uploaded on the way; a function is not submitted, since its
container would have to import cluster-pack; an environment of ours has no editable packages: their index is empty.
"""

from __future__ import annotations

import getpass
import os
import tempfile
from pathlib import Path
from typing import Any, Mapping, NamedTuple, Sequence

from python_env.compat.cluster_pack import PythonEnvDescription, get_pyenv_usage_from_archive

EDITABLE_PACKAGES_INDEX = "editable_packages_index"

_SCRIPT = """
                export PEX_ROOT="./.pex"
                export PYTHONPATH="."
                echo "running {command}" ..
                {command}
              """
_ENV = {"SKEIN_CONFIG": "./.skein", "GIT_PYTHON_REFRESH": "quiet"}


class SkeinConfig(NamedTuple):
    """What a service of Skein needs to run a module; cluster-pack's own fields."""

    script: str
    files: dict[str, str]
    env: dict[str, str]


def build(
    module_name: str,
    args: Sequence[str] = (),
    package_path: str = "",
    additional_files: Sequence[str] | None = None,
    tmp_dir: str = "",
) -> SkeinConfig:
    """Return script, files and variables that run a module, or a file that ends in `.py`, by an archive's Python.

    `tmp_dir` keeps the empty index of editable packages until the application is submitted. Raises ValueError without
    `package_path`, and for an archive that is neither `.pex` nor `.pex.zip`.
    """
    if not package_path:
        raise ValueError("package_path is not given: name the deployed archive")
    usage = get_pyenv_usage_from_archive(package_path)
    files = {usage.dest_path: usage.path_to_archive}
    files.update({os.path.basename(path): path for path in additional_files or ()})  # noqa: PTH119  also of URIs
    index = Path(tmp_dir or tempfile.mkdtemp(), EDITABLE_PACKAGES_INDEX)
    index.write_bytes(b"")
    files[EDITABLE_PACKAGES_INDEX] = str(index)
    return SkeinConfig(_SCRIPT.format(command=_command(usage, module_name, args)), files, dict(_ENV))


def _command(usage: PythonEnvDescription, module_name: str, args: Sequence[str]) -> str:
    """Return cluster-pack's command line, its double and trailing spaces among it."""
    option = "" if module_name.endswith(".py") else "-m"
    return f"{usage.interpreter_cmd} {option} {module_name} {' '.join(args)}"


def specification(
    config: SkeinConfig,
    *,
    name: str = "skein_launcher",
    num_cores: int = 1,
    memory: str = "1 GiB",
    hadoop_file_systems: Sequence[str] | None = None,
    queue: str | None = None,
    env_vars: Mapping[str, str] | None = None,
    node_label: str | None = None,
    num_containers: int = 1,
    user: str | None = None,
    pre_script_hook: str | None = None,
    max_attempts: int = 1,
    max_restarts: int = 0,
) -> dict[str, Any]:
    """Return the specification, as `skein.Client.submit` and `skein.ApplicationSpec.from_dict` take it."""
    ticket = _ticket()
    service: dict[str, Any] = {
        "resources": {"memory": memory, "vcores": num_cores},
        "instances": num_containers,
        "files": {**config.files, **({os.path.basename(ticket): ticket} if ticket else {})},  # noqa: PTH119
        "env": {**(env_vars or {}), **config.env},
        "script": f"{pre_script_hook or ''}\n                   {config.script}",
        "max_restarts": max_restarts,
    }
    if ticket:
        service["env"]["KRB5CCNAME"] = f"FILE:{os.path.basename(ticket)}"  # noqa: PTH119
    if node_label:
        service["node_label"] = node_label
    application: dict[str, Any] = {
        "name": name,
        "file_systems": list(hadoop_file_systems or ()),
        "services": {name: service},
        "acls": {"enable": True, "ui_users": ["*"], "view_users": ["*"]},
        "max_attempts": max_attempts,
    }
    if user and user != getpass.getuser():
        application["user"] = user
    return {**application, "queue": queue} if queue else application


def _ticket() -> str:
    """Return the path of the Kerberos ticket cache, which the container needs for HDFS; empty for none."""
    named = os.environ.get("KRB5CCNAME")
    if named is not None:
        return named[len("FILE:") :] if named.startswith("FILE:") else named
    default = f"/tmp/krb5cc_{os.getuid()}"
    return default if Path(default).exists() else ""


def submit(
    skein_client: Any,
    module_name: str,
    args: Sequence[str] | None = None,
    *,
    package_path: str = "",
    additional_files: Sequence[str] | None = None,
    **options: Any,
) -> str:
    """Submit a module by an archive's Python and return its application; `options` are those of `specification`."""
    with tempfile.TemporaryDirectory() as folder:  # until the client has uploaded what lies there
        config = build(module_name, args or (), package_path, additional_files, folder)
        application: str = skein_client.submit(specification(config, **options))
    return application
