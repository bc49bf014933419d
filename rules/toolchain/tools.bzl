"""python_env_tools: the Python tools for a toolchain of type //rules/toolchain:tools_type."""

load("//rules/private/base:platform_transitions.bzl", "TRANSITION_ATTRS", "no_platform_transition")
load(":tools_info.bzl", "PyEnvToolsInfo", "make_tools_info")

def _python_env_tools_impl(ctx):
    info = make_tools_info(
        entry = ctx.file.entry,
        files = depset(transitive = [target[DefaultInfo].files for target in ctx.attr.srcs]),
    )
    return [info, platform_common.ToolchainInfo(tools = info)]

python_env_tools = rule(
    implementation = _python_env_tools_impl,
    cfg = no_platform_transition,
    doc = "Declares the tools that the actions run; wrap it in `toolchain(toolchain_type = tools_type)`.",
    attrs = dict({
        "entry": attr.label(
            doc = "The script that starts a tool: `run.py [--path WHEEL]... STAGE COMMAND ARGS`.",
            allow_single_file = [".py"],
            mandatory = True,
        ),
        "srcs": attr.label_list(
            doc = "The tools' sources, and the files that they copy into artifacts.",
            allow_files = True,
            mandatory = True,
        ),
    }, **TRANSITION_ATTRS),
    provides = [PyEnvToolsInfo],
)
