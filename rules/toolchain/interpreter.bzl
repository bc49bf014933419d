"""python_env_interpreter: an execution interpreter for a toolchain of type //rules/toolchain:exec_type."""

load(":interpreter_info.bzl", "PyEnvInterpreterInfo", "make_interpreter_info")

def _python_env_interpreter_impl(ctx):
    info = make_interpreter_info(
        executable = ctx.file.executable,
        development = depset(ctx.files.development),
        files = depset(transitive = [target[DefaultInfo].files for target in ctx.attr.files]),
    )
    return [info, platform_common.ToolchainInfo(interpreter = info)]

python_env_interpreter = rule(
    implementation = _python_env_interpreter_impl,
    doc = "Declares a CPython >= 3.11 that runs the tools; wrap it in `toolchain(toolchain_type = exec_type)`.",
    attrs = {
        "development": attr.label_list(
            doc = "What only the builds of sources need, too: the interpreter's headers.",
            allow_files = True,
        ),
        "executable": attr.label(
            doc = "The interpreter, or a script that runs one with its arguments.",
            allow_single_file = True,
            mandatory = True,
        ),
        "files": attr.label_list(
            doc = "What the interpreter needs beside it: its standard library and shared libraries.",
            allow_files = True,
        ),
    },
    provides = [PyEnvInterpreterInfo],
)
