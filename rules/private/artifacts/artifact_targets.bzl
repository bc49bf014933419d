"""The artifacts of an environment: what single file ships it?"""

load(":pex.bzl", "python_env_pex")
load(":venv.bzl", "python_env_venv")

def artifact_targets(name, content, pex, venv, tags, visibility):
    """Declares `:<name>_pex` and `:<name>_venv`.

    Args:
      name: the environment's name.
      content: dict of what every artifact carries beside the closure.
      pex: dict of the PEX's own attributes.
      venv: dict of the venv's own attributes.
      tags: tags of all targets.
      visibility: visibility of all targets.

    Returns:
      The labels of the artifacts that a cluster starts.
    """
    common = dict(content, env = ":" + name, tags = tags, visibility = visibility)
    python_env_pex(name = name + "_pex", **dict(common, **pex))
    python_env_venv(name = name + "_venv", **dict(common, **venv))
    return [":" + name + "_pex", ":" + name + "_venv"]
