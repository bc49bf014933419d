"""The actions that compile: one for each wheel, so that a changed wheel costs itself only."""

load("//rules/private/base:run_tool.bzl", "run_tool")

def _compile(ctx, source, option, platform):
    output = ctx.actions.declare_file("%s.compiled/%s.zip" % (ctx.label.name, source.basename))
    args = ctx.actions.args()
    args.add("--platform", platform)
    args.add(option, source)
    args.add("--output", output)
    run_tool(
        ctx,
        command = ["artifacts", "compile"],
        arguments = args,
        inputs = depset([source]),
        outputs = [output],
        mnemonic = "PyEnvCompile",
        progress_message = "Compiling %s for %s" % (source.basename, platform),
    )
    return output

def compile_args(ctx, env, interpreter):
    """Registers the actions.

    Args:
      ctx: context of a rule with SELECTION_ATTRS and TOOL_TOOLCHAINS.
      env: PyEnvInfo.
      interpreter: PyEnvBundledInterpreterInfo, or None.

    Returns:
      Pair of the options that the venv's tool takes, and of the files that they name.
    """

    # an action for each wheel needs the list; it is made for those only who ask for compiled files
    wheels = [_compile(ctx, wheel, "--wheel", env.platform) for wheel in env.wheels.to_list() + ctx.files.additional]
    options = ["--compile"]
    for wheel in wheels:
        options += ["--compiled", wheel]
    if not interpreter:
        return options, wheels
    parts = _compile(ctx, interpreter.parts, "--interpreter", env.platform)
    return options + ["--compiled-interpreter", parts], wheels + [parts]
