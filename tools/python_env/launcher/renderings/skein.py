"""A Skein application: the artifact's Python in a YARN container, without Spark (skein: docs/specification)."""

from __future__ import annotations

from python_env.artifacts.model import Container, Report
from python_env.launcher.pex import drops_pythonpath, pex_variables
from python_env.launcher.renderings.text import Tree, joined, yaml_lines
from python_env.launcher.rules import ALIAS, CODE_ALIAS, CODE_URI, FILE, URI, container_python

COMMAND = "{command}"
"""Arguments of the interpreter: `-m package.module words`, a shell's words."""


def runs_in_skein(artifact: Report) -> bool:
    """Return whether a container can start the artifact: it is for Linux, and a file."""
    return "linux" in artifact.platform and artifact.container is not Container.DIR


def specification(artifact: Report, *, split: bool = False) -> dict[str, Tree]:
    """Return the application's specification as a tree: one master, whose script ends the application."""
    files, env = shipped(artifact, split=split)
    master: dict[str, Tree] = {
        "resources": {"memory": "1 GiB", "vcores": 1},
        "files": files,
        "env": env,
        "script": f"{container_python(artifact)} {COMMAND}",
    }
    return {"name": artifact.name, "queue": "default", "master": master}


def shipped(artifact: Report, *, split: bool) -> tuple[dict[str, Tree], dict[str, Tree]]:
    """Return a container's files and variables."""
    packed = artifact.container is not Container.FILE
    source: dict[str, Tree] = {"source": URI, "type": "archive" if packed else "file"}
    files: dict[str, Tree] = {ALIAS if packed else FILE: source}
    env: dict[str, Tree] = {name: value for name, value, _ in pex_variables(artifact)}
    if split:
        files[CODE_ALIAS] = {"source": CODE_URI, "type": "archive"}
        env["PEX_EXTRA_SYS_PATH" if drops_pythonpath(artifact) else "PYTHONPATH"] = f"./{CODE_ALIAS}"
    return files, env


def render_skein(artifact: Report, *, split: bool = False) -> str:
    """Return the YAML for `skein application submit`."""
    return joined([f"# {artifact.kind}: skein application submit", *yaml_lines(specification(artifact, split=split))])
