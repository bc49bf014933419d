"""release: the rules as one archive, with the lines of MODULE.bazel and WORKSPACE that pin it."""

load("//rules/private/base:param_file.bzl", "param_file_args")  # buildifier: disable=bzl-visibility
load("//rules/private/base:paths.bzl", "path_in_repository")  # buildifier: disable=bzl-visibility
load("//rules/private/base:run_tool.bzl", "EXEC_TYPE", "TOOLS_TYPE", "TOOL_ENV", "TOOL_FLAGS", "TOOL_TOOLCHAINS")  # buildifier: disable=bzl-visibility

def _arguments(ctx, outputs):
    args = param_file_args(ctx)
    args.add("--version", ctx.attr.version)
    args.add("--module", ctx.file.module)
    args.add("--workspace", ctx.file.workspace)
    for file in ctx.files.srcs:
        args.add(path_in_repository(file), format = "--file=%s")
        args.add(file, format = "--file-path=%s")
    args.add("--output", outputs[0])
    args.add("--module-snippet", outputs[1])
    args.add("--workspace-snippet", outputs[2])
    return args

def _release_impl(ctx):
    stem = "rules_python_env-" + ctx.attr.version
    outputs = [ctx.actions.declare_file(stem + suffix) for suffix in [".tar.gz", ".MODULE.bazel", ".WORKSPACE"]]
    interpreter = ctx.toolchains[EXEC_TYPE].interpreter
    tools = ctx.toolchains[TOOLS_TYPE].tools
    start = ctx.actions.args()
    start.add_all(TOOL_FLAGS + [ctx.file._program, tools.entry])
    ctx.actions.run(
        executable = interpreter.executable,
        arguments = [start, _arguments(ctx, outputs)],
        inputs = depset(
            ctx.files.srcs + [ctx.file.module, ctx.file.workspace, ctx.file._program],
            # the program is started by no entry of the tools, which would put the compiled library on its path
            transitive = [tools.files, interpreter.whole],
        ),
        outputs = outputs,
        mnemonic = "PyEnvRelease",
        progress_message = "Archiving the rules, version " + ctx.attr.version,
        env = TOOL_ENV,
        execution_requirements = {"supports-path-mapping": "1"},
    )
    return [DefaultInfo(files = depset(outputs))]

release = rule(
    implementation = _release_impl,
    doc = """The archive of the rules, and what pins it.

    rules_python_env-<version>.tar.gz           every file below rules_python_env-<version>/
    rules_python_env-<version>.MODULE.bazel     bazel_dep and archive_override, with digest and prefix
    rules_python_env-<version>.WORKSPACE        http_archive, with digest and prefix
""",
    attrs = {
        "module": attr.label(doc = "MODULE.bazel; what follows the mark of its own environments is cut.", allow_single_file = True, mandatory = True),
        "srcs": attr.label_list(doc = "The files that it holds, under their own paths.", allow_files = True, mandatory = True),
        "version": attr.string(doc = "The version that MODULE.bazel states.", mandatory = True),
        "workspace": attr.label(doc = "WORKSPACE; cut likewise.", allow_single_file = True, mandatory = True),
        "_program": attr.label(default = ":write_release.py", allow_single_file = True),
    },
    toolchains = TOOL_TOOLCHAINS,
)
