"""A Skein application: the artifact's Python in a YARN container, without Spark (skein: docs/specification)."""

from __future__ import annotations

from collections.abc import Iterator

from python_env.artifacts.model import Container, Report
from python_env.launcher.manifest.model import ALIAS, CODE_ALIAS, CODE_URI, FILE, URI
from python_env.launcher.model import Setting
from python_env.launcher.pex import drops_pythonpath, pex_variables
from python_env.launcher.renderings.text import Tree, joined, yaml_lines
from python_env.launcher.rules import container_python

_PAGE = "skein: docs/specification"

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


def skein_settings(artifact: Report, *, split: bool) -> Iterator[Setting]:
    """Yield a container's files, by `files.<name>`, and variables, by `env.<name>`, each with its reason."""
    packed = artifact.container is not Container.FILE
    why = "unpacked below this name" if packed else "the PEX keeps its name"
    name = ALIAS if packed else FILE
    yield Setting(key=f"files.{name}", value=URI, reason=f"{why} in the container's working directory", page=_PAGE)
    for name, value, reason in pex_variables(artifact):
        yield Setting(key=f"env.{name}", value=value, reason=reason, page=_PAGE)
    if split:
        why = "the code, unpacked below this name in the container's working directory"
        yield Setting(key=f"files.{CODE_ALIAS}", value=CODE_URI, reason=why, page=_PAGE)
        path = "PEX_EXTRA_SYS_PATH" if drops_pythonpath(artifact) else "PYTHONPATH"
        yield Setting(key=f"env.{path}", value=f"./{CODE_ALIAS}", reason="puts the code on sys.path", page=_PAGE)


def shipped(artifact: Report, *, split: bool) -> tuple[dict[str, Tree], dict[str, Tree]]:
    """Return a container's files and variables."""
    files: dict[str, Tree] = {}
    env: dict[str, Tree] = {}
    for setting in skein_settings(artifact, split=split):
        part, _, name = setting.key.partition(".")
        if part == "env":
            env[name] = setting.value
        else:
            files[name] = {"source": setting.value, "type": "file" if name == FILE else "archive"}
    return files, env


def render_skein(artifact: Report, *, split: bool = False) -> str:
    """Return the YAML for `skein application submit`."""
    return joined([f"# {artifact.kind}: skein application submit", *yaml_lines(specification(artifact, split=split))])
