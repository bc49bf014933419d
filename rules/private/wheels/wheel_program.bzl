"""python_env_wheel_program: a native program that a wheel carries in its scripts."""

load("//rules/private/base:run_tool.bzl", "TOOL_TOOLCHAINS", "run_tool")
load("//rules/private/base:wheel_info.bzl", "PyEnvWheelInfo")

def _python_env_wheel_program_impl(ctx):
    wheel = ctx.attr.wheel[PyEnvWheelInfo].file
    program = ctx.actions.declare_file(ctx.label.name)
    args = ctx.actions.args()
    args.add("--wheel", wheel)
    args.add("--program", ctx.label.name)
    args.add("--output", program)
    run_tool(
        ctx,
        command = ["wheels", "program"],
        arguments = args,
        inputs = depset([wheel]),
        outputs = [program],
        mnemonic = "PyEnvWheelProgram",
        progress_message = "Taking %s out of its wheel" % ctx.label,
    )
    return [DefaultInfo(executable = program, files = depset([program]))]

python_env_wheel_program = rule(
    implementation = _python_env_wheel_program_impl,
    doc = "The program of the target's name, taken out of `*.data/scripts` of a wheel.",
    attrs = {
        "wheel": attr.label(doc = "The wheel.", providers = [PyEnvWheelInfo], mandatory = True),
    },
    executable = True,
    toolchains = TOOL_TOOLCHAINS,
)
