"""python_env_interpreter: an execution interpreter for a toolchain of type //rules/toolchain:exec_type."""

load("//rules/private/base:platform_transitions.bzl", "TRANSITION_ATTRS", "no_platform_transition")
load(":interpreter_info.bzl", "PyEnvInterpreterInfo", "make_interpreter_info")

def _python_env_interpreter_impl(ctx):
    info = make_interpreter_info(
        executable = ctx.file.executable,
        files = depset(transitive = [target[DefaultInfo].files for target in ctx.attr.files]),
    )
    return [info, platform_common.ToolchainInfo(interpreter = info)]

python_env_interpreter = rule(
    implementation = _python_env_interpreter_impl,
    cfg = no_platform_transition,
    doc = "Declares a CPython >= 3.11 that runs the tools; wrap it in `toolchain(toolchain_type = exec_type)`.",
    attrs = dict({
        "executable": attr.label(
            doc = "The interpreter, or a script that runs one with its arguments.",
            allow_single_file = True,
            mandatory = True,
        ),
        "files": attr.label_list(
            doc = "What the interpreter needs beside it: its standard library and shared libraries.",
            allow_files = True,
        ),
    }, **TRANSITION_ATTRS),
    provides = [PyEnvInterpreterInfo],
)
