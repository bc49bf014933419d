"""The artifacts of an environment: what single file ships it?"""

load(":code.bzl", "python_env_code")
load(":pex.bzl", "python_env_pex")
load(":selection.bzl", "additional_of")
load(":venv.bzl", "python_env_venv")
load(":wheelhouse.bzl", "python_env_wheelhouse")

def artifact_targets(name, content, pex, venv, wheelhouse, split, tags, visibility):
    """Declares `:<name>_pex`, `:<name>_venv` and `:<name>_wheelhouse`; with `split` also `:<name>_code`.

    Args:
      name: the environment's name.
      content: dict of what every artifact carries beside the closure.
      pex: dict of the PEX's own attributes.
      venv: dict of the venv's own attributes.
      wheelhouse: dict of the wheelhouse's own attributes.
      split: whether first-party files make an archive of their own.
      tags: tags of all targets.
      visibility: visibility of all targets.

    Returns:
      The labels of the artifacts that a cluster starts.
    """
    common = dict(content, env = ":" + name, tags = tags, visibility = visibility)
    code = []
    if split:
        sources = {key: common.pop(key) for key in ["src_root", "srcs"]}
        python_env_code(
            name = name + "_code",
            additional = additional_of(pex, venv),
            env = ":" + name,
            tags = tags,
            visibility = visibility,
            **sources
        )
        code = [":" + name + "_code"]
    python_env_pex(name = name + "_pex", code_apart = split, **dict(common, **pex))
    python_env_venv(name = name + "_venv", **dict(common, **venv))

    # one target that fetches every platform's wheels: not for those who build everything
    python_env_wheelhouse(name = name + "_wheelhouse", env = ":" + name, tags = tags + ["manual"], visibility = visibility, **wheelhouse)
    return [":" + name + "_pex", ":" + name + "_venv"] + code
