"""The resolvers' programs and wheels: the same for `.update` and `.resolver_test`."""

load("//rules/private/base:tool_wheels.bzl", "CONSOLE_WHEELS", "tool_wheels")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")

RESOLVER_ATTRS = {
    # what the pip-tools adapter's child imports
    "_pip_tools": attr.label_list(
        default = tool_wheels(["click", "pip", "pip-tools"]),
        cfg = "exec",
        providers = [PyEnvWheelInfo],
    ),
    "_uv": attr.label(
        default = "//tools:uv",
        cfg = "exec",
        allow_single_file = True,
    ),
    "_wheels": attr.label_list(
        default = tool_wheels(CONSOLE_WHEELS + ["click", "packaging", "pyproject-hooks"]),
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
