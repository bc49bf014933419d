"""python_env_interpreter: an execution interpreter for a toolchain of type //rules/toolchain:exec_type."""

load("//rules/private/base:param_file.bzl", "param_file_args")
load("//rules/private/base:platform_transitions.bzl", "TRANSITION_ATTRS", "no_platform_transition")
load("//rules/private/base:run_tool.bzl", "TOOLS_TYPE", "run_tool")
load(":interpreter_info.bzl", "PyEnvInterpreterInfo", "make_interpreter_info")

def _compile_library(ctx, whole):
    """Registers the action that makes one zip of the library's sources, compiled: imports are then five times as fast, and inputs few."""
    modules = ctx.actions.declare_file(ctx.label.name + ".library.zip")
    args = param_file_args(ctx)
    args.add("--root", ctx.attr.library_root)
    args.add_all(ctx.files.library, before_each = "--file")
    args.add("--output", modules)
    run_tool(
        ctx,
        command = ["artifacts", "library"],
        arguments = args,
        inputs = depset(),
        outputs = [modules],
        mnemonic = "PyEnvLibrary",
        progress_message = "Compiling the library of %s" % ctx.label,
        interpreter = make_interpreter_info(executable = ctx.file.executable, files = whole, modules = None, whole = whole),
    )
    return modules

def _python_env_interpreter_impl(ctx):
    whole = depset(ctx.files.files + ctx.files.library + ctx.files.development)
    info = make_interpreter_info(
        executable = ctx.file.executable,
        files = depset(ctx.files.files),
        modules = _compile_library(ctx, whole) if ctx.files.library else None,
        whole = whole,
    )
    return [info, platform_common.ToolchainInfo(interpreter = info)]

python_env_interpreter = rule(
    implementation = _python_env_interpreter_impl,
    cfg = no_platform_transition,
    doc = "Declares a CPython >= 3.11 that runs the tools; wrap it in `toolchain(toolchain_type = exec_type)`.",
    attrs = dict({
        "development": attr.label_list(
            doc = "What only builds of sources need: the interpreter's headers.",
            allow_files = True,
        ),
        "executable": attr.label(
            doc = "The interpreter, or a script that runs one with its arguments.",
            allow_single_file = True,
            mandatory = True,
        ),
        "files": attr.label_list(
            doc = "What the interpreter needs beside it: shared libraries, and its standard library where `library` does not name it.",
            allow_files = True,
        ),
        "library": attr.label_list(
            doc = "The standard library. It is compiled into one zip, once, which the actions take in its place; " +
                  "`files` then has what the interpreter needs before it can read a zip: `os.py`, `encodings/`, `lib-dynload/`.",
            allow_files = True,
        ),
        "library_root": attr.string(doc = "End of the path of the folder that holds `library`, e.g. `lib/python3.11`."),
    }, **TRANSITION_ATTRS),
    provides = [PyEnvInterpreterInfo],
    toolchains = [TOOLS_TYPE],
)
