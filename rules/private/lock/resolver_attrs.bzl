"""The resolvers' programs and wheels: the same for `.update` and `.resolver_test`."""

load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")

_TOOLS_EXEC = "@python_env_tools_lock//exec:"

RESOLVER_ATTRS = {
    # what the pip-tools adapter's child imports
    "_pip_tools": attr.label_list(
        default = [_TOOLS_EXEC + name for name in ["click", "pip", "pip-tools"]],
        cfg = "exec",
        providers = [PyEnvWheelInfo],
    ),
    "_uv": attr.label(
        default = "//tools:uv",
        cfg = "exec",
        allow_single_file = True,
    ),
    "_wheels": attr.label_list(
        default = [_TOOLS_EXEC + name for name in ["click", "markdown-it-py", "mdurl", "packaging", "pygments", "pyproject-hooks", "rich"]],
        cfg = "exec",
        providers = [PyEnvWheelInfo],
    ),
}

def _pip_tools_files(ctx):
    return [wheel[PyEnvWheelInfo].file for wheel in ctx.attr._pip_tools]

def resolver_files(ctx):
    """Returns every File that `resolver_words` names."""
    return [ctx.file._uv] + _pip_tools_files(ctx)

def resolver_words(ctx):
    """Makes the tool's arguments that say where the resolvers are.

    Args:
      ctx: context of a rule with RESOLVER_ATTRS.

    Returns:
      A list of words.
    """
    words = ["--uv", ctx.file._uv.short_path]
    for file in _pip_tools_files(ctx):
        words += ["--pip-tools-wheel", file.short_path]
    return words
