"""Workspaces of generated environments that share most of their wheels."""

from __future__ import annotations

import shutil
from pathlib import Path

from paths import ROOT

from support.generated_locks import SIX_TAGS, make_lock, write_env

OWN = 10
"""Wheels of each environment that no other one has; all others are shared by all environments."""

_BUILD = """\
load("@rules_python_env//rules:defs.bzl", "python_env")

python_env(
    name = "training",
    lock = "training.lock.json",
    lock_repo = "@{name}_lock",
    platforms = [
{tags}    ],
    requirements = ["requirements.in"],
)
"""

_MODULE = """\
module(name = "generated")
bazel_dep(name = "rules_python_env", version = "0.1.0")
local_path_override(module_name = "rules_python_env", path = "{rules}")
register_toolchains("@rules_python_env//rules/toolchain:host_interpreter_toolchain")
python_env = use_extension("@rules_python_env//rules:extensions.bzl", "python_env")
"""

_LOCK = (
    'python_env.lock(name = "{name}_lock", lock = "//{name}:training.lock.json")\nuse_repo(python_env, "{name}_lock")\n'
)


def make_workspace(folder: Path, *, environments: int, packages: int, every_tag: bool = False) -> None:
    """Write a workspace with environments `env00`, `env01`, ... of that many packages on six tags.

    Its wheels lie in `wheels`: those of the machine's own tag, of `every_tag` if asked.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    (folder / "WORKSPACE.bzlmod").touch()
    shutil.copyfile(ROOT / "examples/consumer/BUILD", folder / "BUILD")
    module = _MODULE.format(rules=ROOT)
    tags = "".join(f'        "{tag}",\n' for tag in SIX_TAGS)
    made = SIX_TAGS if every_tag else SIX_TAGS[:1]
    for number in range(environments):
        name, shared = f"env{number:02d}", packages - OWN
        own = range(shared + number * OWN, shared + (number + 1) * OWN)
        source = f"{name}/requirements.in"
        lock = make_lock([*range(shared), *own], folder / "wheels", tags=SIX_TAGS, made=made, source=source)
        write_env(folder / name, lock, _BUILD.format(name=name, tags=tags))
        module += _LOCK.format(name=name)
    (folder / "MODULE.bazel").write_text(module)
