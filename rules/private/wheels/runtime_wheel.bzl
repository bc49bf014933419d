"""python_env_runtime_wheel: what users import of these rules, as a wheel."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool")

def _python_env_runtime_wheel_impl(ctx):
    wheel = ctx.actions.declare_file("python_env_runtime-%s-py3-none-any.whl" % ctx.attr.version)
    args = ctx.actions.args()
    args.add("--version", ctx.attr.version)
    args.add("--output", wheel)
    args.add_all(ctx.files.srcs)
    run_tool(
        ctx,
        command = ["wheels", "runtime"],
        arguments = args,
        inputs = depset(ctx.files.srcs),
        outputs = [wheel],
        mnemonic = "PyEnvRuntimeWheel",
        progress_message = "Writing the wheel %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([wheel]))]

python_env_runtime_wheel = rule(
    implementation = _python_env_runtime_wheel_impl,
    doc = "A wheel of modules of the package python_env that need nothing but the standard library.",
    attrs = {
        "srcs": attr.label_list(doc = "The modules.", allow_files = [".py"], mandatory = True),
        "version": attr.string(doc = "Version of the wheel.", mandatory = True),
    },
    toolchains = TOOL_TOOLCHAINS,
)
