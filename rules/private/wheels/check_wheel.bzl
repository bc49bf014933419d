"""The action that reads a whole wheel, once for all artifacts."""

load("//rules/private/base:run_tool.bzl", "run_tool")

def check_wheel(ctx, wheel):
    """Registers the action.

    Args:
      ctx: context of a rule with TOOL_TOOLCHAINS.
      wheel: File.

    Returns:
      File, the document that says what was checked.
    """
    check = ctx.actions.declare_file(ctx.label.name + ".checks/" + wheel.basename + ".check.json")
    args = ctx.actions.args()
    args.add("--wheel", wheel)
    args.add("--output", check)
    run_tool(
        ctx,
        command = ["wheels", "check"],
        arguments = args,
        inputs = depset([wheel]),
        outputs = [check],
        mnemonic = "PyEnvWheelCheck",
        progress_message = "Checking %s" % wheel.basename,
    )
    return check
